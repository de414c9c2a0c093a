"""A bench with several channels: each is a bench of its own, with an address of its own.

`channels: 16` are numbers 1 to 16, put where the source's address says `{channel}`; `5001-5016`
are those numbers, `{channel:02d}` writes them with two digits, and a list says each address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from faradaic.diagnostics import Diagnostic, refusal
from faradaic.documents.document import load_document
from faradaic.documents.models import Model, ShortForm, problem

MOST = 128
_PLACE = re.compile(r"\{channel(?::(0[1-9])d)?\}")


class Channels(Model):
    """Which channels there are, as written."""

    count: Annotated[int, Field(strict=True, ge=1, le=MOST)] | None = None
    first: Annotated[int, Field(strict=True, ge=0)] = 1
    addresses: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _there_are_some(self) -> Channels:
        if (self.count is None) == (not self.addresses):
            raise problem(
                "no channels are named", help="write `channels: 16`, or a list of addresses"
            )
        if len(set(self.addresses)) < len(self.addresses):
            raise problem("an address stands twice", help="each channel has an address of its own")
        return self

    @property
    def number(self) -> int:
        """Get how many there are."""
        return self.count if self.count is not None else len(self.addresses)

    def address(self, template: str, number: int) -> str:
        """Of a channel, counted from 1."""
        if self.addresses:
            return self.addresses[number - 1]
        return self.numbered(template, number)

    def numbered(self, template: str, number: int) -> str:
        """A text with the number of a channel in its place."""
        return _PLACE.sub(lambda at: f"{self.first + number - 1:{at[1] or ''}d}", template)

    def one_address(self, templates: Mapping[str, str]) -> Iterator[Diagnostic]:
        """What of a real bench would have one address for several channels (E426)."""
        for name, template in templates.items():
            own = bool(self.addresses) and name == "source"
            if own or self.number == 1 or _PLACE.search(template):
                continue
            shared = (
                ""
                if name == "source"
                else ("; what all wells share is asked of the operator, once: leave it out")
            )
            yield Diagnostic(
                "E426",
                f"`{name}` has one address for {self.number} channels, `{template}`",
                help="write {channel} where their numbers stand in it" + shared,
                path="channels",
            )


def _expand(value: Any) -> Any:
    if isinstance(value, list):
        return {"addresses": value}
    if isinstance(value, int):
        return {"count": value}
    numbers = re.fullmatch(r"(\d{1,6}) ?[-–] ?(\d{1,6})", value) if isinstance(value, str) else None
    if numbers is not None and int(numbers[2]) >= int(numbers[1]):
        return {"first": int(numbers[1]), "count": int(numbers[2]) - int(numbers[1]) + 1}
    return value


ChannelsEntry = Annotated[Channels, ShortForm(_expand, {"type": ["integer", "string", "array"]})]


def channel_text(text: str, channels: Channels, number: int) -> str:
    """The bench file of one channel, made of that of the bench. Raises `InputError` (E421)."""
    data = load_document(text).data
    if not 1 <= number <= channels.number:
        raise refusal(
            "E421",
            f"bench {data['name']} has no channel {number}",
            f"they are {data['name']}/1 to {data['name']}/{channels.number}",
        )
    del data["channels"]
    data["name"] = f"{data['name']}/{number}"
    data["source"]["address"] = channels.address(data["source"]["address"], number)
    for device in data.get("devices", {}).values():
        device["address"] = channels.numbered(device["address"], number)
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
