"""Templates of spinels as the screening's studies have them."""

from __future__ import annotations

from faradaic.computational.screening.compositions import SiteTemplate
from faradaic.computational.screening.ions import Ion, parse_ion, redox_inactive_cations


def spinel_template(
    fixed: str, pool: tuple[Ion, ...] | None = None, distinct: int = 4, anion: str = "O2-"
) -> SiteTemplate:
    """Spinels A(M...)2X4, by default A2(M1M2M3M4)O8 over the fourteen redox-inactive cations."""
    return SiteTemplate(
        "spinel",
        parse_ion(fixed),
        redox_inactive_cations() if pool is None else pool,
        distinct,
        parse_ion(anion),
        (1, 2, 4),
    )
