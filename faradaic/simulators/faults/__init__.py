"""Faults: a simulated bench that goes wrong at a stated time or charge.

A fault is written `NAME:key=quantity,key=quantity`, for example
`film:start=2 F/mol,rate=0.3 V/F`; `fault_catalogue.toml` lists the names. One `FaultPlan` holds all
faults of a bench and puts them where they act: around the cell, into the meter, onto the wire.
"""

from faradaic.simulators.faults.fault_catalogue import FaultKind, catalogue
from faradaic.simulators.faults.fault_plan import FaultPlan
from faradaic.simulators.faults.fault_text import Fault, read_fault

__all__ = ["Fault", "FaultKind", "FaultPlan", "catalogue", "read_fault"]
