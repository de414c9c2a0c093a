"""A name means the same in British and American spelling, in one word or two, one or many."""

import pytest

from faradaic.chemistry.acids import family_named
from faradaic.chemistry.chemical_names import groups_named
from faradaic.chemistry.salts import salt_named
from faradaic.chemistry.solvents import solvent_named
from faradaic.chemistry.spelling import as_spelt

COMPOUNDS = """
benzylidenemalononitrile|benzylidene malononitrile
benzylidenemalononitrile|benzylidene-malononitrile
diphenylamine|diphenyl amine
triphenylamine|triphenyl amine
triethylamine|triethyl amine
diisopropylethylamine|diisopropyl ethyl amine
thioanisole|thio anisole
dibenzothiophene|dibenzo thiophene
benzothiophene|benzo[b]thiophene
benzothiophene|benzo thiophene
acrylonitrile|acrylo nitrile
methyl phenyl sulfide|methyl phenyl sulphide
diphenyl sulfide|diphenyl sulphide
p-toluenesulfonohydrazide|p-toluenesulphonohydrazide
sulfonamide|sulphonamide
thioether|thio-ether
thioether|thioethers
sulfide|sulfides
sulfide|sulphides
alkene|alkenes
olefin|olefins
amine|amines
aldehyde|aldehydes
benzaldehyde|benzaldehydes
styrene|styrenes
arene|arenes
aryl bromide|aryl bromides
benzyl chloride|benzyl chlorides
bromobenzene|bromo benzene
4-bromoanisole|4-bromo anisole
4-bromoanisole|4-bromo-anisole
nitroarene|nitro-arene
hydroquinone|hydro quinone
benzoquinone|benzo-quinone
ketone|ketones
acetophenone|aceto phenone
benzophenone|benzo phenone
carboxylic acid|carboxylic acids
phenylacetic acid|phenyl acetic acid
4-methoxybenzyl alcohol|4-methoxy benzyl alcohol
benzyl alcohol|benzylic alcohol
cyclohexanone|cyclohexan-one
stilbene|stilbenes
methyl cinnamate|methylcinnamate
ethyl acrylate|ethylacrylate
indole|indoles
thiophenol|thio phenol
thiol|thiols
phenol|phenols
aniline|anilines
dimethylaniline|dimethyl aniline
N,N-dimethylaniline|N,N-dimethyl aniline
tetrahydrofuran|tetrahydro furan
anthracene|anthracenes
alkyl iodide|alkyl iodides
sulfinate|sulphinate
sodium benzenesulfinate|sodium benzenesulphinate
thiocyanate|thio cyanate
ammonium thiocyanate|ammonium thio-cyanate
enamide|enamides
methyl vinyl ketone|methyl vinyl ketones
cinnamyl alcohol|cinnamyl alcohols
carbamate|carbamates
naphthalene|naphthalenes
disulfide|disulphide
diphenyl disulfide|diphenyl disulphides
"""
SALTS = """
Bu4NBF4|tetrabutylammonium tetrafluoroborate
Bu4NBF4|tetrabutyl ammonium tetrafluoroborate
Bu4NBF4|tetra-n-butylammonium tetrafluoroborate
Bu4NBF4|tetra-n-butyl-ammonium tetrafluoroborate
Bu4NBF4|tetra butyl ammonium tetrafluoro borate
Bu4NBF4|tetrabutylammonium tetrafluoborate
Bu4NBF4|n-Bu4NBF4
Bu4NBF4|nBu4N BF4
Bu4NBF4|TBABF4
Bu4NBF4|TBA-BF4
Bu4NBF4|TBA tetrafluoroborate
Bu4NBF4|(n-Bu)4NBF4
Bu4NBF4|[Bu4N][BF4]
Bu4NBF4|[Bu4N]BF4
Bu4NPF6|tetrabutylammonium hexafluorophosphate
Bu4NPF6|tetrabutylammonium hexafluoro phosphate
Bu4NPF6|TBAPF6
Bu4NPF6|TBAP F6
Bu4NClO4|tetrabutylammonium perchlorate
Et4NBF4|tetraethyl-ammonium tetrafluoro-borate
Et4NOTs|tetraethylammonium p-toluenesulfonate
Et4NOTs|tetraethylammonium p-toluenesulphonate
Et4NOTs|tetraethylammonium tosylate
Et4NOTs|tetraethylammonium para-toluene sulfonate
Na2SO4|sodium sulfate
Na2SO4|sodium sulphate
Na2SO4|sodium sulfate decahydrate
Cs2CO3|cesium carbonate
Cs2CO3|caesium carbonate
AlCl3|aluminum chloride
AlCl3|aluminium chloride
LiClO4|lithium perchlorate
LiClO4|lithium per-chlorate
LiClO4|Lithium Perchlorate trihydrate
KHCO3|potassium bicarbonate
KHCO3|potassium hydrogencarbonate
KHCO3|potassium hydrogen carbonate
KOH|potassium hydroxide
NaBr|sodium bromide
NH4Br|ammonium bromide
LiOTf|lithium triflate
LiOTf|lithium trifluoromethanesulfonate
LiOTf|lithium trifluoromethane sulphonate
NaOMe|sodium methoxide
NaOMe|sodium methylate
KOAc|potassium acetate
ZnSO4|zinc sulphate
CuSO4|copper(II) sulfate
CuSO4|copper sulphate pentahydrate
CuSO4|cupric sulfate
Bu4NI|tetrabutylammonium iodide
Bu4NOAc|tetrabutylammonium acetate
Me4NBF4|tetramethyl ammonium tetrafluoroborate
LiNTf2|lithium bis(trifluoromethanesulfonyl)imide
LiNTf2|lithium bis(trifluoromethylsulphonyl)imide
LiNTf2|LiTFSI
K2HPO4|dipotassium hydrogen phosphate
KH2PO4|potassium dihydrogen phosphate
"""
SOLVENTS = """
MeCN|acetonitrile;methyl cyanide;aceto nitrile;acetonitril;ACN;CH3CN
MeOH|methanol;methyl alcohol;methanols;CH3OH
EtOH|ethanol;ethyl alcohol;abs. ethanol;absolute ethanol
DMF|N,N-dimethylformamide;dimethyl formamide;N,N-dimethyl formamide;DMF
DMSO|dimethyl sulfoxide;dimethyl sulphoxide;dimethylsulfoxide;dimethylsulphoxide
DMA|N,N-dimethylacetamide;dimethyl acetamide;DMAc
THF|tetrahydrofuran;tetrahydro furan;tetra-hydrofuran
HFIP|hexafluoroisopropanol;1,1,1,3,3,3-hexafluoro-2-propanol;hexafluoro isopropanol
NMP|N-methyl-2-pyrrolidone;N-methylpyrrolidinone;N-methyl pyrrolidone
DCM|dichloromethane;methylene chloride;dichloro methane;CH2Cl2
acetone|propanone;acetone;dimethyl ketone
PC|propylene carbonate;propylene-carbonate
H2O|water;deionised water;deionized water;DI water;distilled water
EtOAc|ethyl acetate
AcOH|acetic acid;glacial acetic acid
TFE|trifluoroethanol;2,2,2-trifluoroethanol
MeNO2|nitromethane;nitro methane
DME|1,2-dimethoxyethane;dimethoxy ethane
tBuOH|tert-butanol;t-BuOH;tert-butyl alcohol
iPrOH|isopropanol;isopropyl alcohol;2-propanol;IPA;iso-propanol
"""


def lines(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip().splitlines()]


@pytest.mark.parametrize(("one", "other"), lines(COMPOUNDS))
def test_two_spellings_of_a_compound_are_one_group(one: str, other: str) -> None:
    assert groups_named(one)
    assert groups_named(other) == groups_named(one)


@pytest.mark.parametrize(("one", "other"), lines(SALTS))
def test_two_spellings_of_a_salt_are_one_salt(one: str, other: str) -> None:
    assert salt_named(one) is not None
    assert salt_named(other) == salt_named(one)


@pytest.mark.parametrize(("one", "others"), lines(SOLVENTS))
def test_spellings_and_grades_of_a_solvent_are_one_solvent(one: str, others: str) -> None:
    for other in others.split(";"):
        found = solvent_named(other)
        assert found is not None, other
        assert found is solvent_named(one), other


@pytest.mark.parametrize(
    ("name", "acid"),
    [
        ("sulphuric acid", "H2SO4"),
        ("conc. sulfuric acid", "H2SO4"),
        ("glacial acetic acid", "acetic acid"),
        ("para-toluene sulphonic acid", "TsOH"),
        ("tri ethyl amine", "Et3N"),
        ("trifluoro acetic acid", "trifluoroacetic acid"),
    ],
)
def test_an_acid_is_no_other_acid_for_its_spelling(name: str, acid: str) -> None:
    found = family_named(name)
    assert found is not None
    assert found[1] == acid


STAY = """methyl acrylate|benzyl alcohol|diethyl ether|Bu4NBF4|cis|trans|TEMPO|KHCO3|
methyl phenyl sulfide|ethyl 4-bromobenzoate|benzaldehyde dimethyl acetal|sodium phenylacetate"""


@pytest.mark.parametrize("name", STAY.replace("\n", "").split("|"))
def test_a_name_that_is_spelt_well_stays(name: str) -> None:
    assert as_spelt(name) == name
