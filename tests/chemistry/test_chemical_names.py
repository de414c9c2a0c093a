"""What a compound is follows from the words of its name, not from letters inside them."""

import pytest

from faradaic.chemistry.chemical_names import groups_named


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("methyl pyrrolidine-1-carboxylate", "carbamate"),
        ("ethylene glycol", "alcohol"),
        ("polyethylene glycol", "alcohol"),
        ("ethylene", "alkene"),
        ("N-benzylideneaniline", "imine"),
        ("5-hydroxymethylfurfural", "aryl_aldehyde"),
        ("methyl piperidine-1-carboxylate", "carbamate"),
        ("tert-butyl 3,4-dihydroisoquinoline-2(1H)-carboxylate", "carbamate"),
        ("tert-butyl 8-azabicyclo[3.2.1]octane-8-carboxylate", "carbamate"),
        ("N-methoxycarbonylpyrrolidine", "carbamate"),
        ("N-Boc-piperidine", "carbamate"),
        ("ethyl phenylcarbamate", "carbamate"),
        ("ethyl piperidine-4-carboxylate", "ester"),
        ("methyl benzoate", "aryl_ester"),
        ("sodium acetate", "carboxylate"),
        ("tetrabutylammonium octanoate", "carboxylate"),
        ("octanoic_acid", "carboxylate"),
        ("cyclohexanecarboxylic acid", "carboxylate"),
        ("phenylacetic acid carboxylate", "carboxylate"),
        ("dimethyl oxalate", "oxalate"),
        ("4-methylbenzenesulfonohydrazide", "hydrazide"),
        ("sodium 4-methylbenzenesulfinate", "sulfinate"),
        ("2-(methylthio)benzenediazonium tetrafluoroborate", "diazonium"),
        ("3,4-dihydro-2H-pyran", "enol_ether"),
        ("2-methyltetrahydrofuran", "ether"),
        ("1-bromo-4-methoxybenzene", "aryl_bromide"),
        ("1-bromooctane", "alkyl_bromide"),
        ("benzyl chloride", "benzyl_chloride"),
        ("benzoyl chloride", "acyl_halide"),
        ("cyclohex-2-enone", "activated_alkene"),
        ("pentan-2-one", "ketone"),
        ("butyrophenone", "aryl_ketone"),
        ("hexan-1-ol", "alcohol"),
        ("hex-1-ene", "alkene"),
        ("oct-4-yne", "alkyne"),
        ("methyl hydrogen hexanedioate", "carboxylate"),
        ("monomethyl adipate", "carboxylate"),
        ("monomethyl adipate", "ester"),
        ("N-Boc-L-proline", "carboxylate"),
        ("N-acetylglycine", "carboxylate"),
        ("2-oxazolidinone", "carbamate"),
        ("4-methoxybenzyl acetate", "aryl_ether"),
        ("4-bromoanisole", "aryl_ether"),
        ("4-bromoanisole", "aryl_bromide"),
        ("3,4-dimethoxybenzaldehyde", "dialkoxyarene"),
        ("diethyl fumarate", "activated_alkene"),
        ("4-thioanisole", "aryl_thioether"),
        ("4-acetamido-TEMPO", "ACT"),
        ("NaBr", "bromide"),
        ("tetrabutylammonium iodide", "iodide"),
        ("zinc sulfate", "zinc ion"),
        ("CuSO4", "copper ion"),
        ("CuBr2", "bromide"),
        ("CuBr2", "copper ion"),
    ],
)
def test_a_name_says_what_a_compound_is(name: str, group: str) -> None:
    assert group in groups_named(name)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("methyl pyrrolidine-1-carboxylate", "carboxylate"),
        ("ethylene glycol", "alkene"),
        ("ethylene carbonate", "alkene"),
        ("acetone oxime", "ketone"),
        ("benzaldehyde dimethyl acetal", "aryl_aldehyde"),
        ("N-benzylideneaniline", "aniline"),
        ("methyl benzoate", "carboxylate"),
        ("L-proline methyl ester", "carboxylate"),
        ("dimethyl adipate", "carboxylate"),
        ("2-methyltetrahydrofuran", "furan"),
        ("nitrosobenzene", "nitroarene"),
        ("thioanisole", "aryl_ether"),
        ("thiophenol", "phenol"),
        ("benzyl bromide", "bromide"),
        ("toluenesulfonic acid", "carboxylate"),
        ("sodium tosylate", "carboxylate"),
        ("trimethylsilyl chloride", "alkyl_chloride"),
        ("benzene", "alkene"),
        ("thiophene", "alkene"),
        ("acetophenone", "activated_alkene"),
    ],
)
def test_letters_inside_a_word_say_nothing(name: str, group: str) -> None:
    assert group not in groups_named(name)


NOTHING = """thianthrene|nitrogen|lithium perchlorate|brew|compound 4a|acid|substrate|intermediate|
ethyl chloroformate|potassium carbonate|ascorbic acid|phosphoric acid|sodium borate|product|
starting material|hydrate"""


@pytest.mark.parametrize("name", NOTHING.replace("\n", "").split("|"))
def test_what_the_table_does_not_know_is_nothing(name: str) -> None:
    assert groups_named(name) == frozenset()
