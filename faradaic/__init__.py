"""faradaic: an electrolysis from a written protocol to the numbers of the paper.

The package imports nothing here, so that the command starts fast; import the rooms by name
(`faradaic.protocols`, `faradaic.instruments`, `faradaic.simulators`, `faradaic.records`,
`faradaic.runner`, `faradaic.analysis`).
"""

__version__ = "0.1.0"
