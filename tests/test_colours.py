"""Colours that must be told apart are, also by those who see fewer of them; and none of them stands alone.

How a colour looks to them is modelled as Machado, Oliveira and Fernandes did ("A Physiologically-based Model for
Simulation of Color Vision Deficiency", 2009), at the full loss of one kind of cone. Differences are those
of CIELAB (1976).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest

from groundswell import badges, own_templates, portraits, posters
from tests.kinds import EXAMPLES
from tests.test_witness import Elements

Colour = npt.NDArray[np.float64]  # linear red, green and blue, from 0 to 1

SEEING: Final = {
    "all three": np.eye(3),
    "no red": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ]),
    "no green": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ]),
    "no blue": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE: Final = XYZ @ np.ones(3)


def linear(code: str) -> Colour:
    """ "#0a5ea8" without the curve of screens."""
    parts = np.array([int(code[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour: Colour) -> Colour:
    part = np.clip(XYZ @ np.clip(colour, 0, 1), 0, None) / WHITE
    root = np.where(part > (6 / 29) ** 3, np.cbrt(part), part / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def difference(one: str, other: str, seeing: Colour) -> float:
    return float(np.linalg.norm(lab(seeing @ linear(one)) - lab(seeing @ linear(other))))


STYLE: Final = (own_templates.TEMPLATES / "style.css").read_text(encoding="utf-8")
DIRECTIONS: Final = ("up", "down", "soft", "new")  # rising, falling, steady or not known, new
SERIES: Final = tuple(f"c{number}" for number in range(1, 9))
LEAST: Final = 15.0  # what differs by 2 can be told apart by a keen eye, beside each other; by 10 at a glance


def tokens() -> Mapping[str, Mapping[str, str]]:
    """The colours of each theme, as the later blocks of the stylesheet replace those of the first."""
    light, dark, *paper = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-fA-F]{6})\b", block))
        for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    )
    printed = {name: code for block in paper for name, code in block.items()}
    short = {name: f"#{code * 2}" for name, code in re.findall(r"--(soft): #([0-9a-f]{3});", STYLE)}
    return {"light": light, "dark": light | dark, "paper": light | dark | printed | short}


def alike(codes: Mapping[str, str], least: float) -> list[str]:
    """Pairs that somebody cannot tell apart."""
    return [
        f"{one} and {other} with {kind}: {found:.1f}"
        for kind, seeing in SEEING.items()
        for (one, first), (other, second) in itertools.combinations(codes.items(), 2)
        if (found := difference(first, second, seeing)) < least
    ]


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
@pytest.mark.parametrize("names", [DIRECTIONS, SERIES], ids=["directions", "series"])
def test_colours_that_must_be_told_apart_are_by_everybody(theme: str, names: tuple[str, ...]) -> None:
    codes = tokens()[theme]
    assert alike({name: codes[name] for name in names}, LEAST) == []


def test_the_colours_of_pictures_for_sharing_are_told_apart_by_everybody() -> None:
    assert alike({"up": posters._UP, "down": posters._DOWN, "steady": posters._STEADY}, LEAST) == []
    assert alike({str(way): code for way, code in portraits._COLOURS.items() if way is not None}, LEAST) == []
    assert alike({str(way): f"#{code}" for way, code in badges._COLOURS.items() if way is not None}, LEAST) == []


def test_what_looks_alike_is_found() -> None:
    """Blue and violet of the same lightness are one colour without red; black and white are far apart for all."""
    assert [found.partition(":")[0] for found in alike({"blue": "#0a5ea8", "violet": "#66479e"}, LEAST)] == [
        "blue and violet with no red", "blue and violet with no green",
    ]  # fmt: skip
    assert all(difference("#000000", "#ffffff", seeing) == pytest.approx(100, abs=0.1) for seeing in SEEING.values())


def test_wherever_a_direction_has_a_colour_a_word_or_a_sign_stands_beside_it(site: Path) -> None:
    """A word or a shape inside it, a sign at the number, or in the tables of counts the head of its column."""
    ways = re.compile(r"is-(rising|falling|steady|new)\b")
    spoken = re.compile(r"rising|falling|steady|new|newly|faster|slower|keeps pace|[+−→]|missing")
    seen = 0
    for address in EXAMPLES:
        for one in Elements((site / address).read_text(encoding="utf-8")).all:
            if ways.search(one.attributes.get("class") or "") and not (one.inside("sums") and one.text == "0"):
                seen += 1
                assert spoken.search(one.text), (address, one.tag, one.attributes, one.text)
    assert seen > 100
