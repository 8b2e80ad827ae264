"""Portraits: the picture of one project for sharing, as PNG. Its name, one figure with its interval, the five stages,
and the day. What is drawn (Portrait) is words and directions alone; how it is drawn is one figure that is filled again.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.text import Text
from PIL import Image

from groundswell import badges, wording
from groundswell.catalogue import BY_KEY, DOWNLOADS, STAGES
from groundswell.models import Card, Direction, Growth, Stage
from groundswell.posters import HEIGHT, WIDTH, legible

_EDGE: Final = 64
_PAPER, _INK, _SOFT, _FAINT, _REACHED = "#fbfbf9", "#191d22", "#535d67", "#eceff0", "#d7e6f4"
_COLOURS: Final = {
    Direction.RISING: "#0a5ea8", Direction.FALLING: "#ad4207", Direction.STEADY: "#535d67", Direction.NEW: "#66479e",
    None: "#535d67",
}  # fmt: skip
_SIGNS: Final = {
    Direction.RISING: "▲", Direction.FALLING: "▼", Direction.STEADY: "●", Direction.NEW: "◇", None: "–",
}  # fmt: skip
_NAME: Final = (88, 66, 48, 36)  # sizes, of which the first is taken at which the words fit
_FIGURE: Final = (84, 62, 48, 36)
_FOOT: Final = 22
_ROOM: Final = WIDTH - 2 * _EDGE
_BOLD: Final = 1.2  # a bold letter is wider by so much; the few that are wider still have the edge for it
_STEP: Final = (408, 128, 20)  # of the five: where they begin, their height, and how far they reach into the next
_BAND: Final = (0, _STEP[0] - 4, WIDTH, _STEP[0] + _STEP[1] + 4)  # what holds the five, and nothing else
_SHADES: Final = 17  # from a ground to the colour of a word

Stages = tuple[tuple[str, Direction | None, bool], ...]  # label, indicator, and whether the project came so far


@dataclass(frozen=True, slots=True)
class Portrait:
    """All that stands on it."""

    name: str
    figure: str  # "+8.2 % ± 0.5"
    direction: Direction | None
    says: str  # what the figure is of: "stars a month, rising"
    stages: Stages
    foot: str

    @property
    def words(self) -> str:
        """The same in a sentence, for who does not see it."""
        stages = ", ".join(f"{label} {wording.DIRECTIONS[way]}" for label, way, _ in self.stages)
        return f"{self.name}: {self.figure}, {self.says}. {stages}. {self.foot}."


def of_card(card: Card, title: str) -> Portrait:
    """A project with one figure: the growth of its stars, else that at the first registry that has one."""
    order = list(Stage)
    reached = order.index(card.furthest) + 1 if card.furthest else 0
    figure, direction, says = _figure(card)
    return Portrait(
        name=legible(card.project.name, card.project.id),
        figure=figure,
        direction=direction,
        says=says,
        stages=tuple(
            (STAGES[stage].label, card.stages[stage].indicator, number < reached) for number, stage in enumerate(order)
        ),
        foot=f"{legible(title, 'Open source, measured by growth')}, as of {wording.date(card.as_of)}",
    )


def _figure(card: Card) -> tuple[str, Direction | None, str]:
    for key in ("stars", *DOWNLOADS):
        seen = card.metrics[key].growth
        if isinstance(seen, Growth):
            noun = BY_KEY[key].noun
            way = wording.DIRECTIONS[seen.direction] if seen.direction else "how sure is not known"
            old = f", {wording.age(seen.end_day, card.as_of)}" if card.metrics[key].stale else ""
            if seen.month is None:
                text = f"{wording.count(seen.start)} → {wording.count(seen.end)}"
                return text, seen.direction, f"{noun} in 28 days, {way}{old}"
            return wording.growth(seen.month, seen.low, seen.high), seen.direction, f"{noun} a month, {way}{old}"
    return wording.DIRECTIONS[None], None, "no growth can be told yet"


def _style() -> AbstractContextManager[None]:
    """Letters that come with matplotlib, and no formulas in what people write."""
    return mpl.rc_context({"font.family": "DejaVu Sans", "text.parse_math": False, "text.hinting": "none"})


class Studio:
    """One figure, filled again for each portrait. Not to be shared between threads."""

    def __init__(self) -> None:
        with _style():
            self._page = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=_PAPER)
            FigureCanvasAgg(self._page)
            self._name = self._text(_EDGE, 110, weight="bold")
            self._figure = self._text(_EDGE, 246, weight="bold")
            self._says = self._text(_EDGE, 332, size=32, colour=_SOFT)
            self._foot = self._text(_EDGE, HEIGHT - 44, size=22, colour=_SOFT)
            wide = (WIDTH - 2 * _EDGE) / len(Stage)
            self._steps = [self._step(_EDGE + number * wide, wide, number) for number in range(len(Stage))]
        self._bands: dict[Stages, Image.Image] = {}

    def draw(self, shown: Portrait) -> bytes:
        """The picture: the same bytes for the same portrait."""
        colour = _COLOURS[shown.direction]
        with _style():
            size = _size(shown.name, _NAME)
            _fill(self._name, _fitted(shown.name, size), size, _INK)
            sign = f"{_SIGNS[shown.direction]} " if shown.direction else ""
            _fill(self._figure, sign + shown.figure, _size(sign + shown.figure, _FIGURE), colour)
            self._says.set_text(shown.says)
            self._foot.set_text(_fitted(shown.foot, _FOOT))
            page = io.BytesIO()
            self._drawn(shown.stages).save(page, "PNG", compress_level=4)
            return page.getvalue()

    def _drawn(self, stages: Stages) -> Image.Image:
        """The page. Many projects have the same five stages, which are then taken from an earlier picture."""
        known = self._bands.get(stages)
        for step, (name, way, reached) in zip(self._steps, stages, strict=True):
            for part in step:
                part.set_visible(known is None)
            shape, label, mark, word = step
            shape.set_facecolor(_REACHED if reached else _FAINT)
            label.set_text(name)
            mark.set_text(_SIGNS[way])
            mark.set_color(_COLOURS[way])
            word.set_text(wording.DIRECTIONS[way])
            word.set_color(_COLOURS[way])
        pixels = io.BytesIO()
        self._page.savefig(pixels, format="raw")
        whole = Image.frombuffer("RGBA", (WIDTH, HEIGHT), pixels.getvalue(), "raw", "RGBA", 0, 1).convert("RGB")
        few = whole.quantize(palette=_palette(), dither=Image.Dither.NONE)
        if known is None:
            self._bands[stages] = few.crop(_BAND)
        else:
            few.paste(known, _BAND)
        return few

    def _text(self, x: float, y: float, *, size: float = 20, colour: str = _INK, weight: str = "normal") -> Text:
        """An empty line, its middle at a place in pixels from the top left."""
        text = Text(
            x / WIDTH, 1 - y / HEIGHT, "", fontsize=size * 0.72, color=colour, fontweight=weight,
            verticalalignment="center", transform=self._page.transFigure,
        )  # fmt: skip
        self._page.add_artist(text)
        return text

    def _step(self, x: float, wide: float, number: int) -> tuple[Polygon, Text, Text, Text]:
        top, high, point = _STEP
        notch = 0 if number == 0 else point
        right = x + wide - 4
        outline: Sequence[tuple[float, float]] = (
            (x, top), (right, top), (right + point, top + high / 2), (right, top + high), (x, top + high),
            (x + notch, top + high / 2),
        )  # fmt: skip
        shape = Polygon(
            [(left / WIDTH, 1 - down / HEIGHT) for left, down in outline], transform=self._page.transFigure, linewidth=0
        )
        self._page.add_artist(shape)
        inset = x + point + 12
        return (
            shape,
            self._text(inset, top + 42, size=22, weight="bold"),
            self._text(inset, top + 86, size=22),
            self._text(inset + 30, top + 86, size=20),
        )


def _fill(text: Text, words: str, size: float, colour: str) -> None:
    text.set_text(words)
    text.set_fontsize(size * 0.72)
    text.set_color(colour)


def _room(text: str, size: float) -> float:
    """Pixels that bold words take at most."""
    return _BOLD * badges.width(text) * size / badges.SIZE


def _size(text: str, sizes: Sequence[int]) -> int:
    """The largest size at which words fit; the smallest, where none is small enough."""
    return next((size for size in sizes if _room(text, size) <= _ROOM), sizes[-1])


def _fitted(text: str, size: int) -> str:
    """Words that fit at a size: the beginning of those that do not."""
    if _room(text, size) <= _ROOM:
        return text
    return next(cut for end in range(len(text), -1, -1) if _room(cut := f"{text[:end].rstrip()}…", size) <= _ROOM)


@cache
def _palette() -> Image.Image:
    """The picture's own colours, by which it takes a third of the room: each of words on each ground,
    and the steps between them that make the edges of letters smooth.
    """
    grounds, words = (_PAPER, _FAINT, _REACHED), sorted({_INK, *_COLOURS.values()})
    shades = [
        round(255 * (share * ink + (1 - share) * paper))
        for ground in grounds
        for word in words
        for share in np.linspace(0, 1, _SHADES)
        for ink, paper in zip(to_rgb(word), to_rgb(ground), strict=True)
    ]
    found = Image.new("P", (1, 1))
    found.putpalette(shades)
    return found
