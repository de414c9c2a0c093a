"""The help of a command, with the list of what is installed for it below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from faradaic.plugins import Plugins


def listing(heading: str, plugins: Callable[[], Plugins[Any]]) -> type[typer.core.TyperCommand]:
    """The class of a command whose help lists plug-ins; they are looked for when it is shown."""

    class Listing(typer.core.TyperCommand):
        def format_epilog(self, ctx: Any, formatter: Any) -> None:
            with formatter.section(heading):
                formatter.write_dl(plugins().summaries())

    return Listing
