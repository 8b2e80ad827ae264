"""Badges: honest in few words, safe to show anywhere, and the same as shields.io would draw."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest

from groundswell import badges, render, sources
from groundswell.addresses import slug
from groundswell.badges import Badge
from groundswell.config import Tracker
from groundswell.models import Card, Direction
from tests.cards import HOSTILE, TODAY, cards

SVG: Final = "{http://www.w3.org/2000/svg}"
ADDRESS: Final = "https://example.org/swell"


def card(id_: str) -> Card:
    return next(card for card in cards() if card.project.id == id_)


def messages(id_: str) -> dict[str, str]:
    return {badge.key: badge.message.replace("\xa0", " ") for badge in badges.of_card(card(id_))}


def a_badge(label: str = "stars", message: str = "up", direction: Direction | None = Direction.RISING) -> Badge:
    return Badge("stars", label, message, direction, "More of it.")


# --- What they say ---------------------------------------------------------------------------------------------------


def test_a_project_has_a_badge_for_its_stars_its_registries_its_stage_and_its_momentum() -> None:
    assert messages("Tidewater/kelp") == {
        "stars": "+8.2 % ± 0.5 a month",
        "pypi_downloads": "+6.1 % ± 3.8 a month",
        "npm_downloads": "+11.2 % ± 4.1 a month",
        "stage": "Monetization, 4 of 5",
        "momentum": "2 rising, 1 steady of 5 stages",
    }


def test_what_is_not_measured_says_so_and_never_0() -> None:
    assert messages("mist/fog") == dict.fromkeys(("stars", "stage", "momentum"), "not measured")
    [stars, *_] = badges.of_card(card("mist/fog"))
    assert (stars.direction, stars.more) == (None, "Not seen yet.")


def test_what_one_cannot_be_sure_of_is_steady_and_says_so() -> None:
    assert messages("continental/shelf")["stars"] == "steady (+0.06 % ± 0.09)"


def test_what_is_too_small_for_a_percentage_is_new() -> None:
    assert messages("spray/droplet")["stars"] == "new: 31 → 87"
    assert messages("spray/droplet")["stage"] == "none passed yet"


def test_a_growth_of_which_it_is_not_known_how_sure_it_is_goes_nowhere() -> None:
    [stars, *_] = badges.of_card(card("reef/coral"))
    assert stars.message.replace("\xa0", " ") == "+2.0 % ± ? a month"
    assert stars.direction is None


def test_an_old_figure_says_how_old_it_is() -> None:
    assert messages("lagoon/still")["npm_downloads"] == "steady (+2.0 % ± 5.0), 2 days old"


@pytest.mark.parametrize(
    ("ways", "common"),
    [
        ((Direction.RISING, Direction.STEADY, None), Direction.RISING),
        ((Direction.FALLING, Direction.STEADY, None), Direction.FALLING),
        ((Direction.RISING, Direction.FALLING, None), Direction.STEADY),
        ((Direction.STEADY, Direction.NEW, None), Direction.STEADY),
        ((Direction.NEW, None, None), Direction.NEW),
    ],
)
def test_momentum_goes_up_or_down_only_when_no_stage_goes_the_other_way(
    ways: tuple[Direction | None, ...], common: Direction
) -> None:
    assert badges._common(list(ways)) is common


# --- How they look ---------------------------------------------------------------------------------------------------


def test_every_badge_of_every_card_is_well_formed_and_says_in_words_what_it_shows() -> None:
    for one in cards():
        for badge in badges.of_card(one):
            drawn = ElementTree.fromstring(badges.svg(badge, one.project.name))
            assert drawn.tag == f"{SVG}svg"
            assert [text.text for text in drawn.iter(f"{SVG}text")] == [badge.label, badge.message]
            assert badge.message in (drawn.get("aria-label") or "")


def test_nothing_runs_and_nothing_breaks_out_of_a_badge() -> None:
    drawn = badges.svg(a_badge(label=HOSTILE, message=HOSTILE), HOSTILE)
    found = ElementTree.fromstring(drawn)
    assert {element.tag for element in found.iter()} == {f"{SVG}{tag}" for tag in ("svg", "title", "path", "g", "text")}
    assert not [name for element in found.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    assert "\u202e" not in drawn


def test_what_xml_may_not_hold_is_left_out() -> None:
    ElementTree.fromstring(badges.svg(a_badge(message="a\x00\x08\ud800\ufffeb"), "a\x1b"))


def test_words_have_the_room_that_they_need() -> None:
    assert badges.width("iiii") < badges.width("WWWW")
    assert badges.width("数据库") == 33, "a wide letter is a square"
    assert badges.width("e\u0301") == badges.width("e"), "a combining sign takes no room"
    assert badges.width("e\ua8e0") == badges.width("e"), "nor does one that the font lacks"
    for message in ("up", "数据库", "a long message with many words"):
        found = ElementTree.fromstring(badges.svg(a_badge(message=message), "x"))
        label, said = found.iter(f"{SVG}text")
        ends = [int(text.get("x", 0)) + int(text.get("textLength", 0)) for text in (label, said)]
        assert ends[0] < int(said.get("x", 0))
        assert ends[1] + badges._EDGE == int(found.get("width", 0))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*badges._COLOURS.values(), badges._LABEL_COLOUR])
def test_white_words_can_be_read_on_every_colour(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_every_direction_has_a_shape_and_a_sign_of_its_own() -> None:
    assert set(badges._SHAPES) == set(badges._SIGNS) == set(Direction)
    assert len(set(badges._SHAPES.values())) == len(set(badges._SIGNS.values())) == len(Direction)


def test_the_endpoint_has_the_keys_that_shields_io_knows_and_the_same_words() -> None:
    for badge in badges.of_card(card("Tidewater/kelp")):
        whole = json.loads(badges.endpoint(badge))
        assert set(whole) == {"schemaVersion", "label", "message", "color", "labelColor"}
        assert (whole["schemaVersion"], whole["label"]) == (1, badge.label)
        assert whole["message"].endswith(badge.message)
        assert re.fullmatch("[0-9a-f]{6}", whole["color"])


# --- On the site -----------------------------------------------------------------------------------------------------


def test_the_lines_on_a_projects_page_lead_to_badges_that_are_there(tmp_path: Path) -> None:
    chosen = [card("Tidewater/kelp"), card("evil/x-y.z")]
    render.write(tmp_path / "site", chosen, Tracker(address=ADDRESS), TODAY, sources.load())
    for one in chosen:
        page = html.unescape((tmp_path / "site/projects" / f"{slug(one.project.id)}.html").read_text(encoding="utf-8"))
        lines = re.findall(r"\[!\[([^\]]+)\]\((\S+?)\)\]\((\S+?)\)", page)
        assert len(lines) == len(badges.of_card(one))
        for alt, picture, target in lines:
            assert re.fullmatch(r"[\w .-]+ of [\w.-]+/[\w.-]+", alt)
            for address in (picture, picture.replace(".svg", ".json"), target):
                assert (tmp_path / "site" / address.removeprefix(f"{ADDRESS}/")).is_file(), address
            assert f'<a href="{target}"><img src="{picture}" alt="{alt}"></a>' in page


def test_a_registry_that_a_project_names_has_a_badge_before_anything_was_seen_there() -> None:
    fog = card("mist/fog")
    named = dataclasses.replace(fog, project=dataclasses.replace(fog.project, targets={"npm": ("fog",)}))
    assert {badge.key: badge.message for badge in badges.of_card(named)}["npm_downloads"] == "not measured"
