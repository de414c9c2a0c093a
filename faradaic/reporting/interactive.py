"""Panels as interactive plots of a page: to zoom, to hide curves, to read values.

Bokeh draws them; its script comes from its wheel and stands in the page, so that nothing is loaded
from elsewhere. It is imported when a page is written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import numpy as np

from faradaic.reporting.html import Html, Plots, element, section
from faradaic.reporting.panels import Curve, Floats, Panel

MOST_POINTS = 4000
"""Of a line; longer ones keep what the eye sees of them (MinMaxLTTB, Van Der Donckt 2023)."""
_MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "star")
_HEIGHT_PX = 440


def interactive(panels: Sequence[Panel], *, simulated: bool) -> Plots:
    """One plot of each panel, under tabs. Nothing where there are no panels."""
    if not panels:
        return Plots()
    from bokeh.embed import json_item
    from bokeh.models import TabPanel, Tabs

    tabs = [TabPanel(child=_plot(panel, simulated), title=panel.title) for panel in panels]
    item = _numbered(json_item(Tabs(tabs=tabs, sizing_mode="stretch_width"), "plot"), {})
    data = json.dumps(item, separators=(",", ":")).replace("<", "\\u003c")
    nonce = sha256(data.encode()).hexdigest()
    hint = "Drag to zoom, reset to see all, click a name to hide its curve."
    return Plots(
        section(
            "Look closer",
            Html('<div id="plot"></div>'),
            element("p", hint, css="soft"),
            Html(f'<script type="application/json" id="plots" nonce="{nonce}">{data}</script>'),
        ),
        (files(__package__).joinpath("interactive.js").read_text(encoding="utf-8"), _bokeh_js()),
        nonce,
    )


def thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most `MOST_POINTS` of the points, none moved; gaps (NaN) stay gaps."""
    if len(y) <= MOST_POINTS:
        return x, y
    from tsdownsample import NaNMinMaxLTTBDownsampler

    kept = NaNMinMaxLTTBDownsampler().downsample(np.ascontiguousarray(y), n_out=MOST_POINTS)
    return x[kept], y[kept]


def _plot(panel: Panel, simulated: bool) -> Any:
    from bokeh.models import LinearAxis, PlainText, Range1d, Title
    from bokeh.plotting import figure

    plot = figure(
        height=_HEIGHT_PX,
        sizing_mode="stretch_width",
        tools="box_zoom,pan,wheel_zoom,reset,save",
        active_drag="box_zoom",
        x_axis_type="log" if panel.log_x else "linear",
        y_axis_type="log" if panel.log_y else "linear",
        match_aspect=panel.equal,
        x_axis_label=PlainText(text=panel.x_label),
        y_axis_label=PlainText(text=panel.y_label),
        background_fill_color=None,
    )
    plot.toolbar.logo = None
    plot.grid.grid_line_color = "#eeeeee"
    if simulated:
        plot.add_layout(Title(text=PlainText(text="SIMULATED"), align="center"), "above")
    if panel.right:
        known = np.concatenate([curve.y[np.isfinite(curve.y)] for curve in panel.right])
        plot.extra_y_ranges = {"right": Range1d(0.0, 1.1 * float(known.max(initial=1.0)))}
        label = PlainText(text=panel.right_label)
        plot.add_layout(LinearAxis(y_range_name="right", axis_label=label), "right")
    if panel.y_limits is not None:
        plot.y_range = Range1d(*panel.y_limits)
    drawn = [_draw(plot, curve, "default") for curve in panel.curves]
    if panel.y_limits is None:
        plot.y_range.renderers = drawn
    for curve in panel.right:
        _draw(plot, curve, "right")
    plot.legend.click_policy = "hide"
    plot.add_layout(plot.legend[0], "below")
    plot.legend.ncols = 3
    return plot


def _draw(plot: Any, curve: Curve, axis: str) -> Any:
    from bokeh.core.properties import value
    from bokeh.models import HoverTool

    points = curve.style in ("points", "markers")
    x, y = (curve.x, curve.y) if points else thinned(curve.x, curve.y)
    shared: Any = {"legend_label": curve.label, "y_range_name": axis, "color": curve.colour}
    if points:
        fill = "white" if curve.sample % 2 else curve.colour
        marker = _MARKERS[curve.sample % len(_MARKERS)]
        drawn = plot.scatter(x, y, size=7, marker=marker, **shared, fill_color=fill)
    else:
        dash = "dashed" if curve.style == "dashed" else "solid"
        drawn = plot.line(x, y, line_width=1.5, line_dash=dash, **shared)
    plot.legend[0].items[-1].label = value(curve.label)
    plot.add_tools(HoverTool(renderers=[drawn], tooltips="@x{0.00000}, @y{0.0000}", visible=False))
    return drawn


def _numbered(node: Any, names: dict[str, str]) -> Any:
    """The same document with models named in their order: the same panels give the same page."""
    if isinstance(node, list | tuple):
        return [_numbered(one, names) for one in node]
    if isinstance(node, dict):
        return {
            key: names.setdefault(one, f"p{len(names)}")
            if key in ("id", "root_id")
            else _numbered(one, names)
            for key, one in node.items()
        }
    return node


@cache
def _bokeh_js() -> str:
    from bokeh.resources import Resources

    return str(Resources("inline", components=["bokeh"], minified=True).js_raw[0])
