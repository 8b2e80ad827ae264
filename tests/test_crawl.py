"""A whole site, walked from its front page along every link: all lead somewhere, and everything there is led to."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.kinds import TRACKER
from tests.test_render import Page

START: Final = "index.html"
HOLDING: Final = ("href", "src", "data-behind", "data-months", "data-specification")  # attributes that hold an address
HERE: Final = f"{TRACKER.address}/"
NOT_LED_TO: Final = {
    "404.html": "comes where nothing is",
    "robots.txt": "asked for by crawlers", "sitemap.xml": "named by robots.txt",
}  # fmt: skip


def wanted(address: str, text: str) -> Iterator[str]:
    """The addresses that a file names, as absolute ones."""
    base = HERE + ("" if address == "404.html" else address)
    if address.endswith(".html"):
        found = Page(text)
        for name in HOLDING:
            yield from (urljoin(base, link) for link in found.all(name))
        yield from (link for link in found.all("content") if link.startswith(HERE))
        yield from re.findall(rf"{re.escape(HERE)}[^\s\"'<>()]*", " ".join(found.words))  # lines to copy, data sets
    elif address.endswith(".css"):
        yield from (urljoin(base, link) for link in re.findall(r"url\((.*?)\)", text))
    elif address.endswith((".xml", ".json")):
        yield from re.findall(rf"{re.escape(HERE)}[^\s\"'<>()\\]*", text)
    if address.endswith(".json") and isinstance(told := json.loads(text), dict) and "$schema" in told:
        yield urljoin(base, told["$schema"])


def place(link: str) -> tuple[str, str] | None:
    """The file of the site that an address leads to, and the place in it; None for what lies elsewhere."""
    if not link.startswith(HERE):
        return None
    parts = urlsplit(link)
    path = unquote(parts.path).lstrip("/")
    return (path + "index.html" if not path or path.endswith("/") else path), parts.fragment


def walk(site: Path) -> tuple[Mapping[str, set[str]], list[str]]:
    """Every file that is led to, with the places in it; and the links that lead nowhere."""
    led: dict[str, set[str]] = {}
    broken: list[str] = []
    left = [START, "404.html", "robots.txt", "sitemap.xml"]
    seen = set(left)
    while left:
        address = left.pop()
        if not (site / address).is_file():
            continue
        text = (site / address).read_text(encoding="utf-8") if is_text(address) else ""
        for found in filter(None, map(place, wanted(address, text))):
            led.setdefault(found[0], set()).add(found[1])
            if not (site / found[0]).is_file():
                broken.append(f"{address} → {found[0]}")
            elif found[0] not in seen:
                seen.add(found[0])
                left.append(found[0])
    return led, broken


def is_text(address: str) -> bool:
    return not address.endswith(".png")


@pytest.fixture(scope="module")
def walked(site: Path) -> tuple[Mapping[str, set[str]], list[str]]:
    return walk(site)


def files(site: Path, *endings: str) -> Iterable[Path]:
    found = [path for path in sorted(site.rglob("*")) if path.suffix in endings]
    assert found
    return found


def test_every_link_leads_to_a_file_of_the_site(walked: tuple[Mapping[str, set[str]], list[str]]) -> None:
    led, broken = walked
    assert len(led) > 100
    assert broken == []


def test_every_place_in_a_page_that_a_link_names_is_there(
    site: Path, walked: tuple[Mapping[str, set[str]], list[str]]
) -> None:
    named = {address: places - {""} for address, places in walked[0].items() if places - {""}}
    assert len(named) > 3
    for address, places in named.items():
        ids = set(Page((site / address).read_text(encoding="utf-8")).all("id"))
        assert places - ids == set(), address


def test_every_file_is_led_to(site: Path, walked: tuple[Mapping[str, set[str]], list[str]]) -> None:
    there = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert there - walked[0].keys() - NOT_LED_TO.keys() == set()


def test_every_file_can_be_read_for_what_it_is(site: Path) -> None:
    for path in files(site, ".json"):
        json.loads(path.read_text(encoding="utf-8"))
    for path in files(site, ".csv"):
        widths = {len(row) for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8")))}
        assert len(widths) == 1, path
    for path in files(site, ".xml", ".svg"):
        ElementTree.fromstring(path.read_text(encoding="utf-8"))
    for path in files(site, ".png"):
        with Image.open(path) as picture:
            picture.verify()


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<a href="there.html#no">a</a><a href="gone.html">b</a><a href="/">c</a>')
    (tmp_path / "there.html").write_text('<p id="yes">here</p><a href="https://elsewhere.example/x">d</a>')
    led, broken = walk(tmp_path)
    assert broken == ["index.html → gone.html"]
    assert led["there.html"] == {"no"}
