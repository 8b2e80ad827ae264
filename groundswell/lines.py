"""The picture of Compare, as Altair writes it: the specification alone, without figures, title and colours.

The page puts those in. All expressions stand in the specification beforehand and Vega's own interpreter runs them: the
page needs no right to evaluate code, and no text from outside becomes an expression.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import altair as alt

MOST: Final = 8  # projects in one picture

DASHES: Final[Sequence[list[float]]] = [
    *([1.0, 0.0], [7.0, 3.0], [2.0, 3.0], [9.0, 3.0, 2.0, 3.0]),
    *([12.0, 3.0], [4.0, 4.0], [7.0, 3.0, 2.0, 3.0, 2.0, 3.0], [1.0, 0.0]),
]
SHAPES: Final = (
    *("circle", "square", "triangle-up", "diamond"),
    *("triangle-down", "cross", "triangle-right", "triangle-left"),
)
_NUMBER: Final = (
    "datum.label ? (abs(datum.value) >= 1000 ? replace(format(datum.value, '~s'), 'G', 'bn') : datum.label) : ''"
)
_FAINTER: Final = alt.Scale(domain=[False, True], range=[1, 0.5])  # where it is filled in
_UNNAMED: Final = alt.condition("datum.label", alt.value(1), alt.value(0.35))  # lines between those of a log scale
_X: Final[Mapping[str, str | None]] = {  # what is written below the picture, where it is not a date
    "date": None,
    "age": "Months since the repository was created",
    "start": "Months since the figures begin",
}
_Y: Final[Mapping[str, Mapping[str, Any]]] = {
    "zero": {"type": "linear", "zero": True, "nice": True},
    "free": {"type": "linear", "zero": False, "nice": True},
    "log": {"type": "log", "nice": True},
}


def specifications() -> dict[str, dict[str, dict[str, Any]]]:
    """By what runs along the picture (date, age, start), then by its upright scale (zero, free, log)."""
    return {along: {upright: _picture(along, upright) for upright in _Y} for along in _X}


def _picture(along: str, upright: str) -> dict[str, Any]:
    """Lines of up to eight projects.

    `points`: x, y (null is missing), n (place among the projects), filled, bound, and tip (what it says).
    `runs`: the same points by stretches that look alike (run), each reaching to the next one; null breaks a line.
    `labels`: n, px, py (where on the picture), text.
    """
    x, y = _across(along), _up(upright)
    paint = alt.Color("n:N", scale=_scale("category"), legend=None)
    runs, points = alt.Chart(alt.NamedData(name="runs")), alt.Chart(alt.NamedData(name="points"))
    lines = runs.mark_line(aria=False, strokeWidth=2.2, strokeJoin="round", strokeCap="round").encode(
        x=x,
        y=y,
        color=paint,
        strokeDash=alt.StrokeDash("n:N", scale=_scale(DASHES), legend=None),
        opacity=alt.Opacity("filled:N", sort=[False, True], scale=_FAINTER, legend=None),
        detail="run:N",
    )
    dots = points.mark_point(aria=False, size=alt.ExprRef("dot"), strokeWidth=1.5).encode(
        x=x,
        y=y,
        stroke=alt.Stroke("n:N", scale=_scale("category"), legend=None),
        fill=alt.Fill("n:N", scale=_scale("category"), legend=None),
        fillOpacity=alt.condition("datum.filled", alt.value(0), alt.value(1)),
        shape=alt.Shape("n:N", scale=_scale(SHAPES), legend=None),
        tooltip=alt.Tooltip("tip:N"),
    )
    arrow = alt.ExprRef("datum.bound && isValid(datum.y) ? '↑' : ''")
    bounds = points.mark_text(aria=False, text=arrow, dy=-11, fontSize=11).encode(x=x, y=y, color=paint)
    names = (
        alt.Chart(alt.NamedData(name="labels"))
        .mark_text(
            x=alt.ExprRef("datum.px"),
            y=alt.ExprRef("datum.py"),
            aria=False,
            dx=9,
            align="left",
            baseline="middle",
            fontWeight="bold",
        )
        .encode(text="text:N", color=paint)
    )
    whole = (
        alt.layer(lines, dots, bounds, names)
        .properties(
            width=640,
            height=400,
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
            title=alt.TitleParams(aria=False, text="", subtitle=[""], anchor="start", offset=14),
        )
        .add_params(
            alt.param(name="dot", value=30),
            alt.param(name="room", value=0),
        )
    )
    made: dict[str, Any] = whole.to_dict()
    del made["$schema"], made["config"]  # the one names a host, the other is the page's
    return made


def _scale(values: Literal["category"] | Sequence[str] | Sequence[list[float]]) -> alt.Scale:
    """One value for each place among the projects."""
    return alt.Scale(domain=list(range(1, MOST + 1)), range=values)


def _across(along: str) -> alt.X:
    title = _X[along]
    room: list[Any] = [0, alt.ExprRef("width - room")]
    ticks = alt.ExprRef("ceil(width / 130)")
    if title is None:
        axis = alt.Axis(
            aria=False,
            title=None,
            grid=False,
            labelFlush=True,
            labelSeparation=8,
            labelOverlap="greedy",
            tickCount=ticks,
        )
        return alt.X("x", type="temporal", scale=alt.Scale(type="utc", range=room), axis=axis)
    axis = alt.Axis(
        aria=False,
        title=title,
        grid=False,
        labelFlush=True,
        labelSeparation=8,
        labelOverlap="greedy",
        tickCount=ticks,
        tickMinStep=1,
        format="d",
    )
    return alt.X("x", type="quantitative", scale=alt.Scale(zero=False, nice=False, range=room), axis=axis)


def _up(upright: str) -> alt.Y:
    axis = alt.Axis(
        aria=False, title=None, labelExpr=_NUMBER, tickCount=6, domain=False, ticks=False, gridOpacity=_UNNAMED
    )
    return alt.Y("y:Q", scale=alt.Scale(**_Y[upright]), axis=axis)
