"""Whatever text comes from outside, in whatever field: the site keeps its shape, runs nothing, and links to the web."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

import pytest

from groundswell import render, sources
from groundswell.alert_log import Alert, Told
from groundswell.config import Mistake, Tracker
from groundswell.models import (
    Anomaly,
    Card,
    Correction,
    Event,
    Failure,
    Kind,
    Missing,
    Oddity,
    Origin,
    OwnFigure,
    Provenance,
    Stage,
)
from tests.cards import HOSTILE, TODAY, card, cards, facts, growth, measured, project
from tests.closed import sample
from tests.served import listen, served
from tests.test_render import Page
from tests.test_witness import Element, Elements

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

EVIL: Final = f"=cmd()|{HOSTILE}]]></title></textarea></svg></script><!--"
TAME: Final = "=cmd()|" + "x" * (len(EVIL) - 7)  # sorted and cut off where the other is
TURNING: Final = "\u202e"
SCRIPT: Final = "javascript:alert(5)"
FIGURES: Final = (".json", ".csv", ".xml", ".svg", ".txt", ".html")
ADDRESS: Final = "https://tracker.example/"


def outside(text: str, link: str | None) -> Card:
    """A project with the same text in every field that a source, an owner or a contributor can fill."""
    own = OwnFigure("x", text, text, Stage.ACTION, Kind.STOCK, 1.0, Origin.FILE, text, text, relative=False)
    entry = project(
        "evil/all", text, text, tags=(text,), events=(Event(dt.date(2026, 8, 1), text, link),), figures=(own,),
        targets={"npm": (text,), "pypi": (text,)},
    )  # fmt: skip
    where = Provenance("npm.downloads", Kind.FLOW, (text,), dt.date(2026, 1, 1), link or "", text, credit=text)
    npm = measured("npm_downloads", 900, growth(0.1, 0.05, 900), provenance=where, notes=(text,), stale=Missing(text))
    lacking = measured("pypi_downloads", 900, Missing(text))
    odd = Anomaly(Oddity.BURST, f"npm.downloads:{text}", TODAY, TODAY, {"amount": 3.0}, text)
    metrics = {"stars": measured("stars", 733, growth(0.2, 0.05, 733), notes=(text,), anomalies=(odd,))}
    known = facts(text, description=text, homepage=link, language=text, licence=text, topics=(text,))
    made = card(
        entry, {**metrics, "npm_downloads": npm, "pypi_downloads": lacking}, text, facts=known,
        failures=(Failure("npm", "evil/all", text, text), Failure("github", "evil/all", "", text)), notes=(text,),
    )  # fmt: skip
    brought = dataclasses.replace(
        measured("stars", 20, growth(0.1, 0.02, 20)),
        metric=own.metric,
        provenance=dataclasses.replace(where, signal="figures.x"),
    )
    moved = Correction(
        "evil/all", f"npm.downloads:{text}", TODAY, dt.date(2026, 11, 1), dt.date(2026, 11, 2), 2, dt.date(2026, 11, 1),
        5.0, 9.0, 0.8,
    )  # fmt: skip
    return dataclasses.replace(
        made, metrics={**made.metrics, own.metric: brought}, anomalies=(odd,), corrections=(moved,)
    )


def tracker(text: str) -> Tracker:
    return Tracker(title=text, description=text, notice=text, address=ADDRESS)


def built(folder: Path, text: str, link: str | None) -> Path:
    mistakes = (Mistake("projects.yaml", 12, text, text),)
    told = Told((Alert("2026-11-22-0123456789", TODAY, "evil/all", text, "level", "stars", text, text),), broken=text)
    seen = [*cards(), outside(text, link)]
    render.write(
        folder, seen, tracker(text), TODAY, sources.load(), mistakes=mistakes, alerts=told, editions=sample(text)
    )
    return folder


OURS: Final = {  # texts that nobody outside can choose: our own keys, and what is checked before it is taken in
    "Card.against": "keys of metrics",
    "Card.metrics": "keys of metrics",
    "Anomaly.seen": "our own words for what was seen",
    "Correction.project": "checked: owner/name",
    "Failure.project": "checked: owner/name",
    "Failure.signals": "our own names",
    "Failure.source": "a module's name",
    "Measured.growth_from": "a source's name",
    "Measured.metric": "keys of metrics",
    "OwnFigure.key": "checked by a pattern",
    "Project.id": "checked: owner/name",
    "Provenance.signal": "our own names",
    "Ratio.key": "our own",
    "Ratio.label": "our own",
    "Reading.key": "our own",
    "StageState.parts": "keys of metrics",
    "Event.link": "hostile as a link",
    "RepositoryFacts.homepage": "hostile as a link",
    "Provenance.docs": "hostile as a link",
    "Tracker.address": "checked: an address",
    "Tracker.repository": "checked: owner/name",
    "Tracker.license": "checked: one of a list",
}


def fields(record: object) -> Iterator[tuple[str, str]]:
    """Every text field of a record and of those in it, and all the text that stands there."""
    if dataclasses.is_dataclass(record):
        for field in dataclasses.fields(record):
            value = getattr(record, field.name)
            if re.search(r"\bstr\b", str(field.type)):
                yield f"{type(record).__name__}.{field.name}", "\n".join(strings(value))
            yield from fields(value)
    elif isinstance(record, Mapping | tuple):
        for value in record.values() if isinstance(record, Mapping) else record:
            yield from fields(value)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from strings(one)


def test_every_text_field_of_a_card_is_hostile_here_or_cannot_be() -> None:
    """A new field of the models stands here with its reason, or is filled above."""
    found: dict[str, list[str]] = {}
    for name, text in (*fields(outside(EVIL, SCRIPT)), *fields(tracker(EVIL))):
        found.setdefault(name, []).append(text)
    tame_ones = {name for name, values in found.items() if not any(EVIL in value for value in values)}
    assert tame_ones == OURS.keys() & found.keys()
    assert OURS.keys() <= found.keys()


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("hostile") / "evil", EVIL, SCRIPT)


@pytest.fixture(scope="module")
def tame(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("hostile") / "tame", TAME, None)


def texts(site: Path) -> Mapping[str, str]:
    found = (path for path in sorted(site.rglob("*")) if path.suffix in FIGURES)
    return {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in found}


def _plain(name: str) -> str:
    """The name of a file that is called after the text's category, whatever the text."""
    return re.sub(r"/cmd-[\w-]+", "/cmd", name)


def shape(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """A page's elements in their order, each with the names of its attributes."""
    return [(tag, tuple(attrs)) for tag, attrs in Page(text).tags]


def test_hostile_text_gives_a_page_no_element_and_no_attribute_that_tame_text_does_not(evil: Path, tame: Path) -> None:
    hostile, harmless = ({_plain(name): text for name, text in texts(site).items()} for site in (evil, tame))
    assert hostile.keys() == harmless.keys()
    pages = [name for name in hostile if name.endswith(".html")]
    assert len(pages) > len(cards())
    assert [name for name in pages if shape(hostile[name]) != shape(harmless[name])] == []


def test_hostile_text_is_told_as_it_came(evil: Path) -> None:
    told = Page(texts(evil)["projects/evil__all.html"])
    assert sum(EVIL in words for words in told.words) >= 10


def test_signs_that_turn_the_direction_of_writing_turn_nothing_but_the_text_that_they_stand_in(
    evil: Path, site: Path
) -> None:
    """Hostile text stands in an element that is isolated, or that is a block of its own, with none of our words."""
    seen = 0
    for folder in (evil, site):
        for name, text in texts(folder).items():
            for one in Elements(text).all if name.endswith(".html") else ():
                if TURNING in one.own:
                    seen += 1
                    assert isolated(one), (name, one.tag, one.attributes, one.own)
    assert seen > 50


def isolated(one: Element) -> bool:
    if one.tag in {"bdi", "title", "desc", "option", "code", "script"} or "dir" in one.attributes:
        return True
    if (one.tag == "td" and "k" in one.classes) or one.tag == "i" or "vh" in one.classes:
        return True  # a cell of its own, a shape with a word, words for those who hear them
    return one.parent is not None and one.parent.tag not in {"body", "main"} and isolated(one.parent)


def test_every_link_stays_on_the_site_or_leads_to_the_web(evil: Path) -> None:
    for name, text in texts(evil).items():
        if name.endswith(".html"):
            links = [link for attribute in ("href", "src", "action", "srcset") for link in Page(text).all(attribute)]
            assert [link for link in links if re.match(r"(?!https?:)[a-z]+:", link.strip().lower())] == [], name


def test_every_data_file_can_be_read_and_no_cell_begins_a_formula(evil: Path) -> None:
    for name, text in texts(evil).items():
        if name.endswith(".json"):
            json.loads(text)
        if name.endswith((".xml", ".svg")):
            tree = ElementTree.fromstring(text)
            names = [(one.tag.rpartition("}")[2], *one.attrib) for one in tree.iter()]
            assert not [one for one in names if one[0] == "script" or any(key.startswith("on") for key in one[1:])]
        if name.endswith(".csv"):
            cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
            words = [cell for cell in cells if not re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell)]
            assert name != "data/scorecard.csv" or any("cmd()" in cell for cell in words)
            assert [cell for cell in words if cell.lstrip().startswith(("=", "+", "-", "@"))] == [], name


@pytest.mark.needs("chromium")
def test_hostile_text_runs_nothing_in_a_browser(evil: Path, page: Tab) -> None:
    trouble: list[str] = []
    with served(evil) as address:
        listen(page, address, trouble)
        for name in texts(evil):
            if name.endswith(".html") and ("/" not in name or "evil" in name):
                page.goto(address + name)
                foreign = page.locator("img[src='x'], script:not([src], [type='application/ld+json'])").count()
                trouble += [f"{name}: {foreign} elements from outside"] if foreign else []
    assert trouble == []
