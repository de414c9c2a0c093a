"""The device host: whoever owns the ports of a bench.

The engine talks to this interface only. A rehearsal has its host inline, on the virtual clock; a
real bench has one in a process of its own (`host_process`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity, OutputState
from faradaic.instruments.segments import Segment
from faradaic.instruments.transports.addresses import (
    SCHEMES,
    AddressScheme,
    Setting,
    split_address,
)
from faradaic.protocols.device_steps import DosePlan
from faradaic.runner.bench_file import Bench
from faradaic.runner.bench_ports import BenchPorts, HostStream
from faradaic.runner.device_lines import DeviceLines, DeviceState

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.protocols.plan import Plan


class DeviceHost(Protocol):
    """The ports of one bench, and the verbs that the engine uses on them."""

    clock: Clock

    def open(self) -> Identity:
        """Open the ports, identify what answers, leave outputs off. Raises `DeviceError`."""
        ...

    def run(self, segment: Segment) -> HostStream:
        """Run one segment on the source; the result says why it ended."""
        ...

    def output_off(self, within_s: float = 0.0) -> OutputState:
        """Turn every source's output off and read it back; never raises.

        Tries for as long as `within_s` until that has worked.
        """
        ...

    def device_states(self) -> Mapping[str, DeviceState]:
        """What is known by now of each device around the cell; never waits, never raises."""
        ...

    def order(self, device: str, action: str, *values: float) -> int:
        """Have a device do something (`DeviceLines.order`); never waits, never raises."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What had to be asked or told again since the last call, in sentences; never raises."""
        ...

    def remarks(self) -> tuple[Diagnostic, ...]:
        """What a reader of the run should know of the bench, asked at its end."""
        ...

    def close(self) -> None:
        """Release the ports; idempotent."""
        ...


class InlineHost:
    """The host in this process, for a bench that is simulated here."""

    def __init__(
        self,
        bench: Bench,
        *,
        cell: CellDescription | Mapping[str, Any] | None,
        seed: int,
        speed: float | None,
        faults: Sequence[str | Mapping[str, Any]] = (),
        limiting_amount_mol: float | None = None,
        patience_s: float = 0.0,
        plan: Plan | None = None,
    ) -> None:
        if faults and not bench.simulated:
            raise InputError.of(
                f"bench {bench.name} is real: faults are injected on simulated benches only",
                code="E558",
                help="leave the faults out, or add `--bench simulated`",
            )
        scheme, rest = split_address(bench.address)
        around = surroundings_of(bench, plan) if bench.devices else None
        setting = Setting(
            cell, seed, speed, tuple(faults), limiting_amount_mol, around, bench.bridge_contacts
        )
        self._scheme = SCHEMES.load(scheme)(setting)
        self._ports = BenchPorts(
            bench.driver,
            self._scheme,
            rest,
            patience_s=patience_s,
            options=bench.options,
            bridge=bench.bridge,
        )
        schemes = {scheme: self._scheme}

        def scheme_of(name: str) -> AddressScheme:
            if name not in schemes:
                schemes[name] = SCHEMES.load(name)(setting)
            return schemes[name]

        self._devices = DeviceLines(bench.specs(plan), scheme_of)
        self.clock: Clock = self._scheme.clock

    def open(self) -> Identity:
        """Open the port of the source and connect to it; those of the devices follow."""
        identity = self._ports.open()
        self._devices.start(self.clock)
        return identity

    def run(self, segment: Segment) -> HostStream:
        """Run one segment on the source."""
        return self._ports.run(segment)

    def output_off(self, within_s: float = 0.0) -> OutputState:
        """Turn the output off and read it back; what went wrong is in the evidence."""
        return self._ports.off_at_last(within_s)

    def device_states(self) -> Mapping[str, DeviceState]:
        """What is known by now of each device around the cell."""
        return self._devices.states()

    def order(self, device: str, action: str, *values: float) -> int:
        """Have a device do something."""
        return self._devices.order(device, action, *values)

    def notes(self) -> tuple[str, ...]:
        """What had to be asked or told again."""
        return self._ports.notes()

    def remarks(self) -> tuple[Diagnostic, ...]:
        """What a reader of the run should know of the bench, asked at its end."""
        return self._scheme.remarks()

    def close(self) -> None:
        """Release the ports."""
        self._ports.close()
        self._devices.close()


def surroundings_of(bench: Bench, plan: Plan | None) -> dict[str, Any]:
    """What the devices of a simulated bench find around the cell, as the protocol says it."""
    told: dict[str, Any] = {} if plan is None else dict(plan.surroundings)
    doses = () if plan is None else (one for one in plan.steps if isinstance(one, DosePlan))
    told["pumps"] = {
        bench.devices[dose.device].place: {
            "component": dose.component,
            "mol_per_m3": dose.mol_per_m3,
        }
        for dose in doses
    }
    return told
