"""HTML from plain values: everything that is not `Html` already is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """Text that is HTML already; plain strings are escaped where they are put in."""

    __slots__ = ()


def html(value: object) -> Html:
    """A value as HTML."""
    return value if isinstance(value, Html) else Html(escape(str(value)))


def join(parts: Iterable[object], between: str = "") -> Html:
    """Parts one after the other."""
    return Html(between.join(html(part) for part in parts))


def element(name: str, *content: object, css: str = "") -> Html:
    """An element with its content; `css` is the class, not taken from data."""
    attribute = f' class="{css}"' if css else ""
    return Html(f"<{name}{attribute}>{join(content)}</{name}>")


def section(title: str, *content: object) -> Html:
    """A section under a heading; nothing where there is no content."""
    body = join(content)
    return element("section", element("h2", title), body) if body else body


def table(head: Sequence[object], rows: Iterable[Sequence[object]], css: str = "") -> Html:
    """A table; nothing where there are no rows."""
    body = join(element("tr", *(element("td", cell) for cell in row)) for row in rows)
    if not body:
        return body
    top = element("tr", *(element("th", cell) for cell in head))
    return element(
        "div",
        element("table", element("thead", top), element("tbody", body), css=css),
        css="scroll",
    )


def pairs(rows: Iterable[tuple[object, object]]) -> Html:
    """A list of terms and what they are."""
    return element(
        "dl", *(join((element("dt", term), element("dd", value))) for term, value in rows)
    )


def bullets(items: Iterable[object]) -> Html:
    """A bulleted list; nothing where there are no items."""
    body = join(element("li", item) for item in items)
    return element("ul", body) if body else body
