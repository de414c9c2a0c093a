"""Electrolysis in a flowing solution: charge per substrate of one pass, and time in the channel."""

from __future__ import annotations

from faradaic.quantities.constants import FARADAY_C_PER_MOL


def charge_per_pass_F_per_mol(
    current_A: float, concentration_mol_per_m3: float, flow_m3_per_s: float
) -> float:
    """F/mol that the substrate gets on one pass at steady state: |I|/(F·c·V̇)."""
    return abs(current_A) / (FARADAY_C_PER_MOL * concentration_mol_per_m3 * flow_m3_per_s)


def residence_time_s(volume_m3: float, flow_m3_per_s: float) -> float:
    """V/V̇, the mean time in a channel of constant volume."""
    return volume_m3 / flow_m3_per_s


_FULLY_DEVELOPED = 4.86
"""Sherwood number (on twice the height) of one active wall of a flat channel far downstream: the
first eigenvalue of Graetz' problem (1885) with the other wall inert."""
_ENTRANCE = 1.85
"""Of Lévêque (1928), Sh = 1.85 (Re Sc d/L)^(1/3): 1.467 · 2^0.33 of Ong and Pickett in a flat
channel (as in radiopharmaconnect.srsweb.org, article 501308, eq. 3a)."""
_WITHIN = 0.2
"""Of a film, either way: entrance and side walls."""


def channel_film_m(
    diffusivity_m2_per_s: float,
    height_m: float,
    stream: tuple[float, float, float] | None = None,
) -> tuple[float, float, float]:
    """Diffusion layer in a flat channel in laminar flow, m: (thin, typical, thick).

    Sh³ = 4.86³ + 1.85³ Gz with Gz = v d²/(D L), d twice the height; `stream` is width, length, m,
    and rate, m³/s, without which the flow is taken as fully developed. One wall is active.
    """
    twice_m, sherwood = 2 * height_m, _FULLY_DEVELOPED**3
    if stream is not None:
        width_m, length_m, rate_m3_per_s = stream
        speed_m_per_s = rate_m3_per_s / (width_m * height_m)
        graetz = speed_m_per_s * twice_m**2 / (diffusivity_m2_per_s * length_m)
        sherwood += _ENTRANCE**3 * graetz
    typical_m = twice_m / sherwood ** (1 / 3)
    return (1 - _WITHIN) * typical_m, typical_m, (1 + _WITHIN) * typical_m
