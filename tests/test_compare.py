"""Compare in a browser: what is chosen, what stands in the address, and whether the numbers are right."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from xml.etree import ElementTree

import pytest

from groundswell import data_files
from groundswell.models import Card
from tests.cards import HOSTILE
from tests.kinds import BY_ID as ALL
from tests.served import listen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs("chromium")

THREE: Final = "tidewater/kelp,ebb/flotsam,sand/bar"
NARROW: Final = 360
Months = Mapping[str, float | None]


@pytest.fixture
def trouble() -> list[str]:
    """What the browser complained of."""
    return []


@pytest.fixture
def address(address: str) -> str:
    return address + "compare.html"


@pytest.fixture
def page(page: Page, address: str, trouble: list[str]) -> Iterator[Page]:
    """A page that fails its test at a word in the console, a foreign request or a breach of the policy."""
    watch(page, address, trouble)
    yield page
    assert trouble == []


def watch(page: Page, address: str, trouble: list[str]) -> None:
    listen(page, address.removesuffix("compare.html"), trouble)
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))"
    )


def see(page: Page, address: str, **choice: str) -> None:
    """Open the page with a choice, and wait until it is drawn."""
    page.goto(address + ("?" + "&".join(f"{key}={value}" for key, value in choice.items()) if choice else ""))
    drawn(page)


def drawn(page: Page) -> None:
    page.locator("#compare[aria-busy=false]").wait_for(timeout=15_000)


def taken(page: Page, what: Literal["SVG", "PNG", "CSV"]) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=what).click()
    return Path(waiting.value.path()).read_bytes()


def rows(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(taken(page, "CSV").decode())))


def numbers(page: Page, project: str, along: str = "month") -> dict[str, float | None]:
    """What is shown of a project, as it is downloaded; a missing value is None."""
    found = [row for row in rows(page) if row["id"].lower() == project]
    return {row[along]: float(row["value"]) if row["value"] else None for row in found}


# --- The figures, worked out again from the projects' own files ------------------------------------------------------


def months(project: str, metric: str = "stars") -> dict[str, float | None]:
    """A metric by months, oldest first."""
    found: dict[str, float | None] = json.loads(data_files.project_json(ALL[project]))["months"][metric]
    return dict(sorted(found.items()))


def indexed(found: Months, base: str) -> dict[str, float | None]:
    foot = found[base]
    assert foot is not None
    return {month: None if value is None else 100 * value / foot for month, value in found.items()}


def gained(found: Months) -> dict[str, float | None]:
    pairs = list(zip(found.items(), list(found.items())[1:], strict=False))
    return {month: None if a is None or b is None else b - a for (_, a), (month, b) in pairs}


def count(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:])


def created(card: Card) -> str:
    assert card.facts is not None and card.facts.created is not None
    return card.facts.created.isoformat()[:7]


# --- The numbers -----------------------------------------------------------------------------------------------------


def test_absolute_figures_are_those_of_the_projects(page: Page, address: str) -> None:
    see(page, address, projects=THREE, metric="stars", show="absolute")
    for project in THREE.split(","):
        assert numbers(page, project) == months(project)


def test_an_index_is_100_in_the_first_month_that_all_have(page: Page, address: str) -> None:
    see(page, address, projects=THREE, metric="stars", show="index")
    common = [month for month in months("sand/bar") if all(months(one).get(month) for one in THREE.split(","))]
    for project in THREE.split(","):
        shown = numbers(page, project)
        assert shown == pytest.approx(indexed(months(project), min(common)))
        assert shown[min(common)] == 100


def test_per_month_a_level_shows_what_it_gained_or_lost(page: Page, address: str) -> None:
    see(page, address, projects=THREE, metric="stars", show="month")
    for project in THREE.split(","):
        assert numbers(page, project) == pytest.approx(gained(months(project)))
    assert min(value for value in numbers(page, "ebb/flotsam").values() if value is not None) < 0


def test_per_month_an_amount_is_what_it_is(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp", metric="npm_downloads", show="month")
    assert numbers(page, "tidewater/kelp") == months("tidewater/kelp", "npm_downloads")


def test_by_age_a_month_stands_at_the_months_since_the_repository_was_created(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp,ebb/flotsam", metric="stars", show="absolute", by="age")
    born = created(ALL["tidewater/kelp"])
    expected = {f"{count(month) - count(born)}": value for month, value in months("tidewater/kelp").items()}
    assert numbers(page, "tidewater/kelp", "months_since_created") == expected


def test_by_start_each_project_begins_at_0(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp,harbour/pilot", metric="stars", show="absolute", by="start")
    expected = {f"{n}": value for n, value in enumerate(months("harbour/pilot").values())}
    assert numbers(page, "harbour/pilot", "months_since_start") == expected


def test_without_a_known_birth_a_project_has_no_age_and_the_page_says_so(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp,harbour/pilot", metric="stars", by="age")
    assert "Pilot: it is not known when its repository was created." in page.locator("#notes").inner_text()
    assert {row["id"] for row in rows(page)} == {"Tidewater/kelp"}


def test_a_logarithmic_scale_draws_no_number_of_0_or_less_and_keeps_it_in_the_table(page: Page, address: str) -> None:
    see(page, address, projects="slack/water", metric="npm_downloads", show="absolute", scale="log")
    shown = numbers(page, "slack/water")
    assert shown == months("slack/water", "npm_downloads")
    zeros = sum(value == 0 for value in shown.values())
    assert zeros >= 2
    assert f"{zeros} numbers of 0 or less have no place" in page.locator("#notes").inner_text()
    assert page.locator("#numbers td", has_text=re.compile(r"^0$")).count() == zeros
    assert points(page) == len(shown) - zeros


def points(page: Page) -> int:
    return page.locator("#picture .mark-symbol path:visible").count()


def test_a_missing_month_breaks_the_line_and_is_a_dash_in_the_table(page: Page, address: str) -> None:
    see(page, address, projects="sand/bar", metric="stars", show="absolute")
    missing = [month for month, value in months("sand/bar").items() if value is None]
    assert missing == ["2026-03", "2026-04"]
    row = page.get_by_role("row", name="March 2026")
    assert row.get_by_role("cell").inner_text().startswith("–")
    drawn_as = page.locator("#picture .mark-line path").evaluate_all("all => all.map((path) => path.getAttribute('d'))")
    assert sum(path.count("M") for path in drawn_as) == 3  # filled in, then the gap, then filled in and observed


def test_what_is_filled_in_is_told_from_what_was_observed(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp", metric="stars", show="absolute")
    known = {row["month"]: row["known"] for row in rows(page)}
    assert {month for month, how in known.items() if how == "filled in"} == {m for m in known if m < "2026-06"}
    assert "filled in" in page.get_by_role("row", name="May 2026").inner_text()
    assert "filled in" not in page.get_by_role("row", name="June 2026").inner_text()
    hollow = page.locator("#picture .mark-symbol path[fill-opacity='0']").count()
    assert hollow == sum(how == "filled in" for how in known.values())


def test_a_lower_bound_says_that_it_is_one(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp", metric="commits", show="absolute")
    assert "a lower bound" in page.locator("#notes").inner_text()
    assert page.locator("#numbers tbody td").first.inner_text().startswith("≥")
    assert {row["lower_bound"] for row in rows(page)} == {"yes"}


def test_an_owners_figure_shows_its_index_and_nothing_else(page: Page, address: str) -> None:
    see(page, address, projects="harbour/pilot", metric="own_revenue", show="index")
    assert numbers(page, "harbour/pilot") == pytest.approx(indexed(months("harbour/pilot", "own_revenue"), "2026-01"))
    for show in ("absolute", "month"):
        see(page, address, projects="harbour/pilot", metric="own_revenue", show=show)
        assert "of which only the index can be compared" in page.locator("#notes").inner_text()
        assert page.get_by_role("button", name="CSV").is_disabled()


def test_the_table_says_what_the_file_says(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp,ebb/flotsam", metric="stars", show="absolute")
    cells = page.get_by_role("row", name="October 2026").get_by_role("cell").all_inner_texts()
    expected = [months(one)["2026-10"] for one in ("tidewater/kelp", "ebb/flotsam")]
    assert cells == [f"{value:,.0f}" for value in expected]


# --- The choice ------------------------------------------------------------------------------------------------------


def test_before_anybody_chooses_the_largest_are_compared_and_the_address_says_so(page: Page, address: str) -> None:
    see(page, address)
    assert page.url.endswith("?projects=continental/shelf,tidewater/kelp,harbour/pilot,ebb/flotsam"
                             "&metric=stars&show=index&scale=linear&by=date")  # fmt: skip
    assert page.locator("#picture svg").is_visible()


def test_all_is_chosen_by_keyboard_and_stands_in_the_address(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp")
    page.get_by_label("Add a project").focus()
    page.keyboard.type("Flotsam")
    page.keyboard.press("Enter")
    drawn(page)
    assert "projects=tidewater/kelp,ebb/flotsam&" in page.url
    page.keyboard.press("Tab")  # to the button
    for key in ("Tab", "n", "Tab", "ArrowDown", "Tab", "ArrowDown", "Tab", "s"):
        page.keyboard.press(key)
    drawn(page)
    assert page.url.endswith("&metric=npm_downloads&show=absolute&scale=log&by=start")
    page.get_by_role("button", name="Remove Kelp").focus()
    page.keyboard.press("Enter")
    drawn(page)
    assert "projects=ebb/flotsam&" in page.url
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove Flotsam"


def test_an_address_gives_the_same_page_again(page: Page, address: str) -> None:
    see(page, address, projects=THREE, metric="stars", show="month", scale="log", by="age")
    once, url = rows(page), page.url
    see(page, url)
    assert rows(page) == once
    assert page.url == url


def test_back_leads_to_the_choice_before(page: Page, address: str) -> None:
    see(page, address, projects=THREE, show="index")
    page.get_by_label("Show").select_option("absolute")
    page.get_by_role("button", name="Remove Flotsam").click()
    page.go_back()
    assert page.locator("#chosen li").count() == 3
    assert page.get_by_label("Show").input_value() == "absolute"
    page.go_back()
    assert page.get_by_label("Show").input_value() == "index"
    drawn(page)


def test_a_wrong_address_is_answered_with_what_is_wrong(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp,no/such", metric="nonsense", by="size")
    said = page.locator("#notes").inner_text()
    assert "no/such is not among the tracked projects." in said
    assert "“nonsense”" in said
    assert page.locator("#metric").input_value() == "stars"


def test_more_than_eight_are_not_compared(page: Page, address: str) -> None:
    every = sorted(ALL)
    see(page, address, projects=",".join(every[:10]), metric="stars", show="absolute")
    assert page.locator("#chosen li").count() == 8
    assert "At most 8" in page.locator("#notes").inner_text()
    page.get_by_label("Add a project").fill(every[9])
    page.get_by_role("button", name="Add", exact=True).click()
    assert page.locator("#chosen li").count() == 8
    assert "remove one first" in page.locator("#said").inner_text()


def test_a_project_without_the_figure_is_named(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp,mist/fog", metric="stars")
    assert "Fog: no month of Stars" in page.locator("#notes").inner_text()


def test_the_project_page_leads_here_with_itself_chosen(page: Page, address: str) -> None:
    page.goto(address.replace("compare.html", "projects/tidewater__kelp.html"))
    page.locator(".links").get_by_role("link", name="Compare").click()
    drawn(page)
    assert page.locator("#chosen li").all_inner_texts() == ["1\nKelp\n×"]


# --- Taking away -----------------------------------------------------------------------------------------------------


def test_the_picture_as_svg_stands_alone(page: Page, address: str) -> None:
    see(page, address, projects=THREE, metric="stars", show="absolute")
    text = taken(page, "SVG").decode()
    root = ElementTree.fromstring(text)
    words = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert {"Stars", "Kelp", "Flotsam", "Sandbar"} <= set(words)
    assert any("As of 22 November 2026" in (word or "") for word in words)
    assert "var(" not in text
    assert "#0a5ea8" in text


def test_the_picture_as_png_is_one_of_twice_the_size(page: Page, address: str) -> None:
    see(page, address, projects=THREE, metric="stars", show="absolute")
    data = taken(page, "PNG")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    assert width == pytest.approx(2 * 960, abs=20)
    assert height > 600


def test_a_hostile_name_is_text_everywhere(page: Page, address: str) -> None:
    see(page, address, projects="evil/x-y.z,tidewater/kelp", metric="stars", show="absolute")
    page.locator("#picture .mark-symbol path").first.hover()
    names = {row["name"] for row in rows(page)}
    evil = next(name for name in names if name != "Kelp")
    assert evil.startswith("'=cmd()|")
    assert HOSTILE.split("{{")[0] in evil
    assert "<script" not in taken(page, "SVG").decode()


# --- How it looks ----------------------------------------------------------------------------------------------------


def test_the_picture_follows_the_theme_without_being_drawn_again(page: Page, address: str) -> None:
    see(page, address, projects=THREE)
    painted = "document.querySelector('#picture .mark-line path').computedStyleMap().get('stroke').toString()"
    light = page.evaluate(painted)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(painted) != light


def test_a_point_says_what_it_is(page: Page, address: str) -> None:
    see(page, address, projects="tidewater/kelp", metric="stars", show="absolute")
    page.locator("#picture .mark-symbol path").last.hover()
    assert re.fullmatch(r"Kelp, October 2026: [\d,]+", page.locator(".tip").inner_text())


def test_on_a_phone_nothing_is_wider_than_the_window(browser: Browser, address: str, trouble: list[str]) -> None:
    with browser.new_context(viewport={"width": NARROW, "height": 800}) as context:
        page = context.new_page()
        watch(page, address, trouble)
        see(page, address, projects=",".join(sorted(ALL)[:8]), metric="stars", show="absolute")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
        box = page.locator("#picture svg").bounding_box()
        assert box and box["x"] + box["width"] <= NARROW
    assert trouble == []


def test_on_paper_nothing_is_cut_off(page: Page, address: str) -> None:
    see(page, address, projects=THREE)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    assert not page.locator("#choose").is_visible()
    table = page.locator("#compare .scroll")
    assert table.evaluate("one => one.scrollHeight <= one.clientHeight + 2")
    drawn(page)


def test_without_scripts_every_project_has_its_pictures_and_nothing_is_offered(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        assert page.locator(".tiles > li").count() == len(ALL)
        assert not page.locator("#compare").is_visible()
        kelp = page.locator(".tiles > li", has=page.get_by_role("link", name="Kelp"))
        assert kelp.locator(".small svg path").first.is_visible()
        assert "23.5k" in kelp.inner_text()
        assert "GitHub" in kelp.locator(".from").inner_text()


def test_the_scripts_of_vega_load_on_this_page_only(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        for other in ("index.html", "projects/tidewater__kelp.html", "health.html"):
            page.goto(address.replace("compare.html", other))
        assert not [url for url in asked if "/vega/" in url]


def test_the_policy_of_the_page_lets_no_code_be_made_and_no_style_in(page: Page, address: str) -> None:
    see(page, address)
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
