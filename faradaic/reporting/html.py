"""HTML from plain values: everything that is not `Html` already is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files


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


def picture(png: bytes, alt: str) -> Html:
    """A picture that is part of the page."""
    data = b64encode(png).decode()
    return Html(f'<img src="data:image/png;base64,{data}" alt="{html(alt)}">')


_NOTHING = Html("")


@dataclass(frozen=True, slots=True)
class Plots:
    """Interactive plots of a page, as `reporting.interactive` makes them; by default none."""

    body: Html = _NOTHING
    scripts: tuple[str, ...] = ()
    nonce: str = ""
    """Carried by the styles that the scripts make."""


def page(
    title: str,
    *content: object,
    banner: str = "",
    plots: Plots = Plots(),
    css: str = "",
) -> str:
    """One file that opens anywhere and asks nothing of the network.

    Its policy allows exactly the styles and scripts that are in it, among them those of `plots`;
    `css` are rules of this kind of page alone. The banner stays on top.
    """
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8") + css
    styles = _hash(style) + (f" 'nonce-{plots.nonce}'" if plots.nonce else "")
    scripts = " ".join(map(_hash, plots.scripts)) or "'none'"
    policy = f"default-src 'none'; img-src data:; style-src {styles}; script-src {scripts}"
    top = element("div", banner, css="banner") if banner else ""
    code = "".join(f"<script>{text}</script>\n" for text in plots.scripts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n{top}{element('main', *content)}\n{code}</body>\n</html>\n"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
