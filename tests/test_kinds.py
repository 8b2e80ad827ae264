"""Every kind of page, looked at in every way: it opens without a word of complaint, fits, and can be read.

What was seen is kept as pictures in build/screenshots/, for people to look at.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from groundswell import own_templates, render
from tests.kinds import EXAMPLES, KINDS, WAYS, Kind, Way
from tests.served import listen, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CONTRAST: Final = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
PICTURES: Final = Path(__file__).parents[1] / "build" / "screenshots"
HEIGHT: Final = 800
TOO_WIDE: Final = "document.documentElement.scrollWidth - innerWidth"


def test_every_template_of_a_page_stands_in_the_table() -> None:
    templates = {path.name for path in own_templates.TEMPLATES.glob("*.html")} - {"base.html"}
    assert Counter(kind.template for kind in KINDS) == Counter(templates)


def test_every_page_of_a_site_is_of_one_kind_and_every_example_is_there(site: Path) -> None:
    addresses = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    kinds = {address: [kind.name for kind in KINDS if re.fullmatch(kind.address, address)] for address in addresses}
    assert {address: found for address, found in kinds.items() if len(found) != 1} == {}
    assert {page.address for page in render.PAGES} <= set(EXAMPLES) <= addresses
    for kind in KINDS:
        assert [one for one in kind.examples if not re.fullmatch(kind.address, one)] == []


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_every_kind_of_page_opens_quietly_fits_its_width_and_can_be_read(
    browser: Browser, address: str, way: Way
) -> None:
    """No word in the console, no failed or foreign request, nothing wider than the window, contrast of AA or better."""
    trouble: list[str] = []
    PICTURES.mkdir(parents=True, exist_ok=True)
    with browser.new_context(
        viewport={"width": way.width, "height": HEIGHT}, color_scheme=way.scheme, java_script_enabled=way.scripts
    ) as context:
        page = context.new_page()
        page.emulate_media(media=way.media)
        listen(page, address, trouble)
        for kind in KINDS:
            for place, name in enumerate(kind.examples):
                page.goto(address + name)
                settle(page, way)
                trouble += [f"{name}: {found}" for found in faults(page)]
                if not place and way.scripts:
                    keep(page, way, kind)
    assert trouble == []


def keep(page: Page, way: Way, kind: Kind) -> None:
    """Keep a picture of the whole page; what is out of sight may not be drawn at all, so the window is as tall."""
    page.set_viewport_size({"width": way.width, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.screenshot(path=PICTURES / f"{kind.name}-{way.name}.jpg", full_page=True, type="jpeg", quality=80)
    page.set_viewport_size({"width": way.width, "height": HEIGHT})


def settle(page: Page, way: Way) -> None:
    """Wait for what draws itself."""
    if way.scripts and page.locator("#compare").count():
        page.locator("#compare[aria-busy=false]").wait_for(timeout=15_000)


def faults(page: Page) -> list[str]:
    beyond = page.evaluate(TOO_WIDE)
    return [*([f"{beyond} px too wide"] if beyond > 0 else []), *page.evaluate(CONTRAST)]


@pytest.mark.needs("chromium")
def test_what_is_wrong_with_a_page_is_found(page: Page, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        "<!doctype html><html lang=en><title>t</title><p style='width:2000px;color:#aaa'>pale<img src=no.png alt=''>"
        "<script>console.log('said'); throw new Error('thrown')</script>"
    )
    trouble: list[str] = []
    with served(tmp_path) as place:
        listen(page, place, trouble)
        page.goto(place)
        trouble += faults(page)
    for words in ("console: said", "error: thrown", "404 http", "px too wide", '"pale"'):
        assert any(words in found for found in trouble), (words, trouble)
