"""One spelling of a chemical name: British or American, one word or two, one or many.

`sulphide` and `sulfides` are a sulfide, `benzylidene malononitrile` is one word, `tetra-n-butyl
ammonium` the tetrabutylammonium. Nothing is guessed here: a name that none of the rules touches
comes back as it was. Rules of nomenclature: IUPAC Blue Book (2013), P-13 and P-16.2 (spaces,
hyphens), the sulf- of IUPAC since 1990.
"""

from __future__ import annotations

import re
from functools import cache

_OLD = (
    (r"sulph", "sulf"),
    (r"alumin(?=um)", "alumini"),
    (r"\bcesium", "caesium"),
    (r"\boestr", "estr"),
    (r"(?<=[a-z])fluobor", "fluorobor"),
    (r"(di|tri|tetra)[- ]*n[- ]*(?=(prop|but|pent|hex|hept|oct|dec)yl)", r"\1"),
    (r"(?<=\btetra)[- ](?=\w+yl)|(?<=\btri)[- ](?=(?!\w*acet)\w+yl)", ""),
    (r"\bpara[- ](?=[a-z])", "p-"),
    (r"\bmeta[- ](?=[a-z])", "m-"),
    (r"\bortho[- ](?=(?!form|acet|phosph|silic)[a-z])", "o-"),
    (r"(toluene|benzene|methane|naphthalene)[- ](?=sulf(on|in))", r"\1"),
    (r"trifluoro[- ]?methyl[- ]?(?=sulfonyl)", "trifluoromethane"),
    (r"(?<=oxy)[- ](?=(benzyl|phenyl|naphthyl)\b)", ""),
    (
        r"^(m?ethyl)(?=(form|acet|acetoacet|benzo|(meth)?acryl|cinnam|croton|propiol|pyruv)ate\b)",
        r"\1 ",
    ),
    (r"(fluoro)[- ](?=(borate|phosphate|acet|methan|ethan))", r"\1"),
)
_STEMS = (
    r"(?<=ylidene)[- ](?=[a-z]{4})"
    r"|(?<=\bthio)[- ](?=[a-z]{4})|(?<=[- ]thio)[- ](?=[a-z]{4})"
    r"|(?<=\bbenzo)[- ](?=[a-z]{5})|(?<=dibenzo)[- ](?=[a-z]{5})|(?<=naphtho)[- ](?=[a-z]{5})"
    r"|(?<=hydro)[- ](?=[a-z]{4})|(?<=\baceto)[- ](?=[a-z]{4})|(?<=\bacrylo)[- ](?=nitrile)"
    r"|(?<=malono)[- ](?=nitrile)"
)
"""Where two pieces make one stem, whatever stands between them."""
_SUBSTITUENT = (
    r"(?<=bromo|.iodo|hloro|luoro|nitro|amino|cyano|azido) (?=[a-z0-9(])|(?<=oxy) (?=[a-z0-9(])"
    r"|(?<=\biodo) (?=[a-z0-9(])"
)
"""Where a blank stands for the hyphen behind a substituent."""
_CLASS_WORDS = (
    "alcohol|ether|ketone|acid|ester|sulfone|sulfoxide|thioether|mercaptan|urethane|lithium|"
    "radical|group|magnesium|zinc|ammonium|phosphonium|sulfonium|iodonium|imidazolium|alanine|"
    "glycine|proline|glucoside|acetal|ketal|oxime|hydrazone|semicarbazone|malonic|hydrogen"
)
_RADICAL = (
    rf"(?<=[a-z]yl) (?!(?:{_CLASS_WORDS})\b)(?=(?:[a-z]+-)?[a-z]+\b)"
    r"(?!\S*(?:ate|(?<!am)(?<!im)ide)s?\b)(?!\S*yl\b)"
)
"""Where a radical belongs to the parent behind it: diphenyl amine, but methyl acrylate."""
_QUATERNARY = r"(?<=[a-z]yl)[- ](?=(ammonium|phosphonium|imidazolium|pyrrolidinium|pyridinium)\b)"
_PLURAL = re.compile(r"\b(?!trans\b)(\S*[a-z]{3}[beldnrtmz])s\b(?!-)")
_GRADES = re.compile(
    r"^(?:(?:abs(?:olute|\.)?|anhydrous|dry|dried|degassed|deaerated|glacial|distilled|bidistilled|"
    r"de-?ioni[sz]ed|di|demineralised|milli-?q|ultra-?pure|extra|super|wet|hplc(?:[- ]grade)?|"
    r"conc(?:entrated|\.)?|fuming|reagent[- ]grade|technical|purified|"
    r"freshly|pure|neat)[ -]+)+(?=\S)",
    re.IGNORECASE,
)


@cache
def as_spelt(name: str) -> str:
    """The name in the one spelling of the tables, lower case where a rule applied."""
    spelt = re.sub(r"\s+", " ", name.replace("_", " ").strip())
    if not re.search(r"[a-z]{4}", spelt):
        return name  # a formula
    lowered = spelt.lower()
    for old, new in _OLD:
        lowered = re.sub(old, new, lowered)
    lowered = re.sub(_STEMS, "", lowered)
    lowered = re.sub(_QUATERNARY, "", lowered)
    lowered = re.sub(_SUBSTITUENT, "-", lowered)
    lowered = re.sub(_RADICAL, "", _PLURAL.sub(r"\1", lowered))
    return name if lowered == spelt.lower() else lowered


def without_grade(name: str) -> str:
    """A solvent without what is said of its quality: dry, absolute, deionised, glacial."""
    return _GRADES.sub("", name.strip())
