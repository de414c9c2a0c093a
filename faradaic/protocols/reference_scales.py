"""The reference electrode that a protocol connects, and potentials written `vs` another scale."""

from __future__ import annotations

from faradaic.chemistry.cell_description.cell_assumptions import Assumptions
from faradaic.chemistry.cell_description.description_model import ReferenceDescription
from faradaic.chemistry.potential_scales import scale_shift
from faradaic.chemistry.reference_electrodes import (
    ReferenceElectrode,
    measured_reference,
    plain_name,
    possible_electrodes,
    reference_electrode,
)
from faradaic.diagnostics import InputError
from faradaic.protocols.schema import ConnectedReference
from faradaic.results import Result

CONNECTED = "reference"
"""What `vs` says for the reference electrode that is connected."""


def electrode_of(connected: ConnectedReference) -> ReferenceElectrode:
    """The electrode that is connected; its own calibration wins over the table.

    Raises `InputError` (E770) for one that the table does not know.
    """
    if connected.potential_V is not None:
        how = connected.potential_source or "given in the protocol"
        return measured_reference("SHE", connected.potential_V, 0.0, how)
    return reference_electrode(connected.name)


def is_placed(connected: ConnectedReference, temperature_K: float) -> bool:
    """Whether its potential is known there: given, or in the table under its name and filling."""
    try:
        electrode = electrode_of(connected)
        scale_shift(electrode, electrode.against, temperature_K=temperature_K)
    except InputError:
        return False
    return True


def shift_to_connected(
    vs: str, connected: ConnectedReference, pH: float | None, temperature_K: float
) -> Result | None:
    """What to add to a potential `vs` a scale to have it against the connected electrode, V.

    None where it is that electrode itself. A missing pH gives a result without a value; otherwise
    raises `InputError` as `faradaic.chemistry.potential_scales.scale_shift`.
    """
    own = possible_electrodes(connected.name)
    written = map(plain_name, (CONNECTED, connected.couple, connected.name))
    if plain_name(vs) in written or (own and set(own) <= set(possible_electrodes(vs))):
        return None
    return scale_shift(vs, electrode_of(connected), temperature_K=temperature_K, pH=pH)


def simulated_reference(
    connected: ConnectedReference | None, pH: float, temperature_K: float, assumptions: Assumptions
) -> ReferenceDescription | None:
    """The connected electrode on the simulated bench; None without one.

    One that the table cannot place at the temperature, or at all, stands there with its potential
    at 25 degC, or at 0 V vs SHE; that is among the assumptions.
    """
    if connected is None:
        return None
    zero_V = 0.0
    try:
        electrode = electrode_of(connected)
    except InputError as error:
        assumptions.note(
            "reference.potential_V_vs_SHE",
            f"reference electrode taken as 0 V vs SHE: {_reason(error)}",
        )
    else:
        try:
            shift = scale_shift(electrode, "SHE", temperature_K=temperature_K, pH=pH)
        except InputError as error:
            held_V, against = electrode.potential_V, electrode.against
            held = measured_reference(against, held_V, electrode.uncertainty_V, electrode.source)
            shift = scale_shift(held, "SHE", temperature_K=temperature_K, pH=pH)
            assumptions.note(
                "reference.potential_V_vs_SHE",
                f"reference electrode taken at {held_V:+.3f} V vs {against}: {_reason(error)}",
            )
        assert shift.value is not None  # the pH is given
        zero_V = shift.value
    assumptions.note(
        "reference.ohmic_fraction", "the reference electrode sits halfway between the electrodes"
    )
    return ReferenceDescription(potential_V_vs_SHE=zero_V, ohmic_fraction=0.5)


def _reason(error: InputError) -> str:
    return error.diagnostics[0].message
