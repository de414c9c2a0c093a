"""How the program of a simulated run and its device host die."""

from __future__ import annotations


class Dead(BaseException):
    """The program is dead; its code is only unwound."""


class ProgramDied(BaseException):
    """In the host: its engine is gone."""


class HostDies(BaseException):
    """In the host: it is dead."""
