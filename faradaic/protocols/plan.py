"""The plan: a protocol with every set-point resolved to SI for one bench, in one in-order walk.

Everything downstream (estimates, checks, rehearsal, the real run, the report) walks this object.
It is plain data: `Plan.model_dump_json()` is what the run folder keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    field_serializer,
)

from faradaic.chemistry.cell_description import CellDescription
from faradaic.diagnostics import Diagnostic
from faradaic.protocols.discovery import import_modules
from faradaic.protocols.rehearsed_course import Rehearsal

INTERRUPTION_S = 5.0
"""How long a bench may be out of reach where nobody says otherwise: replugging a cable."""


class Then(StrEnum):
    """What follows when a condition is met."""

    NEXT = "next"
    PAUSE = "pause"
    END = "end"
    ABORT = "abort"


class Signal(StrEnum):
    """What a condition or a limit watches."""

    TIME_S = "time_s"
    CHARGE_C = "charge_C"
    NET_CHARGE_C = "net_charge_C"
    CELL_VOLTAGE_V = "cell_voltage_V"
    POTENTIAL_V = "potential_V"
    CURRENT_A = "current_A"
    CURRENT_FRACTION = "current_fraction"
    """|current| over its value at the start of the step."""
    OPERATOR = "operator"
    LOST_REGULATION_S = "lost_regulation_s"
    """Seconds for which the source has not held its set-point."""
    STALE_S = "stale_s"
    """Seconds without a reading."""
    INTERLOCK = "interlock"
    """What a device around the cell reports; see `Interlock`."""

    __hash__ = str.__hash__  # an enum's own is several times slower, and these are looked up a lot


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="strings", defer_build=True
    )


class Condition(_Frozen):
    """One entry of `until`: when it holds for `hold_s`, do `then`. Charges are gross by default."""

    signal: Signal
    at_least: float | None = None
    at_most: float | None = None
    hold_s: float = 0.0
    then: Then = Then.NEXT
    text: str
    """As a person would say it: "charge reaches 4.50 F/mol (86.8 C)"."""
    question: str | None = None
    """For the operator: what is asked."""
    ask_at_C: tuple[float, ...] = ()
    """For the operator: at which gross charges of this step."""
    line: int | None = None
    since: str = ""
    """Where its charge or time counts from: the step (empty), the `run`, or a repeat by the
    beginning of the ids of its steps."""
    leaves: str = ""
    """The repeat that it ends, by the beginning of the ids of its steps."""


class Limit(_Frozen):
    """A hard limit, watched on every reading of every step: crossing it trips the run."""

    signal: Signal
    at_least: float
    """Magnitude at and above which the limit is crossed."""
    hold_s: float = 0.0
    text: str
    set_by: str
    """Who set it: protocol, bench, instrument or default."""


class Interlock(_Frozen):
    """What a device has to report while current flows: where it does not, the run trips."""

    device: str
    quantity: str = ""
    """Empty where it only has to be heard of."""
    at_least: float | None = None
    at_most: float | None = None
    stale_s: float
    """How long nothing may have been reported."""
    text: str
    """What is demanded, as a person would say it: "hotplate: stirring >= 200 rpm"."""
    set_by: str
    period_s: float = 0.0
    """How often its device is read."""

    def trips_within_s(self, interval_s: float) -> float:
        """How long current flows at most against it, where everybody answers: two readings of the
        slower of its device and the source, which is read every `interval_s`, and 50 ms."""
        return 2.0 * max(self.period_s, interval_s) + 0.05


class DevicePlan(_Frozen):
    """A device around the cell, as far as a run has to know it."""

    name: str
    model: str
    columns: dict[str, str]
    """Column of the run -> the quantity that the device reports there."""
    keep: tuple[str, ...] = ()
    """Quantities that stay as they are when the run is over."""


class StepPlan(_Frozen):
    """What every step of a plan has; a kind adds its set-points in its own file."""

    kind: str
    id: str
    """Unique within the plan; nested repeats are unrolled as `3.2.1` (step 3, round 2, step 1)."""
    path: str
    """Where in the protocol: `steps[1].constant_current`."""
    line: int | None
    label: str
    """One line for a person: "constant current 5.00 mA"."""
    passes_current: bool = True
    """False at rest; a source may well hold 0 A with its output on then."""
    until: tuple[Condition, ...] = ()
    time_cap_s: float
    charge_cap_C: float | None = None
    """Gross; None for steps that pass no current."""
    cell_voltage_limit_V: float | None = None
    current_limit_A: float | None = None
    """Magnitudes at which the source limits, or stops."""
    compliance_V: float | None = None
    """What the source of a held current is set to: at the limit where it cannot stand above it."""
    interval_s: float = 1.0
    on_pause: str = "open_circuit"
    """What its pauses do: the output off, `hold_potential` or `keep_current`."""
    hold_at_most_s: float | None = None
    """How long a pause keeps the output on."""
    expected_duration_s: float
    """At most, where it `may_end_before`."""
    expected_charge_C: float | None = 0.0
    """None where the current follows from the cell: nobody knows before it has run."""
    target_charge_C: float | None = None
    """The charge that is asked for, gross or net; None without a condition on the charge."""
    expected_end: str = ""
    """Which condition is expected to end the step."""
    is_reached: bool = True
    """Whether it is to be expected that what ends the repeat around it comes after it."""
    expected_total_C: float | None = None
    """Gross charge of the run at its end; None where it is not known."""

    goes_on: ClassVar[bool] = True
    """Whether what is left of it can be done in another segment."""
    done: ClassVar[str] = "the sweep is complete"
    """What is said when the instrument has come to its end."""
    _kinds: ClassVar[dict[str, type[StepPlan]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Remember the class under its kind, if it is of one, for plans that are read back."""
        kind = cls.model_fields["kind"]
        if not kind.is_required():
            StepPlan._kinds[kind.default] = cls

    @property
    def follows_from_the_cell(self) -> tuple[str, ...]:
        """Get what the source does not hold: the columns of a reading that the cell decides."""
        return ("cell_voltage_V", "current_A")

    @property
    def limiting_is_lost_regulation(self) -> bool:
        """Get whether a source at its limit doesn't do what it was asked to."""
        return True

    @property
    def potentiostatic(self) -> bool:
        """Get whether a potential against the reference electrode is imposed."""
        return self.held_potential_V is not None

    @property
    def held_current_A(self) -> float | None:
        """Get the current that the source holds, the largest of several; None where it follows
        the chemistry."""
        return None

    @property
    def about_rest(self) -> bool:
        """Get whether no more flows than a small sine around the cell at rest."""
        return False

    def series_behind(self, point: Mapping[str, Any]) -> int:
        """How many points of its series lie behind with this one; 0 where it begins again."""
        return 0

    def series_left(self, behind: int) -> dict[str, Any]:
        """The fields of what is left of its series."""
        return {}

    def series_words(self, behind: int) -> str:
        """What is said where it goes on in the middle of its series."""
        return ""

    @property
    def series_points(self) -> int | None:
        """Get how many records of its series there are to be; None where that is not fixed."""
        return None

    @property
    def held_potential_V(self) -> float | None:
        """Get the potential that the source holds, against the connected reference electrode."""
        return None

    @property
    def mean_current_A(self) -> float | None:
        """Get the mean magnitude of a held current, interrupted or not; None where it follows the
        chemistry."""
        return None if self.held_current_A is None else abs(self.held_current_A)

    def time_to_pass_s(self, charge_C: float, elapsed_s: float) -> float | None:
        """How long a held current takes for a gross charge, after so much of the step."""
        return None if self.mean_current_A is None else charge_C / self.mean_current_A

    def held_in(self, level: int | None) -> tuple[float | None, float | None]:
        """The current and the potential that are held, in a level of several in turn."""
        return self.held_current_A, self.held_potential_V

    def watched_in(self, level: int | None) -> bool:
        """Whether conditions on current, voltage and potential look at what is read in a level."""
        return True

    def kept_as(self, level: int | None) -> int:
        """Readings that are kept apart from each other, each in the step's interval."""
        return 0

    @property
    def may_end_before(self) -> bool:
        """Get whether it may end before `expected_duration_s`, as the cell decides."""
        by_time = all(condition.signal is Signal.TIME_S for condition in self.until)
        return self.expected_charge_C is None and not by_time

    @property
    def planned_charge_C(self) -> float | None:
        """Get the charge that it aims at, else the one that is expected; None where neither is."""
        return self.expected_charge_C if self.target_charge_C is None else self.target_charge_C

    @property
    def largest_current_A(self) -> float | None:
        """Get the magnitude that the source holds or limits at; None where nothing says it."""
        held_A = self.held_current_A
        return self.current_limit_A if held_A is None else abs(held_A)

    @property
    def compliance_is_limit(self) -> bool:
        """Whether the source cannot be set above the step's limit of the cell voltage."""
        limit_V, compliance_V = self.cell_voltage_limit_V, self.compliance_V
        return limit_V is not None and compliance_V is not None and compliance_V <= limit_V

    @property
    def largest_voltage_V(self) -> float | None:
        """Get the cell voltage at which the source limits; None where nothing says it."""
        return self.cell_voltage_limit_V


class AskPlan(StepPlan):
    """The operator does something and confirms: prompts, samples, and settings without a device."""

    kind: Literal["ask"] = "ask"
    passes_current: bool = False
    question: str


def step_plan(kind: str) -> type[StepPlan]:
    """The class of a plan's steps of a kind; raises ValueError for an unknown one."""
    import_modules("faradaic.protocols.step_kinds")
    if kind not in StepPlan._kinds:
        raise ValueError(f"no step of a plan is called {kind!r}")
    return StepPlan._kinds[kind]


def _of_its_kind(value: Any) -> Any:
    """A step of a plan that is read back, as its own kind."""
    return (
        step_plan(str(value.get("kind"))).model_validate(value)
        if isinstance(value, dict)
        else value
    )


class Assumption(_Frozen):
    """Something that the protocol did not say and that was filled in; printed in the report."""

    field: str
    value: str
    reason: str


class ElectrodePlan(_Frozen):
    """An electrode's areas by basis, and which basis its densities use."""

    name: str
    role: str
    description: str
    """For the report: "graphite felt, 10 x 20 x 3 mm, immersed 18 mm"."""
    areas_m2: dict[str, float]
    """By basis: facing, envelope, wetted, ecsa; only those that are known."""
    area_basis: str


class FlowEstimate(_Frozen):
    """What one pass of a pumped solution does, SI; None where the data do not allow it."""

    mode: Literal["single_pass", "recirculating"]
    rate_m3_per_s: float
    volume_m3: float
    """Of the solution."""
    concentration_mol_per_m3: float | None
    """Of the limiting component as it enters."""
    pass_s: float
    """Time in which all of the solution passes once."""
    residence_time_s: float | None
    """In the channel."""
    pass_F_per_mol: float | None
    """At the largest current."""
    conversion: float | None = None
    """Of a single pass at steady state."""


class MetalEstimate(_Frozen):
    """What the charge takes of a sacrificial anode by Faraday's law; None where nobody knows."""

    electrode: str
    metal: str
    electrons: float | None
    """Per atom."""
    kg_per_C: float | None
    sign: Literal[1, -1]
    """Of the working electrode's current while it dissolves."""
    taken_kg: float | None
    """By the charge aimed at, else expected."""
    there_kg: float | None
    basis: str
    """Where `there_kg` comes from."""
    source: str
    """Of the electrons."""

    @property
    def state(self) -> str:
        """Get the key that says how much metal there is."""
        return f"electrodes.{self.electrode}.sacrificial.mass"


class Estimates(_Frozen):
    """What is to be expected, SI; ranges are (low, high). None where the data do not allow it."""

    duration_s: float
    """At most, where a step may end before its time."""
    charge_C: float | None
    """None where a step holds a voltage: the current, and the charge, follow from the cell."""
    charge_F_per_mol: float | None
    target_charge_C: float | None
    """What the steps aim at, else expect; None where one of them does neither."""
    target_F_per_mol: float | None
    current_density_A_per_m2: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Electrode -> basis -> density at the largest planned current."""
    resistance_ohm: tuple[float, float] | None = None
    ohmic_drop_V: tuple[float, float] | None = None
    cell_voltage_V: tuple[float, float] | None = None
    limiting_current_A: tuple[float, float] | None = None
    gas_m3: dict[str, float] = Field(default_factory=dict)
    """Species -> volume at 25 degC and 1 atm, of the target charge: at most, where `charge_C` is
    None."""
    heat_W: tuple[float, float] | None = None
    conversion: tuple[tuple[float, float], ...] = ()
    """(F/mol, conversion) pairs from the limiting-current model at the largest current."""
    conversion_basis: str = ""
    """The area that it rests on: "envelope area of the anode"."""
    theoretical_F_per_mol: float | None = None
    flow: FlowEstimate | None = None
    metal: MetalEstimate | None = None
    """Of a sacrificial anode."""
    notes: tuple[str, ...] = ()
    """Sources and validity of the numbers above, one sentence each."""


Span = tuple[float, float, float]
"""(low, with the cell as described, high)."""


class Forecast(_Frozen):
    """What the simulated cell makes of the plan, SI; spans over what nobody stated of it."""

    charge_C: Span
    charge_F_per_mol: Span | None
    duration_s: Span
    cell_voltage_V: Span | None
    """Energy per charge: positive where the source drives the cell, either way."""
    conversion: Span | None
    """Of the limiting component."""
    gas_m3: dict[str, Span] = Field(default_factory=dict)
    ends: tuple[str, ...]
    """How it ends: with the cell as described, and how else between the ends."""
    model_at_fault: str = ""
    """Why its numbers are not to be believed."""


class Plan(_Frozen):
    """A protocol compiled for one bench."""

    version: Literal[1] = 1
    title: str
    name: str
    """Short name for folders: `[a-z0-9-]{1,64}`."""
    source: dict[str, Any] = Field(default_factory=dict)
    continues: tuple[dict[str, Any], ...] = ()
    """The runs that it goes on from, oldest first, SI."""
    protocol_sha256: str
    bench_sha256: str
    bench: str
    limiting: str | None
    """Id of the limiting component, and its amount and electrons (F/mol refers to them)."""
    limiting_amount_mol: float | None
    electrons: float | None
    steps: tuple[Annotated[SerializeAsAny[StepPlan], BeforeValidator(_of_its_kind)], ...]
    limits: tuple[Limit, ...]
    devices: tuple[DevicePlan, ...] = ()
    """Those around the cell, in the order of the bench file."""
    interlocks: tuple[Interlock, ...] = ()
    surroundings: dict[str, float] = Field(default_factory=dict)
    """What the protocol says of stirring, temperature and pH around the cell, for its devices in a
    rehearsal."""
    interruption_s: float = INTERRUPTION_S
    """How long the bench may be out of reach before the run is over."""
    electrodes: tuple[ElectrodePlan, ...]
    working_area_m2: float | None = None
    """On the basis of its densities."""
    reference: dict[str, Any] = Field(default_factory=dict)
    """Name, stated pH and temperature, scales of set-points, for the analysis; empty without."""
    end_state: dict[str, str] = Field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    findings: tuple[dict[str, Any], ...] = ()
    """`Diagnostic.as_dict()` of everything the checks found, waived ones included."""
    waivers: dict[str, str] = Field(default_factory=dict)
    estimates: Estimates
    forecast: Forecast | None = None
    """Made where the estimates don't say what is to be expected."""
    rehearsal: Rehearsal | None = None
    """Made where the run is compared with it."""
    cell: CellDescription
    """What the simulated bench is made of."""
    reaction: dict[str, Any] = Field(default_factory=dict)
    """Products, gases and electrons, SI, for the analysis."""
    procedure: dict[str, Any] = Field(default_factory=dict)
    """Words for the report: solution, cell, environment, work-up, purification, analysis."""

    @field_serializer("cell")
    def _what_is_told(self, cell: CellDescription) -> dict[str, Any]:
        """Without the defaults that the protocol's cell leaves as they are."""
        return cell.model_dump(mode="json", exclude_unset=True)

    @property
    def earlier_C(self) -> float:
        """Get the gross charge of the runs that it goes on from."""
        return sum(float(one["charge_C"]) for one in self.continues)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """The findings, as diagnostics again."""
        return [Diagnostic.from_dict(finding) for finding in self.findings]
