"""The site in a browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.kinds import ALL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs("chromium")

TOOLS: Final = {"Still", "Sandbar", "Creek", "Pilot", "Coral", "Droplet", "Slack water"}
FIRST: Final = "#projects tbody tr:not([hidden]) th a"


def names(page: Page) -> list[str]:
    return [link.inner_text() for link in page.locator(FIRST).all()]


def test_the_table_fits_a_usual_screen_without_scrolling(page: Page, address: str) -> None:
    page.goto(address)
    box = page.locator(".scroll").bounding_box()
    table = page.locator("#projects").bounding_box()
    assert box and table and table["width"] <= box["width"]


def test_the_first_key_leads_past_the_navigation(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("link => link === document.activeElement")
    box = skip.bounding_box()
    assert box and box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_all_that_can_be_worked_can_be_reached_by_keyboard_and_shows_it(page: Page, address: str) -> None:
    page.goto(address)
    focused = "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        tag, outline = page.evaluate(focused)
        assert outline != "none", tag
        reached.add(tag)
    assert reached == {"A", "INPUT", "SELECT", "DIV", "BUTTON"}


def test_the_table_is_sorted_by_keyboard_and_what_is_missing_stays_last(page: Page, address: str) -> None:
    page.goto(address)
    stars = page.get_by_role("button", name="now")
    stars.focus()
    page.keyboard.press("Enter")
    most = names(page)
    assert most[0].startswith("Shelf")
    page.keyboard.press("Enter")
    least = names(page)
    assert least[0] == "Droplet"
    assert set(most[-4:]) == set(least[-4:]) == {"Fog", "Trench", "Driftwood", "Slack water"}
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"


def test_search_and_category_narrow_the_table_and_say_how_far(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Search").fill("kel")
    assert names(page) == ["Kelp"]
    assert page.locator("#found").inner_text() == "1 of 15 projects"
    page.get_by_label("Search").fill("")
    page.get_by_label("Category").select_option("Tools")
    assert set(names(page)) == TOOLS


def test_the_address_remembers_what_was_chosen(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Category").select_option("Tools")
    page.get_by_label("Sort by").select_option(label="Project, Z to A")
    assert "category=Tools" in page.url
    chosen = names(page)
    page.goto(page.url)
    assert names(page) == chosen == sorted(TOOLS, reverse=True)


def test_without_scripts_all_is_there_and_nothing_is_offered_that_does_not_work(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        assert page.locator("#projects tbody tr").count() == len(ALL)
        assert not page.locator("#controls").is_visible()


def test_a_page_opened_from_a_file_has_its_looks_and_its_links(page: Page, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    assert page.locator("#controls").is_visible()
    page.get_by_role("link", name="Kelp").first.click()
    assert page.locator("h1").inner_text() == "Kelp"
    assert page.locator(".chart .observed path").first.evaluate("path => getComputedStyle(path).stroke") != "none"


def test_the_numbers_behind_a_chart_open(page: Page, address: str) -> None:
    page.goto(address + "projects/tidewater__kelp.html")
    panel = page.locator("#chart-stars")
    assert not panel.get_by_role("table").is_visible()
    panel.get_by_text("The numbers, by months").click()
    assert panel.get_by_role("row", name="October 2026").is_visible()


def test_without_scripts_one_comes_from_the_scorecard_to_the_last_month_and_on_to_the_one_before(
    browser: Browser, address: str
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_role("link", name="November 2026").click()
        assert page.get_by_role("heading", level=1).inner_text() == "November 2026"
        page.get_by_role("link", name="October 2026").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/2026-10/index.html")
        picture = page.get_by_role("img", name="Who went which way in October 2026")
        assert picture.is_visible()
        assert picture.locator("rect.rising").count() > 0
        page.get_by_role("link", name="This picture for sharing").click()
        page.wait_for_url("**/2026-10/picture.png")


def test_a_place_that_the_feed_leads_to_is_in_sight(page: Page, address: str) -> None:
    page.goto(address + "2026-10/#turned-tidewater__kelp")
    from playwright.sync_api import expect  # noqa: PLC0415 (only where there is a browser to drive)

    expect(page.locator(":target")).to_be_in_viewport()  # the page may glide there


def test_on_a_phone_the_pages_stand_behind_a_button_by_finger_and_by_keyboard_without_scripts(
    browser: Browser, address: str
) -> None:
    phone = {"viewport": {"width": 360, "height": 800}, "java_script_enabled": False}
    with browser.new_context(**phone) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(address)
        links = page.locator("#pages a")
        head = page.locator(".top").bounding_box()
        assert head and head["height"] <= 80, "one line"
        assert not links.first.is_visible()
        page.get_by_role("button", name="Pages").click()
        assert [link.is_visible() for link in links.all()] == [True] * 9
        page.keyboard.press("Escape")
        assert not links.first.is_visible()
        page.get_by_role("button", name="Pages").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/stages.html")


def test_on_a_wide_screen_the_pages_are_in_sight(page: Page, address: str) -> None:
    page.goto(address)
    assert [link.is_visible() for link in page.locator("#pages a").all()] == [True] * 9
    assert not page.get_by_role("button", name="Pages").is_visible()
