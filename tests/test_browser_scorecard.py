"""The table of projects in a browser: sorted and sifted by mouse and by keyboard, its state in the address."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Final

import pytest

from groundswell import render, sources
from groundswell.config import Tracker
from groundswell.models import Card
from groundswell.pages import compare, scorecard, stage_table, table
from groundswell.pages.setting import Setting
from tests.cards import TODAY
from tests.kinds import ALL
from tests.many import many

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NARROW: Final = 360
TOOLS: Final = {"Still", "Sandbar", "Creek", "Pilot", "Coral", "Droplet", "Slack water"}
SHOWN: Final = "#projects tbody tr:not([hidden]) th a"
MOST_BYTES: Final = 150_000  # of the scorecard of a thousand projects, compressed
MOST_ELEMENTS: Final = 29.0  # of a row
A_THOUSAND: Final = 1000
LOADED: Final = sources.load()
SETTING: Final = Setting(Tracker(title="Test"), TODAY, sources.labels(LOADED), sources.signals(LOADED))


def names(page: Page) -> list[str]:
    return [link.inner_text() for link in page.locator(SHOWN).all()]


def chosen(page: Page) -> str:
    return page.url.partition("?")[2]


# --- Weight ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def thousand() -> tuple[Card, ...]:
    return many(A_THOUSAND)


def set_page(template: str, address: str, view: object) -> str:
    return render._set(template, address, view, SETTING)


def weighed(name: str, text: str, item: str) -> tuple[int, float]:
    """Bytes of a page, compressed, and elements that each project has on it."""
    packed = len(gzip.compress(text.encode()))
    items = re.findall(item, text, re.DOTALL)
    assert len(items) == A_THOUSAND
    elements = sum(len(re.findall(r"<[a-z]", one)) for one in items) / len(items)
    print(f"{name}: {packed:,} bytes compressed of {len(text):,}, {elements:.1f} elements a project")
    return packed, elements


def test_a_scorecard_of_a_thousand_projects_weighs_at_most_150_kb_compressed_and_its_rows_are_light(
    thousand: tuple[Card, ...],
) -> None:
    board = scorecard.view(thousand, SETTING)
    text = set_page("scorecard.html", render.SCORECARD, board)
    packed, elements = weighed("scorecard", text, r"<tr(?: data-t=[^>]*)?><th scope=.row.><a .*?</tr>")
    print(f"{len(gzip.compress(table.details(board.rows).encode())):,} bytes compressed when a row is pointed at")
    assert packed <= MOST_BYTES
    assert elements <= MOST_ELEMENTS


def test_stages_and_compare_of_a_thousand_projects_are_light(thousand: tuple[Card, ...]) -> None:
    text = set_page("stages.html", "stages.html", stage_table.view(thousand, SETTING))
    packed, elements = weighed("stages", text, r'<tr data-k=".*?</tr>')
    assert packed <= MOST_BYTES
    assert elements <= 35
    text = set_page("compare.html", "compare.html", compare.view(thousand, SETTING))
    packed, elements = weighed("compare", text, "<li data-id=.*?</li>")
    assert packed <= 220_000, "with a line, a value and a growth for up to three figures of each project"
    assert elements <= 27


def test_the_table_is_in_parts_that_need_not_be_laid_out_while_they_are_out_of_sight(
    thousand: tuple[Card, ...],
) -> None:
    few = thousand[: 2 * table.GROUP + 1]
    for template, address, view in (
        ("scorecard.html", render.SCORECARD, scorecard.view(few, SETTING)),
        ("stages.html", "stages.html", stage_table.view(few, SETTING)),
    ):
        text = set_page(template, address, view)
        parts = text[text.index('id="projects"') : text.rindex("</table>")].split("<tbody>")[1:]
        assert [part.count("<tr") for part in parts] == [table.GROUP, table.GROUP, 1]


# --- Sorting ---------------------------------------------------------------------------------------------------------


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(
    ("head", "first", "last"),
    [
        ("Furthest stage", "Kelp", "Fog"), ("Intent", "=cmd", "Slack water"), ("now", "Shelf", "Slack water"),
        ("Downloads a month", "Creek", "Fog"), ("Newest figure", "=cmd", "Fog"),
    ],
)  # fmt: skip
def test_every_head_sorts_and_what_is_missing_stays_last(
    page: Page, address: str, head: str, first: str, last: str
) -> None:
    page.goto(address)
    button = page.locator("thead").get_by_role("button", name=head, exact=True)
    button.focus()
    page.keyboard.press("Space")
    down = names(page)
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    button.click()
    up = names(page)
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    assert down[0].startswith(first)
    assert up[0] != down[0]
    assert up[-1] == down[-1] == last


@pytest.mark.needs("chromium")
def test_growth_is_sorted_by_what_is_sure_of_it(page: Page, address: str) -> None:
    """Downloads of Creek grow by 40 %, of which 5 % are sure; those of Trench by 8 %, of which as much is sure."""
    page.goto(address + "?sort=downloads-down")
    found = names(page)
    assert found.index("Trench") < found.index("Flotsam")
    assert (
        found.index("Creek")
        < found.index("Shelf, the long-standing distributed data platform")
        < found.index("Flotsam")
    )


# --- Sifting ---------------------------------------------------------------------------------------------------------


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(
    ("label", "option", "query", "left"),
    [
        ("Category", "Tools (7)", "category=Tools", TOOLS),
        ("Tag", "storage (1)", "tag=storage", {"Kelp"}),
        ("Stage reached", "Activation or further", "reached=activation", {"Kelp"}),
        ("Size", "10,000 to 99,999 stars", "size=10000", {"Kelp"}),
        ("Direction", "Stars falling", "direction=growth-falling", {"Flotsam"}),
        ("Direction", "Action steady", "direction=action-steady", {"Still", "Creek", "Shelf", "Slack water"}),
    ],
)
def test_each_filter_leaves_what_it_says_counts_it_and_stands_in_the_address(
    page: Page, address: str, label: str, option: str, query: str, left: set[str]
) -> None:
    page.goto(address)
    page.get_by_label(label, exact=True).select_option(label=option)
    found = names(page)
    assert {name.partition(",")[0] for name in found} == left
    assert page.locator("#found").inner_text() == f"{len(left)} of 15 projects"
    assert chosen(page) == query
    page.goto(page.url)
    assert names(page) == found


@pytest.mark.needs("chromium")
def test_the_whole_of_it_is_worked_by_keyboard_alone_and_back_undoes_it(page: Page, address: str) -> None:
    page.goto(address)
    everything = names(page)
    page.get_by_label("Search").focus()
    page.keyboard.type("cree", delay=10)
    assert set(names(page)) == {"Creek"}
    page.keyboard.press("Tab")
    page.keyboard.type("Tools")
    assert chosen(page) == "q=cree&category=Tools"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    assert set(names(page)) == TOOLS
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    assert (names(page), chosen(page)) == (everything, "")
    page.go_back()
    assert set(names(page)) == TOOLS
    page.go_back()
    page.go_back()
    assert chosen(page) == "q=cree"
    assert set(names(page)) == {"Creek"}
    page.go_back()
    assert names(page) == everything


@pytest.mark.needs("chromium")
def test_one_comes_back_from_a_project_to_what_was_chosen(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Sort by").select_option(label="Stars now, least first")
    page.get_by_label("Category").select_option("Databases")
    before = names(page)
    page.locator(SHOWN).first.click()
    page.wait_for_url("**/projects/**")
    page.go_back()
    page.wait_for_selector("#controls:not([hidden])")
    assert names(page) == before
    assert chosen(page) == "category=Databases&sort=stars-up"


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(
    "query", ["?sort=nonsense&category=Nowhere&size=x", "?direction=rising&reached=%00", "?sort=-up"]
)
def test_an_address_that_asks_for_what_there_is_not_shows_everything(page: Page, address: str, query: str) -> None:
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(address + query)
    assert (len(names(page)), trouble) == (len(ALL), [])


@pytest.mark.needs("chromium")
def test_a_division_leads_to_its_projects_in_the_table(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="1,000 to 9,999 stars", exact=True).click()
    assert set(names(page)) == {"Still", "Sandbar", "Creek", "Pilot", "Flotsam", "Marsh"}
    assert chosen(page) == "size=1000"


# --- What stands behind ----------------------------------------------------------------------------------------------


@pytest.mark.needs("chromium")
def test_a_row_that_is_pointed_at_has_all_its_digits_in_its_titles(page: Page, address: str) -> None:
    page.goto(address)
    row = page.locator("#projects tbody tr", has_text="Kelp")
    assert row.locator(".now").get_attribute("title") == "GitHub, 22 Nov 2026, observed"
    row.locator(".now").hover()
    page.wait_for_selector("tr[data-full]")
    assert (
        row.locator(".now").get_attribute("title") == "23,512 stars on 22 November 2026; GitHub, 22 Nov 2026, observed"
    )
    assert "95 % interval" in (row.locator(".g").get_attribute("title") or "").replace("\xa0", " ")
    assert (row.locator(".s").first.get_attribute("title") or "").startswith("Intent: rising")
    assert "npm: " in (row.locator(".d").get_attribute("title") or "")


@pytest.mark.needs("chromium")
def test_a_row_that_is_reached_by_keyboard_shows_them_and_its_reading(page: Page, address: str) -> None:
    page.goto(address + "?q=kelp")
    page.locator("thead").get_by_role("button").last.focus()
    page.keyboard.press("Tab")
    panel = page.locator("#behind")
    panel.wait_for(state="visible")
    text = panel.inner_text().replace("\xa0", " ")
    for words in ("interest and use move together", "23,512 stars on 22 November 2026", "of its weight is measured"):
        assert words in text
    assert page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "behind"
    page.keyboard.press("Escape")
    assert panel.count() == 0


# --- Narrow, and without scripts -------------------------------------------------------------------------------------


@pytest.mark.needs("chromium")
def test_on_a_phone_a_project_is_a_card_that_names_its_numbers(browser: Browser, address: str) -> None:
    with browser.new_context(viewport={"width": NARROW, "height": 800}) as context:
        page = context.new_page()
        page.goto(address)
        row = page.locator("#projects tbody tr", has_text="Kelp")
        row.scroll_into_view_if_needed()
        box = row.bounding_box()
        assert box and box["width"] <= NARROW
        assert not page.locator("#projects thead").is_visible()
        for part, words in ((".now", "Stars"), (".d", "Downloads a month"), (".p", "Contributors"), (".h", "Furthest")):
            content = row.locator(part).first.evaluate("cell => getComputedStyle(cell, '::before').content")
            assert words in content
        widths = page.evaluate(
            "[...document.querySelectorAll('#projects tbody tr')].flatMap(row => [...row.cells])"
            ".filter(one => one.scrollWidth > one.clientWidth + 1 && !one.matches('.s')).map(one => one.textContent)"
        )
        assert widths == []
        page.get_by_label("Sort by").select_option("stars-down")
        assert names(page)[0].startswith("Shelf")


@pytest.mark.needs("chromium")
def test_without_scripts_the_table_stands_in_the_order_of_what_is_sure(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        found = names(page)
        assert len(found) == len(ALL)
        assert found.index("Kelp") < found.index("Still") < found.index("Creek") < found.index("Flotsam")
        assert not page.locator("#controls").is_visible()
        assert page.locator("#projects tbody tr").first.get_by_text("rising").count() >= 1


# --- The same table on the page of a category ------------------------------------------------------------------------


@pytest.mark.needs("chromium")
def test_a_category_is_sorted_and_sifted_like_the_scorecard(page: Page, address: str) -> None:
    page.goto(address + "categories/databases.html")
    page.locator("#controls").wait_for()
    page.get_by_label("Category", exact=True).wait_for(state="hidden")  # there is but one; the script gets to it
    page.get_by_label("Sort by").select_option(label="Stars now, most first")
    assert names(page)[:2] == ["Kelp", "Flotsam"]
    page.locator("#projects tbody tr", has_text="Kelp").locator(".now").hover()
    page.wait_for_selector("tr[data-full]")
    page.locator(SHOWN).first.click()
    page.wait_for_url("**/projects/tidewater__kelp.html")


# --- The same script on the page of stages ---------------------------------------------------------------------------


@pytest.mark.needs("chromium")
def test_the_stages_are_searched_sifted_and_sorted_like_the_scorecard_by_mouse_and_by_keyboard(
    page: Page, address: str
) -> None:
    page.goto(address + "stages.html")
    everything = names(page)
    assert everything[0] == "Kelp"
    page.locator("thead").get_by_role("button", name="Intent").click()
    down = names(page)
    assert down[0].startswith("=cmd")
    page.locator("thead").get_by_role("button", name="Intent").focus()
    page.keyboard.press("Enter")
    assert names(page)[0] == "Flotsam"
    assert names(page)[-1] == down[-1]
    page.get_by_label("Search").fill("tools")
    page.get_by_label("Size").select_option(label="1,000 to 9,999 stars")
    assert set(names(page)) == {"Still", "Sandbar", "Creek", "Pilot"}
    page.get_by_label("Direction").focus()
    page.keyboard.type("Action steady")
    assert set(names(page)) == {"Still", "Creek"}
    assert chosen(page) == "q=tools&size=1000&direction=action-steady&sort=intent-up"
    page.goto(page.url)
    assert set(names(page)) == {"Still", "Creek"}
    page.get_by_role("button", name="Clear").click()
    assert names(page) == everything


# --- To the page that compares ---------------------------------------------------------------------------------------


@pytest.mark.needs("chromium")
def test_the_first_of_those_that_are_shown_are_compared(page: Page, address: str) -> None:
    page.goto(address + "?category=Tools&sort=stars-down")
    first = names(page)[:4]
    page.get_by_role("link", name="Compare the first 4").click()
    page.locator("#compare[aria-busy=false]").wait_for()
    assert [one.inner_text() for one in page.locator("#chosen a").all()] == first
    page.go_back()
    page.get_by_label("Search").fill("kelp")
    page.get_by_label("Category", exact=True).select_option("")
    assert page.locator("#side").get_attribute("href") == "compare.html?projects=tidewater/kelp"


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("name", ["index.html", "stages.html", "categories/databases.html"])
def test_a_row_leads_to_the_comparison_of_its_project_by_mouse_and_by_keyboard(
    page: Page, address: str, name: str
) -> None:
    page.goto(address + name)
    link = page.get_by_role("link", name="Compare Kelp")
    assert not link.is_visible()
    page.locator("#projects tbody tr", has_text="Kelp").locator("td").last.hover()
    assert link.get_attribute("href") == ("../" if "/" in name else "") + "compare.html?projects=tidewater/kelp"
    page.locator("h1").hover()
    page.locator("#projects tbody tr", has_text="Kelp").locator("th a").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare.html?projects=tidewater/kelp&**")
