"""What sources behind SCPI marks share: the output told and asked, errors, getting into step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from faradaic.instruments import scpi
from faradaic.instruments.polled_source import PolledSource
from faradaic.instruments.transports import Transport


class MarkedSource(PolledSource):
    """A source whose every answer comes behind a mark (`ScpiChannel`): what is late is told."""

    OUTPUT: ClassVar[Mapping[str, bool]] = {"0": False, "1": True}
    """Answers that say whether the output is on; any other is damaged."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._channel = scpi.ScpiChannel(transport)
        self._channel.retries = self.retries

    def _tell_off(self) -> None:
        self._channel.write(self.TOLD_OFF)

    def _ask_output(self) -> tuple[bool | None, str]:
        answer = self._channel.query_doubled(self.ASKED_OUTPUT)
        return self.OUTPUT.get(answer), answer

    def _resynchronise(self) -> None:
        self._channel.resynchronise()

    def _errors(self) -> list[str]:
        return [f"{code}, {text}" for code, text in self._channel.errors()]
