"""Posters: the picture of a month for sharing, as PNG. Five rows, a bar of who went which way in each stage and who
moved most surely, whatever the number of projects.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.text import Text

WIDTH: Final = 1200  # pixels, the size that sites which show a link ask for
HEIGHT: Final = 630
_EDGE: Final = 60
_BAR: Final = (270, 330, 26)  # where a bar begins, its length and its height
_ROWS: Final = (206, 77)  # where the first row is, and how far the next is below it
_PAPER, _INK, _SOFT, _LINE = "#fbfbf9", "#191d22", "#535d67", "#dde1e4"
_UP, _DOWN, _STEADY = "#0a5ea8", "#ad4207", "#9aa4ad"
_COLOURS: Final = (_UP, _STEADY, _DOWN, _LINE)  # rising, steady, falling, and of which it cannot be told
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A stage: how many rise, hold steady, fall, and cannot be told; and what is said of the surest moves."""

    label: str
    counts: tuple[int, int, int, int]
    moves: tuple[tuple[str, str, bool], ...]  # name, growth, whether it rises


@dataclass(frozen=True, slots=True)
class Poster:
    """All that stands on it."""

    heading: str
    says: str
    rows: tuple[Row, ...]
    foot: str


def drawn(poster: Poster) -> bytes:
    """The picture: the same bytes for the same poster."""
    with mpl.rc_context({"font.family": "DejaVu Sans", "text.parse_math": False, "text.hinting": "none"}):
        figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=_PAPER)
        FigureCanvasAgg(figure)
        _write(figure, _EDGE, 70, _fitted(poster.heading, 34), size=42, weight="bold")
        _write(figure, _EDGE, 124, _fitted(poster.says, 84), size=19, colour=_SOFT)
        for number, row in enumerate(poster.rows):
            _draw_row(figure, row, _ROWS[0] + number * _ROWS[1])
        _write(figure, _EDGE, HEIGHT - 34, _fitted(poster.foot, 165), size=12.5, colour=_SOFT)
        page = io.BytesIO()
        figure.savefig(page, format="png", metadata={"Software": None})
    return page.getvalue()


def legible(text: str, instead: str = "?") -> str:
    """A text if the picture's letters can write it, and what stands for it if they cannot."""
    bare = _UNSEEN.sub("", text)
    return bare if bare.strip() and all(ord(sign) in _letters() for sign in bare) else instead


@cache
def _letters() -> frozenset[int]:
    """What both weights of the letters have."""
    faces = (FontProperties(family="DejaVu Sans", weight=weight) for weight in ("normal", "bold"))
    return frozenset.intersection(*(frozenset(get_font(str(Path(findfont(face)))).get_charmap()) for face in faces))


def _fitted(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _write(
    figure: Figure, x: float, y: float, text: str, *, size: float, colour: str = _INK, weight: str = "normal"
) -> None:
    """A line of text, its middle at a place in pixels from the top left."""
    figure.add_artist(
        Text(
            x / WIDTH,
            1 - y / HEIGHT,
            text,
            fontsize=size * 0.72,
            color=colour,
            fontweight=weight,
            verticalalignment="center",
            transform=figure.transFigure,
        )
    )


def _draw_row(figure: Figure, row: Row, y: float) -> None:
    _write(figure, _EDGE, y, row.label, size=21, weight="bold")
    start, length, height = _BAR
    whole, x = max(sum(row.counts), 1), float(start)
    for count, colour in zip(row.counts, _COLOURS, strict=True):
        wide = length * count / whole
        if count:
            _box(figure, x, y - height / 2, wide - (2 if wide > 4 else 0), height, colour)
            if wide > 24:
                _count(figure, x + wide / 2, y, count, _INK if colour in {_LINE, _STEADY} else "white")
        x += wide
    nobody = "no move that one can be sure of" if any(row.counts[:3]) else "not measured in any project"
    lines = row.moves or ((nobody, "", False),)
    for number, (name, growth, rises) in enumerate(lines):
        at = y + (number - (len(lines) - 1) / 2) * 30
        if not growth:
            _write(figure, start + length + 36, at, name, size=17, colour=_SOFT)
            continue
        colour = _UP if rises else _DOWN
        _write(figure, start + length + 36, at, "▲" if rises else "▼", size=15, colour=colour)
        _write(figure, start + length + 64, at, _fitted(name, 23), size=18)
        _write(figure, start + length + 330, at, growth, size=18, colour=colour, weight="bold")


def _count(figure: Figure, x: float, y: float, count: int, colour: str) -> None:
    text = Text(x / WIDTH, 1 - y / HEIGHT, f"{count:,}", fontsize=11, color=colour, transform=figure.transFigure)
    text.set_horizontalalignment("center")
    text.set_verticalalignment("center_baseline")
    figure.add_artist(text)


def _box(figure: Figure, x: float, y: float, wide: float, high: float, colour: str) -> None:
    place = (x / WIDTH, 1 - (y + high) / HEIGHT)
    figure.add_artist(
        Rectangle(place, wide / WIDTH, high / HEIGHT, facecolor=colour, edgecolor="none", transform=figure.transFigure)
    )
