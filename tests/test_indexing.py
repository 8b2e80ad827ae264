"""What search engines are told."""

from __future__ import annotations

import datetime as dt
import urllib.robotparser
from pathlib import Path
from xml.etree import ElementTree

from groundswell import indexing, render, sources
from groundswell.config import Tracker
from tests.cards import TODAY, cards

ROOT = "https://someone.example/tracker"
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(text: str) -> list[str]:
    return [str(place.text) for place in ElementTree.fromstring(text).iter(f"{SPACE}loc")]


def test_everything_may_be_read_and_the_sitemap_is_named() -> None:
    rules = urllib.robotparser.RobotFileParser()
    rules.parse(indexing.robots(ROOT).splitlines())
    assert rules.can_fetch("anybody", f"{ROOT}/projects/a__b.html")
    assert rules.site_maps() == [f"{ROOT}/sitemap.xml"]


def test_a_site_that_does_not_know_its_address_names_no_sitemap() -> None:
    assert "Sitemap" not in indexing.robots(None)


def test_an_address_with_signs_of_xml_in_it_stays_one() -> None:
    text = indexing.sitemap("https://a.example/?x=1&y=<2>", ["b.html"], dt.date(2026, 11, 22))
    assert locations(text) == ["https://a.example/?x=1&y=<2>/b.html"]


def test_the_sitemap_names_every_page_of_the_site_but_the_one_for_what_is_not_found(tmp_path: Path) -> None:
    site = tmp_path / "site"
    render.write(site, cards(), Tracker(address=ROOT), TODAY, sources.load())
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    named = {place.removeprefix(f"{ROOT}/") or "index.html" for place in locations((site / "sitemap.xml").read_text())}
    assert named == pages
