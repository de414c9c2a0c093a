"""All faults of one simulated bench, and where each of them is put."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from faradaic.diagnostics import Diagnostic, Severity
from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.faults.begun_faults import FaultClock
from faradaic.simulators.faults.cell_faults import FaultyCell, impossible
from faradaic.simulators.faults.fault_catalogue import FaultLayer
from faradaic.simulators.faults.fault_text import Fault, read_fault
from faradaic.simulators.faults.wire_faults import FaultyWire

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription


class FaultPlan:
    """The faults of one bench; without any, cell and instruments pass through untouched."""

    def __init__(self, faults: Iterable[Fault], seed: int = 0) -> None:
        self.faults = tuple(faults)
        self._seed = seed
        self._progress = FaultClock(self.faults)

    @classmethod
    def read(
        cls,
        entries: Iterable[str | Mapping[str, Any]],
        *,
        limiting_amount_mol: float | None = None,
        seed: int = 0,
    ) -> FaultPlan:
        """A plan from what people wrote (see `read_fault`). Raises `InputError`."""
        return cls([read_fault(entry, limiting_amount_mol) for entry in entries], seed)

    def describe(self, cell: CellDescription) -> CellDescription:
        """The description of the cell that is really there. Raises `InputError`."""
        for fault in self.faults:
            if fault.layer is FaultLayer.DESCRIPTION:
                cell = _DESCRIPTIONS[fault.name](cell, fault.values)
        return cell

    def around_cell(self, cell: CellModel, described: CellDescription) -> CellModel:
        """A cell with its wiring. Raises `InputError` for a fault that it cannot have."""
        if not self.faults:
            return cell
        if not described.has_reference:
            for fault in self.faults:
                if fault.name.startswith("reference_"):
                    raise impossible(fault.name, "it has no reference electrode")
        return FaultyCell(cell, self._progress, self._seed, described.anode_lead)

    def is_active(self, name: str, now_s: float) -> bool:
        """Whether a fault of a device around the cell is there at a time of the run."""
        return any(
            fault.name == name and self._progress.active(fault, now_s) is not None
            for fault in self.faults
            if fault.layer is FaultLayer.DEVICE
        )

    def missed(self) -> tuple[Diagnostic, ...]:
        """A warning for each fault that has not begun by now."""
        return tuple(
            Diagnostic(
                "E559",
                f"the fault `{fault.name}` never began: the run ended before its start, or its "
                "end came first",
                severity=Severity.WARNING,
                help="give it an earlier start, or a later end",
            )
            for fault in self.faults
            if not self._progress.began(fault)
        )

    def around_emulator(self, emulator: Emulator) -> Emulator:
        """An instrument with its wire."""
        faults = [fault for fault in self.faults if fault.layer is FaultLayer.WIRE]
        return FaultyWire(emulator, faults, self._progress, self._seed) if faults else emulator


def _other_amount(cell: CellDescription, values: Mapping[str, float]) -> CellDescription:
    species = cell.species if cell.model == "preparative" else {}
    if not any(entry.concentration_mol_per_m3 for entry in species.values()):
        raise impossible("substrate", "it has no dissolved substrate")
    changed = {
        name: entry.model_copy(
            update={"concentration_mol_per_m3": entry.concentration_mol_per_m3 * values["factor"]}
        )
        for name, entry in species.items()
    }
    return cell.model_copy(update={"species": changed})


_DESCRIPTIONS: Mapping[str, Callable[[CellDescription, Mapping[str, float]], CellDescription]]
_DESCRIPTIONS = {"substrate": _other_amount}
