"""Badges: one figure of a project as a small SVG, and as JSON in the shape of shields.io's endpoint badge.

https://shields.io/badges/endpoint-badge has that shape. Both say the same words. The SVG is drawn here and asks nobody:
a page that shows it tells no third party who reads it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.ft2font import FT2Font, LoadFlags

from groundswell import wording
from groundswell.catalogue import BY_KEY, DOWNLOADS, STAGES, is_named
from groundswell.models import Card, Direction, Growth, Measured, Missing, Stage

STAGE: Final = "stage"
MOMENTUM: Final = "momentum"
_COLOURS: Final[Mapping[Direction | None, str]] = {  # white on each has a contrast of more than 5 to 1
    Direction.RISING: "0a5ea8",
    Direction.FALLING: "ad4207",
    Direction.STEADY: "535d67",
    Direction.NEW: "6d28d9",
    None: "535d67",
}
_LABEL_COLOUR: Final = "2b3138"
_SIGNS: Final[Mapping[Direction, str]] = {
    Direction.RISING: "▲",
    Direction.FALLING: "▼",
    Direction.STEADY: "●",
    Direction.NEW: "◇",
}
_SHAPES: Final[Mapping[Direction, str]] = {  # the same in a square of ten units
    Direction.RISING: '<path d="M5 1 9.4 9H.6Z"/>',
    Direction.FALLING: '<path d="M5 9 .6 1h8.8Z"/>',
    Direction.STEADY: '<circle cx="5" cy="5" r="3.2"/>',
    Direction.NEW: '<path fill="none" stroke="#fff" stroke-width="1.5" d="M5 1 9 5 5 9 1 5Z"/>',
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A figure in a few words."""

    key: str  # names its files: "stars"
    label: str
    message: str
    direction: Direction | None  # its shape and colour, which the message says as well; None has no shape
    more: str  # all of it, in a sentence or two


def of_card(card: Card) -> tuple[Badge, ...]:
    """The badges of a project: its stars, its downloads at each registry that it names, its stage, and its momentum."""
    grown = ("stars", *(key for key in DOWNLOADS if _has(key, card)))
    return (*(_growth(key, card) for key in grown), _stage(card), _momentum(card))


def _has(key: str, card: Card) -> bool:
    """Whether a project has a place at a registry, or had one and its figures are still there."""
    return is_named(BY_KEY[key], card.project) or card.metrics[key].value is not None


def address(slug: str, key: str, form: str) -> str:
    """Where a badge stands, from the site's root."""
    return f"badges/{slug}/{key}.{form}"


# --- What they say ---------------------------------------------------------------------------------------------------


def _growth(key: str, card: Card) -> Badge:
    metric, found = BY_KEY[key], card.metrics[key]
    if isinstance(found.growth, Missing):
        return Badge(key, metric.noun, wording.DIRECTIONS[None], None, wording.sentence(found.growth.reason))
    message = _grown(found.growth)
    if found.stale and found.observed:
        message = f"{message}, {wording.age(found.observed, card.as_of)}"
    return Badge(key, metric.noun, message, _direction(found), wording.sentence(wording.exact_growth(found.growth)))


def _direction(found: Measured) -> Direction | None:
    return found.growth.direction if isinstance(found.growth, Growth) else None


def _grown(seen: Growth) -> str:
    if seen.month is None:
        return f"new: {wording.count(seen.start)} → {wording.count(seen.end)}"
    text = wording.growth(seen.month, seen.low, seen.high)
    return f"steady ({text})" if seen.direction is Direction.STEADY else f"{text} a month"


def _stage(card: Card) -> Badge:
    order = list(Stage)
    if card.furthest is not None:
        reached = STAGES[card.furthest]
        message = f"{reached.label}, {order.index(card.furthest) + 1} of {len(order)}"
        return Badge(STAGE, STAGE, message, None, f"Has come as far as {reached.label}: {reached.meaning}")
    if any(found.value is not None for found in card.metrics.values()):
        return Badge(STAGE, STAGE, "none passed yet", None, "No stage's threshold is passed, as far as can be seen.")
    return Badge(STAGE, STAGE, wording.DIRECTIONS[None], None, "Nothing has been seen of this project yet.")


def _momentum(card: Card) -> Badge:
    """How many of the five stages go where."""
    ways = [state.indicator for state in card.stages.values()]
    counted = [(way, ways.count(way)) for way in Direction if ways.count(way)]
    each = "; ".join(f"{STAGES[stage].label} {wording.DIRECTIONS[one.indicator]}" for stage, one in card.stages.items())
    if not counted:
        return Badge(MOMENTUM, MOMENTUM, wording.DIRECTIONS[None], None, f"{each}.")
    words = ", ".join(f"{number} {wording.DIRECTIONS[way]}" for way, number in counted)
    return Badge(MOMENTUM, MOMENTUM, f"{words} of {len(ways)} stages", _common(ways), f"{each}.")


def _common(ways: list[Direction | None]) -> Direction | None:
    """Where stages go together: up or down when none goes the other way."""
    up, down = Direction.RISING in ways, Direction.FALLING in ways
    if up != down:
        return Direction.RISING if up else Direction.FALLING
    return Direction.NEW if set(ways) <= {Direction.NEW, None} else Direction.STEADY


# --- How they look ---------------------------------------------------------------------------------------------------

SIZE: Final = 11  # of the letters
_EDGE: Final = 6  # free beside words
_SHAPE: Final = 14  # a shape and the room behind it


def endpoint(badge: Badge) -> str:
    """The badge for shields.io, which draws it: the direction is a sign before the words."""
    shape = f"{_SIGNS[badge.direction]} " if badge.direction else ""
    whole = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": f"{shape}{badge.message}",
        "color": _COLOURS[badge.direction],
        "labelColor": _LABEL_COLOUR,
    }
    return json.dumps(whole, ensure_ascii=False) + "\n"


def svg(badge: Badge, name: str) -> str:
    """The badge as a picture that stands for itself; `name` is the project's, and not trusted."""
    shape, whole = _shape(badge), size(badge)
    left, right = width(badge.label), width(badge.message)
    edge = left + 2 * _EDGE
    says = escape(_legal(f"{name}: {badge.label} {badge.message}"), {'"': "&quot;"})
    drawn = f'<g transform="translate({edge + _EDGE} 5)">{_SHAPES[badge.direction]}</g>' if badge.direction else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" viewBox="0 0 {whole} 20" role="img" '
        f'aria-label="{says}"><title>{says}. {escape(_legal(badge.more))}</title>'
        f'<path fill="#{_LABEL_COLOUR}" d="M3 0H{edge}V20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"/>'
        f'<path fill="#{_COLOURS[badge.direction]}" d="M{edge} 0H{whole - 3}a3 3 0 0 1 3 3V17a3 3 0 0 1-3 3H{edge}z"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="{SIZE}">{drawn}'
        f"{_text(badge.label, _EDGE, left)}{_text(badge.message, edge + _EDGE + shape, right)}</g></svg>\n"
    )


def size(badge: Badge) -> int:
    """How wide the picture is."""
    return width(badge.label) + _shape(badge) + width(badge.message) + 4 * _EDGE


def _shape(badge: Badge) -> int:
    return _SHAPE if badge.direction else 0


def _text(words: str, x: int, length: int) -> str:
    """Words that take the room they were given, in whatever font there is."""
    return f'<text x="{x}" y="14" textLength="{length}" lengthAdjust="spacingAndGlyphs">{escape(_legal(words))}</text>'


def _legal(words: str) -> str:
    """Without what XML may not hold, and without signs that turn the direction of the text around them."""
    return "".join(letter for letter in words if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Cn", "Co"})


def width(words: str) -> int:
    """Units that words take: in DejaVu Sans, whose letters are as wide as Verdana's; what it lacks is a square."""
    return max(1, round(sum(map(_advance, _legal(words)))))


@cache
def _advance(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in {"W", "F"} or not _font().get_char_index(ord(letter)):
        return float(SIZE)
    return float(_font().load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536


@cache
def _font() -> FT2Font:
    """The font that comes with matplotlib, so that widths are the same on every machine."""
    font = FT2Font(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"))
    font.set_size(SIZE, 72)
    return font


def written(card: Card, slug: str) -> Iterator[tuple[str, str]]:
    """Each file of a project's badges: its address and its text."""
    for badge in of_card(card):
        yield address(slug, badge.key, "svg"), svg(badge, card.project.name)
        yield address(slug, badge.key, "json"), endpoint(badge)
