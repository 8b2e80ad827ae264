"""Whatever text comes from outside, in whatever field: the site keeps its shape, runs nothing, and links to the web."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import re
from collections.abc import Mapping
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
from tests.served import listen, served
from tests.test_render import Page

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

EVIL: Final = f"=cmd()|{HOSTILE}]]></title></textarea></svg></script><!--"
TAME: Final = "=cmd()|" + "x" * (len(EVIL) - 7)  # sorted and cut off where the other is
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


def built(folder: Path, text: str, link: str | None) -> Path:
    mistakes = (Mistake("projects.yaml", 12, text, text),)
    tracker = Tracker(title=text, description=text, notice=text, address=ADDRESS)
    told = Told((Alert("2026-11-22-0123456789", TODAY, "evil/all", text, "level", "stars", text, text),), broken=text)
    seen = [*cards(), outside(text, link)]
    render.write(folder, seen, tracker, TODAY, sources.load(), mistakes=mistakes, alerts=told)
    return folder


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
