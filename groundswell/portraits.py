"""Portraits: the picture of one project for sharing, as PNG. Its name, one figure with its interval, the five stages,
and the day. What is drawn (Portrait) is words and directions alone; how it is drawn are figures that are filled again.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
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
    Direction.RISING: "#0a5ea8", Direction.FALLING: "#ad4207", Direction.STEADY: "#535d67", Direction.NEW: "#6d28d9",
    None: "#535d67",
}  # fmt: skip
_SIGNS: Final = {
    Direction.RISING: "▲", Direction.FALLING: "▼", Direction.STEADY: "●", Direction.NEW: "◇", None: "–",
}  # fmt: skip
_NAME: Final = (88, 66, 48, 36)  # sizes, of which the first is taken at which the words fit
_FIGURE: Final = (84, 62, 48, 36)
_SAYS: Final = 32
_FOOT: Final = 22
_ROOM: Final = WIDTH - 2 * _EDGE
_BOLD: Final = 1.2  # a bold letter is wider by so much; the few that are wider still have the edge for it
_STEP: Final = (408, 128, 20)  # of the five: where they begin, their height, and how far they reach into the next
_MOST_KEPT: Final = 64  # strips of a kind
_WORDS: Final = tuple(sorted({_INK, *_COLOURS.values()}))  # colours that words have
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


@contextmanager
def _style() -> Iterator[None]:
    """Letters keep their shape wherever they stand. `rc_context` would copy all settings there are."""
    hinting = mpl.rcParams["text.hinting"]
    mpl.rcParams["text.hinting"] = "none"
    try:
        yield
    finally:
        mpl.rcParams["text.hinting"] = hinting


class Studio:
    """A figure for each part of the page, filled again for each portrait. Not to be shared between threads.

    What many portraits have alike is drawn once: what the figure is of, the five stages, and the foot.
    """

    def __init__(self) -> None:
        self._name = _Line((0, 184), 110, weight="bold")
        self._figure = _Line((184, 300), 246, weight="bold")
        self._says = _Line((300, 404), 332, few=True)
        self._band = _Band((404, 540))
        self._foot = _Line((540, HEIGHT), HEIGHT - 44, few=True)
        self._page = Image.new("P", (WIDTH, HEIGHT))
        self._page.putpalette(_palette().getpalette() or ())

    def draw(self, shown: Portrait) -> bytes:
        """The picture: the same bytes for the same portrait."""
        sign = f"{_SIGNS[shown.direction]} " if shown.direction else ""
        name, figure = _size(shown.name, _NAME), _size(sign + shown.figure, _FIGURE)
        with _style():
            self._name.onto(self._page, _fitted(shown.name, name), name, _INK)
            self._figure.onto(self._page, sign + shown.figure, figure, _COLOURS[shown.direction])
            self._says.onto(self._page, shown.says, _SAYS, _SOFT)
            self._band.onto(self._page, shown.stages)
            self._foot.onto(self._page, _fitted(shown.foot, _FOOT), _FOOT, _SOFT)
        file = io.BytesIO()
        self._page.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)  # others take longer than the drawing
        return file.getvalue()


class _Strip:
    """A part of the page, as wide as it, from one height to another."""

    def __init__(self, ends: tuple[int, int]) -> None:
        self._top, self._under = ends
        self._sheet = Figure(figsize=(WIDTH / 100, self._height / 100), dpi=100, facecolor=_PAPER)
        self._canvas = FigureCanvasAgg(self._sheet)
        self._known: dict[object, Image.Image] = {}

    @property
    def _height(self) -> int:
        return self._under - self._top

    def _keep(self, shown: object, strip: Image.Image) -> None:
        """Keep a strip for the next portrait with the same; never so many that memory grows with the projects."""
        if len(self._known) == _MOST_KEPT:
            self._known.clear()
        self._known[shown] = strip

    def _drawn(self) -> Image.Image:
        self._canvas.draw()  # type: ignore[no-untyped-call]
        pixels = self._canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        whole = Image.frombuffer("RGBA", (WIDTH, self._height), pixels, "raw", "RGBA", 0, 1).convert("RGB")
        return whole.quantize(palette=_palette(), dither=Image.Dither.NONE)

    def _text(self, x: float, y: float, *, size: float = 20, weight: str = "normal") -> Text:
        """An empty line, its middle at a place in pixels from the top left of the page. It knows no formulas."""
        text = Text(
            x / WIDTH, (self._under - y) / self._height, "", fontsize=size * 0.72, fontweight=weight, color=_INK,
            fontfamily="DejaVu Sans", parse_math=False, verticalalignment="center", transform=self._sheet.transFigure,
        )  # fmt: skip
        self._sheet.add_artist(text)
        return text


class _Line(_Strip):
    """A strip with one line of words. Those of some are few, and each is drawn once."""

    def __init__(self, ends: tuple[int, int], middle: float, *, weight: str = "normal", few: bool = False) -> None:
        super().__init__(ends)
        self._sheet.patch.set_visible(False)
        self._words = self._text(_EDGE, middle, weight=weight)
        self._few = few

    def onto(self, page: Image.Image, words: str, size: float, colour: str) -> None:
        """Write words on a page."""
        known = self._known.get((words, size, colour))
        if known is None:
            self._words.set_text(words)
            self._words.set_fontsize(size * 0.72)
            known = self._inked(colour)
            if self._few:
                self._keep((words, size, colour), known)
        page.paste(known, (0, self._top))

    def _inked(self, colour: str) -> Image.Image:
        """The words on paper: how much of each pixel they cover says which shade it has."""
        self._canvas.draw()  # type: ignore[no-untyped-call]
        covered = np.asarray(self._canvas.buffer_rgba())[:, :, 3]  # type: ignore[no-untyped-call]
        return Image.frombuffer("P", (WIDTH, self._height), _shades(colour)[covered].tobytes(), "raw", "P", 0, 1)


class _Band(_Strip):
    """The strip with the five stages. Many projects have the same, which are drawn once."""

    def __init__(self, ends: tuple[int, int]) -> None:
        super().__init__(ends)
        wide = (WIDTH - 2 * _EDGE) / len(Stage)
        self._steps = [self._step(_EDGE + number * wide, wide, number) for number in range(len(Stage))]

    def onto(self, page: Image.Image, stages: Stages) -> None:
        """Draw the five on a page."""
        known = self._known.get(stages)
        if known is None:
            self._fill(stages)
            known = self._drawn()
            self._keep(stages, known)
        page.paste(known, (0, self._top))

    def _fill(self, stages: Stages) -> None:
        for (shape, label, mark, word), (name, way, reached) in zip(self._steps, stages, strict=True):
            shape.set_facecolor(_REACHED if reached else _FAINT)
            label.set_text(name)
            mark.set_text(_SIGNS[way])
            mark.set_color(_COLOURS[way])
            word.set_text(wording.DIRECTIONS[way])
            word.set_color(_COLOURS[way])

    def _step(self, x: float, wide: float, number: int) -> tuple[Polygon, Text, Text, Text]:
        top, high, point = _STEP
        notch = 0 if number == 0 else point
        right = x + wide - 4
        outline: Sequence[tuple[float, float]] = (
            (x, top), (right, top), (right + point, top + high / 2), (right, top + high), (x, top + high),
            (x + notch, top + high / 2),
        )  # fmt: skip
        shape = Polygon(
            [(left / WIDTH, (self._under - down) / self._height) for left, down in outline],
            transform=self._sheet.transFigure,
            linewidth=0,
        )
        self._sheet.add_artist(shape)
        inset = x + point + 12
        return (
            shape,
            self._text(inset, top + 42, size=22, weight="bold"),
            self._text(inset, top + 86, size=22),
            self._text(inset + 30, top + 86, size=20),
        )


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
    shades = [
        round(255 * (share * ink + (1 - share) * paper))
        for ground in (_PAPER, _FAINT, _REACHED)
        for word in _WORDS
        for share in np.linspace(0, 1, _SHADES)
        for ink, paper in zip(to_rgb(word), to_rgb(ground), strict=True)
    ]
    found = Image.new("P", (1, 1))
    found.putpalette(shades)
    return found


@cache
def _shades(colour: str) -> npt.NDArray[np.uint8]:
    """The place in the palette of each share of a colour on paper, from 0 to 255."""
    return (_WORDS.index(colour) * _SHADES + np.round(np.linspace(0, _SHADES - 1, 256))).astype(np.uint8)
