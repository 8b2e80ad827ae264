"""The feed against RFC 4287: what must be there, once, absolute, unique, and dated by the data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from groundswell import feed
from groundswell.closing import keep
from groundswell.config import Tracker
from groundswell.feed import Entry, atom
from tests.cards import HOSTILE
from tests.closed import book, known, site, turning, two

TODAY = dt.date(2026, 11, 20)
TRACKER = Tracker(title="Test & tracker", description="<What> is tracked.", address="https://example.org/swell")
NS = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
OF_FEED = {"id": 1, "title": 1, "updated": 1, "subtitle": 0, "author": 0, "link": 0, "entry": 0}
OF_ENTRY = {"id": 1, "title": 1, "updated": 1, "published": 0, "link": 0, "summary": 0}
MANY = {"link", "entry", "author"}


def faults(text: str) -> Iterator[str]:
    """What RFC 4287 says against a feed that uses the elements above and no others."""
    root = ET.fromstring(text.encode())
    if root.tag != f"{NS}feed":
        yield f"the root is {root.tag}"
        return
    yield from _faults_of(root, OF_FEED)
    if root.find(f"{NS}author/{NS}name") is None:
        yield "nobody is its author (4.1.1)"
    if not [link for link in root.iter(f"{NS}link") if link.get("rel") == "self"]:
        yield "it does not say where it is (4.1.1)"
    ids = [one.text for one in root.findall(f"{NS}entry/{NS}id")]
    if len(ids) != len(set(ids)):
        yield "two entries have one id (4.1.1)"
    for entry in root.findall(f"{NS}entry"):
        yield from _faults_of(entry, OF_ENTRY)


def _faults_of(element: ET.Element, allowed: dict[str, int]) -> Iterator[str]:
    names = [child.tag.removeprefix(NS) for child in element]
    for name in set(names) | set(allowed):
        number = names.count(name)
        if name not in allowed or number < allowed[name] or (number > 1 and name not in MANY):
            yield f"{number} of {name}"
    for child in element:
        name, text = child.tag.removeprefix(NS), child.text or ""
        if name == "id" and not (urlsplit(text).scheme and urlsplit(text).netloc):
            yield f"the id {text} is not absolute (4.2.6)"
        if name in {"updated", "published"} and not MOMENT.fullmatch(text):
            yield f"{text} is no moment (3.3)"
        if name == "link" and not urlsplit(child.get("href", "")).scheme:
            yield "a link is not absolute"
        if name in {"title", "subtitle", "summary"} and (child.get("type", "text") != "text" or len(child)):
            yield f"{name} is no plain text (3.1)"
        if name == "title" and not text.strip():
            yield "a title is empty"
    alternates = [one.get("type") for one in element.findall(f"{NS}link") if one.get("rel") == "alternate"]
    if len(alternates) != len(set(alternates)):
        yield "two alternates of one type (4.1.1)"


def entry(number: int, day: dt.date = TODAY, **more: object) -> Entry:
    return Entry(**{"address": f"2026-10/#n{number}", "title": "t", "summary": "s", "day": day, "updated": day, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<id>https://example.org/swell/2026-10/#n1</id>", ""),
        ("<id>https://example.org/swell/2026-10/#n1</id>", "<id>2026-10/#n1</id>"),
        ("<id>https://example.org/swell/2026-10/#n1</id>", "<id>https://example.org/swell/2026-10/#n2</id>"),
        ("<updated>2026-11-20T00:00:00Z</updated>", "<updated>2026-11-20</updated>"),
        ("<name>Test &amp; tracker</name>", ""),
        ('rel="self"', 'rel="alternate"'),
        ("<title>t</title>", "<title></title>"),
    ],
)
def test_the_rules_find_what_is_wrong(before: str, after: str) -> None:
    good = atom([entry(1), entry(2)], TRACKER, TODAY)
    assert list(faults(good)) == []
    assert before in good
    assert list(faults(good.replace(before, after, 1))) != []


def test_the_feed_of_editions_keeps_every_rule(tmp_path: Path) -> None:
    keep(tmp_path, known(dt.date(2026, 11, 5), turning(dt.date(2026, 11, 5)), book("a/b", dt.date(2026, 11, 5), 0.1)))
    asked = known(
        dt.date(2027, 1, 20), turning(dt.date(2027, 1, 20)), book("a/b", dt.date(2027, 1, 20), 0.1), tracker=TRACKER
    )
    out = site(tmp_path, asked)
    text = (out / "feed.xml").read_text()
    assert list(faults(text)) == []
    root = ET.fromstring(text)
    addresses = [one.text or "" for one in root.findall(f"{NS}entry/{NS}id")]
    assert {f"https://example.org/swell/2026-{month}/" for month in (10, 11, 12)} <= set(addresses)
    for address in addresses:
        page, _, place = address.removeprefix("https://example.org/swell/").partition("#")
        shown = (out / page / "index.html").read_text()
        assert not place or f'id="{place}"' in shown, address
    assert any("#swing-intent-turn__coat" in address for address in addresses)


def test_every_page_names_the_feed_where_there_is_one(tmp_path: Path) -> None:
    out = site(tmp_path, two(TODAY, tracker=TRACKER))
    for name, way in (("index.html", ""), ("2026-10/index.html", "../"), ("projects/up__riser.html", "../")):
        assert f'type="application/atom+xml" href="{way}feed.xml"' in (out / name).read_text()


def test_without_an_address_there_is_no_feed_and_no_page_names_one(tmp_path: Path) -> None:
    out = site(tmp_path, two(TODAY))
    assert not (out / "feed.xml").exists()
    assert [path.name for path in out.rglob("*.html") if "feed.xml" in path.read_text()] == []


def test_it_is_dated_by_its_entries_and_not_by_the_day_of_the_run(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 5)))
    texts = {
        (site(tmp_path, two(TODAY + dt.timedelta(days=n), tracker=TRACKER)) / "feed.xml").read_text() for n in (0, 3)
    }
    (text,) = texts
    assert ET.fromstring(text).findtext(f"{NS}updated") == "2026-11-05T00:00:00Z"


def test_a_feed_without_entries_is_valid() -> None:
    assert list(faults(atom([], TRACKER, TODAY))) == []


def test_it_does_not_grow_without_end() -> None:
    many = [entry(number, TODAY - dt.timedelta(days=number)) for number in range(200)]
    text = atom(reversed(many), TRACKER, TODAY)
    root = ET.fromstring(text)
    assert len(root.findall(f"{NS}entry")) == feed.MOST_ENTRIES
    assert root.findtext(f"{NS}entry/{NS}id") == "https://example.org/swell/2026-10/#n0"


@pytest.mark.parametrize("name", [HOSTILE, "a\x00b\x0bc\ud800", "]]>", "<b>&amp;</b>"], ids=ascii)
def test_hostile_text_stays_text(name: str) -> None:
    tracker = Tracker(title=f"x{name}", description=name, address="https://example.org")
    text = atom([entry(1, title=f"x{name}", summary=name)], tracker, TODAY)
    assert list(faults(text)) == []
    found = ET.fromstring(text.encode()).findtext(f"{NS}entry/{NS}summary")
    assert found == "".join(sign for sign in name if sign >= " " and not "\ud800" <= sign <= "\udfff")
