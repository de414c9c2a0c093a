"""Groups of a compound from its name: what a chemist reads in its words, not letters inside them.

A name is taken apart into words and, at hyphens, locants and brackets, into their pieces. The last
piece names the parent, which the longest known ending decides ("thioanisole" is no "anisole"); an
ending in -ate is an ester behind an alkyl word, a carboxylate behind a cation or alone, a carbamate
where it stands on a nitrogen of the ring. Rules of nomenclature: IUPAC Blue Book (2013), P-65.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from faradaic.chemistry.salts import salt_named
from faradaic.chemistry.spelling import as_spelt
from faradaic.chemistry.tables import normalised, rows

_ACIDS = (
    "o|carboxyl|acet|(?<!chloro)(?<!ortho)form|propion|butyr|valer|pival|capro|malon|succin|glutar|"
    "adip|oxal|lact|glycol|glycer|mandel|citr|mal|tartr|glucon|pyruv|levulin|fumar|male|itacon|"
    "acryl|croton|sorb|cinnam|stear|palmit|laur|myrist|ole|linole|undecylen|phthal|salicyl|nicotin|"
    "tolu|anthranil|vanill|camphor|abiet|chol"
)
"""Stems of the acids with a carboxyl group: -oic, -carboxylic and those with names of their own."""
_ACID, _CARBOXYLATE = (re.compile(rf"({_ACIDS}){ending}$") for ending in ("ic", "ate"))
_ON_NITROGEN = re.compile(
    r"(azetidine|pyrrolidine|piperidine|azepane|azocane|piperazine|aziridine|indoline|indole|"
    r"pyrrole|imidazole|pyrazole|quinoline)-(1|1\(\d?h\))-carboxylate$"
    r"|(morpholine|piperazine|oxazepane)-4-carboxylate$|carbazole-9-carboxylate$"
    r"|isoquinoline-2(\(\dh\))?-carboxylate$|oxazolidine-3-carboxylate$"
    r"|(\d+)-aza\S*-\5-carboxylate$"
)
_ACYL_ON_NITROGEN = re.compile(
    r"\bn(,n)?-(\w*oxycarbonyl|boc|cbz|fmoc|alloc|moc|troc)|\bn-?(boc|cbz)"
)
_AROMATIC = re.compile(
    r"(benzene|toluene|xylene|anisole|phenol|aniline|pyridine|naphthalene|benzoate|benzaldehyde|"
    r"phenone|benzonitrile|quinoline|indole|thiophene|furan|biphenyl|benzamide|benzoic)$"
)
_NO_CARBON = re.compile(r"(sulfonyl|sulfuryl|thionyl|tosyl|mesyl|silyl|phosphoryl)$")
_ARYL = re.compile(r"(phenyl|aryl|tolyl|naphthyl|pyridyl|anisyl)$")
_AROYL = re.compile(r"(benzoate|phthalate|nicotinate|salicylate|toluate|furoate|naphthoate)$")
_METAL = re.compile(r"zinc|copper|silver|iron|nickel|cobalt|manganese|lead|tin|mercury|gold")
_ENDINGS = frozenset({"ol", "one", "enone", "al", "ene", "diene", "yne", "amine", "thiol"})
_HALIDES = ("iodide", "bromide", "chloride")


class _Rules(NamedTuple):
    exact: dict[str, set[str]]
    suffixes: dict[str, set[str]]
    prefixes: dict[str, set[str]]
    ions: dict[str, set[str]]


_CHAINS = frozenset({"ethylene", "propylene", "butylene"})
_OF_CARBONYLS = frozenset({"oxime", "hydrazone", "semicarbazone", "acetal", "ketal"})


@cache
def groups_named(name: str) -> frozenset[str]:
    """Ids of the table of couples that a name or a formula means; none if it says nothing."""
    rules = _rules()
    for written in (name, as_spelt(name)):
        if found := rules.exact.get(normalised(written)):
            return frozenset(found)
    salt = salt_named(name)
    if salt is not None:
        of_ions = [rules.ions.get(f"anion:{salt.anion}"), rules.ions.get(f"cation:{salt.cation}")]
        if any(of_ions):
            return frozenset().union(*filter(None, of_ions))
    name = as_spelt(name)
    words = name.lower().replace("_", " ").split()
    found = set(_function(words))
    if _ACYL_ON_NITROGEN.search(name.lower()):
        found.add("carbamate")
    for at, word in enumerate(words):
        # Of "ethylene glycol" the first word is the chain between two groups.
        chain = word in _CHAINS and at + 1 < len(words)
        if word not in _HALIDES and not chain:
            found |= rules.exact.get(normalised(word), set()) | _of_word(word, rules)
    if "ester" in words and not any(word.startswith("mono") for word in words):
        found.discard("carboxylate")  # "L-proline methyl ester"
    if _OF_CARBONYLS & set(words):
        found -= {"ketone", "aryl_ketone", "aldehyde", "aryl_aldehyde"}  # "acetone oxime"
    return frozenset(found)


def _of_word(word: str, rules: _Rules) -> set[str]:
    """What parent and prefixes of a word mean."""
    pieces = [piece for piece in re.split(r"[^a-z]+", word) if piece]
    if not pieces:
        return set()
    parent = pieces[-1]
    if parent in _ENDINGS and len(pieces) > 1:  # hexan-1-ol, cyclohex-2-enone
        parent = pieces[-2] + parent
    parent = next((p for p in pieces[:-1] if p.endswith("hydro")), "") + parent
    found = set()
    for ending in sorted(rules.suffixes, key=len, reverse=True):
        if parent.endswith(ending) and not parent.removesuffix(ending).endswith("hydro"):
            found |= rules.suffixes[ending]
            break
    ring = "aryl" if _AROMATIC.search(parent) else "alkyl"
    for piece in pieces:
        for start, groups in rules.prefixes.items():
            if piece.startswith(start):
                found |= groups
        for halogen in _HALIDES:
            if re.match(rf"(di|tri|tetra|per)?{halogen[:-3]}o(?!n|formate)", piece):
                found.add(f"{ring}_{halogen}")
        if re.match(r"(di|tri)?nitro(?!so|gen|xyl|nium)", piece):
            found.add("nitroarene" if ring == "aryl" else "nitroalkane")
    if "aryl_iodide" in found:
        found.add("iodoarene")
    return found


def _function(words: list[str]) -> set[str]:
    """What the class of the whole name is: acid, salt, ester, halide of a radical."""
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last == "acid":
        if _ACID.search(before) is None:
            return set()
        return {"oxalate"} if before.endswith("oxalic") else {"carboxylate"}
    if last in _HALIDES and before.endswith("yl"):
        if _NO_CARBON.search(before):
            return set()
        if before.endswith(("oyl", "acetyl")):
            return {"acyl_halide"}
        kind = (
            "benzyl" if before.endswith("benzyl") else "aryl" if _ARYL.search(before) else "alkyl"
        )
        return {f"{kind}_{last}"}
    if _CARBOXYLATE.search(last) is None:
        return set()
    if _ON_NITROGEN.search(last):
        return {"carbamate"}
    if last.endswith("oxalate"):
        return {"oxalate"}
    radical = before.endswith("yl") and not _is_cation(before)
    if not radical:
        return {"carboxylate"}
    half = before.startswith("mono") or "hydrogen" in words
    return {"aryl_ester" if _AROYL.search(last) else "ester"} | ({"carboxylate"} if half else set())


def _is_cation(word: str) -> bool:
    return word.endswith("ium") or _METAL.fullmatch(re.sub(r"\W.*", "", word)) is not None


@cache
def _rules() -> _Rules:
    rules = _Rules({}, {}, {}, {})
    for row in rows("couples"):
        for name in filter(None, row["names"].split("|")):
            if name.startswith(("anion:", "cation:")):
                kind, key = rules.ions, name
            elif name.startswith("-"):
                kind, key = rules.suffixes, normalised(name)
            elif name.endswith("-"):
                kind, key = rules.prefixes, normalised(name)
            else:
                kind, key = rules.exact, normalised(name)
            kind.setdefault(key, set()).add(row["id"])
    return rules
