"""The same work done twice, by mouse and by keyboard alone: sort, search, filter, compare, download."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.kinds import ALL

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.needs("chromium")

SHOWN: Final = "#projects tbody tr:not([hidden]) th a:not(.own)"
MOST_KEYS: Final = 150


class Mouse:
    """Goes to things by pointing at them."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, place: str) -> None:
        """Work a button or a link."""
        self.page.locator(place).first.click()

    def write(self, place: str, words: str) -> None:
        """Click into a field, and give it words (which need keys)."""
        self.page.locator(place).click()
        self.page.keyboard.type(words)

    def choose(self, place: str, option: str) -> None:
        """Take an option of a list."""
        self.page.locator(place).hover()
        self.page.locator(place).select_option(label=option)


class Keyboard(Mouse):
    """Goes to things with Tab, from the beginning of the page if need be."""

    def press(self, place: str) -> None:
        self.reach(place)
        self.page.keyboard.press("Enter")

    def write(self, place: str, words: str) -> None:
        self.reach(place)
        self.page.keyboard.type(words)

    def choose(self, place: str, option: str) -> None:
        self.reach(place)
        self.page.keyboard.type(option)

    def reach(self, place: str) -> None:
        for _ in range(MOST_KEYS):
            if self.page.evaluate("place => document.activeElement.matches(place)", place):
                outline = self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"{place} has the focus, and nobody sees it"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{place} is not reached by keyboard")


Hand = Mouse
HANDS: Final[tuple[Callable[[Page], Hand], ...]] = (Mouse, Keyboard)


@pytest.fixture(params=HANDS, ids=["mouse", "keyboard"])
def hand(request: pytest.FixtureRequest, page: Page) -> Hand:
    made: Hand = request.param(page)
    return made


def names(page: Page) -> list[str]:
    return page.locator(SHOWN).all_inner_texts()


def test_the_table_is_searched_filtered_and_sorted(page: Page, address: str, hand: Hand) -> None:
    page.goto(address)
    hand.write("#search", "tools")
    hand.choose("#size", "1,000 to 9,999 stars")
    hand.choose("#direction", "Action steady")
    assert sorted(names(page)) == ["Creek", "Still"]
    hand.press("th[data-sort=stars] button")
    assert names(page) == ["Still", "Creek"]
    hand.press("th[data-sort=stars] button")
    assert names(page) == ["Creek", "Still"]
    assert page.url.endswith("?q=tools&size=1000&direction=action-steady&sort=stars-up")
    page.reload()
    assert names(page) == ["Creek", "Still"]
    hand.press("#controls button[type=reset]")
    assert len(names(page)) == len(ALL)


def test_projects_are_compared_and_the_comparison_is_taken_away(page: Page, address: str, hand: Hand) -> None:
    page.goto(address + "?category=Tools&sort=stars-down")
    hand.press("#side")
    page.locator("#compare[aria-busy=false]").wait_for()
    assert page.locator("#chosen bdi").all_inner_texts() == ["Pilot", "Still", "Sandbar", "Creek"]
    hand.write("#add", "Kelp")
    hand.press("#plus")
    hand.choose("#show", "absolute")
    page.locator("#compare[aria-busy=false]").wait_for()
    hand.press('#chosen button[aria-label="Remove Pilot"]')
    page.locator("#compare[aria-busy=false]").wait_for()
    with page.expect_download() as waiting:
        hand.press("[data-take=csv]")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert {row["name"] for row in rows} == {"Still", "Sandbar", "Creek", "Kelp"}
    with page.expect_download() as waiting:
        hand.press("[data-take=svg]")
    assert b"Sandbar" in Path(waiting.value.path()).read_bytes()
    chosen, url = page.locator("#chosen bdi").all_inner_texts(), page.url
    page.reload()
    page.locator("#compare[aria-busy=false]").wait_for()
    assert (page.locator("#chosen bdi").all_inner_texts(), page.url) == (chosen, url)


def test_the_data_are_taken_away(page: Page, address: str, hand: Hand) -> None:
    page.goto(address)
    with page.expect_download() as waiting:
        hand.press('.foot a[href="data/scorecard.csv"]')
    taken = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert len(taken) == len(ALL)
    hand.press('.foot a[href="data/scorecard.json"]')
    page.wait_for_url("**/data/scorecard.json")
    assert len(json.loads(page.locator("body").inner_text())["projects"]) == len(ALL)
