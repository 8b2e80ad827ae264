"""Where from, from when, and how it is known: every number on every page says so, without a script."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from groundswell import evidence, render, sources
from groundswell.config import Tracker
from groundswell.evidence import Evidence
from groundswell.models import OWN, Kind, Measured, Missing, Provenance, Reading, Stage
from groundswell.pages import witness
from groundswell.pages.setting import Setting
from groundswell.situation import of_card
from tests.cards import TODAY, cards, growth, measured
from tests.test_render import VOID

SOURCES: Final = "|".join(sorted({*sources.labels(sources.load()).values(), "The owner's own figures"}, key=len)[::-1])
DAY: Final = r"\d{1,2} [A-Z][a-z]{2} \d{4}(?: to \d{1,2} [A-Z][a-z]{2} \d{4})?"
HOW: Final = "|".join(map(re.escape, Evidence))
WITNESS: Final = re.compile(
    rf"(?:{SOURCES})(?:(?:, | and )(?:{SOURCES}))*, {DAY}, (?:{HOW})(?: and (?:{HOW}))*".replace("'", "(?:'|&#39;)")
)
NUMBER: Final = re.compile(r"\d")


@dataclasses.dataclass
class Element:
    """An open or closed element with its text."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None
    text: str = ""  # all that is inside
    own: str = ""  # what is not inside another element

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())

    def inside(self, *names: str) -> bool:
        """Whether it, or an element around it, has one of these classes."""
        return bool(self.classes & set(names)) or (self.parent is not None and self.parent.inside(*names))


class Elements(HTMLParser):
    """All elements of a page with the text inside them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.all: list[Element] = []
        self.here: Element | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), self.here)
        self.all.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        assert self.here is not None
        if tag not in VOID:
            self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        element = self.here
        if element is not None:
            element.own += data
        while element is not None:
            element.text += data
            element = element.parent


def is_figure(one: Element) -> bool:
    """Whether an element is the one that a measured number stands in."""
    if one.tag == "b":
        return one.inside("way", "list") and not one.inside("events")
    if one.tag == "td":
        return bool(one.classes & {"s", "now", "g", "p"}) or one.inside("numbers")
    if one.tag == "span" and one.inside("d"):
        return not one.inside("missing")
    return bool(one.classes & {"figure", "latest"}) or (one.tag == "p" and "growth" in one.classes)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("witness") / "site"
    render.write(folder, cards(), Tracker(title="Test"), TODAY, sources.load())
    return folder


def test_every_number_on_every_page_says_where_from_from_when_and_how_it_is_known(site: Path) -> None:
    seen: Counter[str] = Counter()
    for path in sorted(site.rglob("*.html")):
        for one in filter(is_figure, Elements(path.read_text(encoding="utf-8")).all):
            if NUMBER.search(one.text):
                assert WITNESS.search(one.attributes.get("title") or ""), (path.name, one.tag, one.text, one.attributes)
                seen[f"{path.parent.name}/{one.tag}.{' '.join(sorted(one.classes))}"[:24]] += 1
    kinds = {kind.partition(" ")[0] for kind in seen}
    assert {"projects/p.latest", "projects/p.growth", "projects/span.figure", "projects/td.n", "projects/b."} <= kinds
    assert any(kind.startswith("site/td.c") for kind in kinds), "the stages, each with its coverage"
    assert {"site/td.g", "site/td.n", "site/span.is-rising", "site/b."} <= kinds


def test_no_number_of_a_table_stands_outside_of_what_was_walked(site: Path) -> None:
    """Cells of numbers hold a figure, or a dash with its reason; on the page of health they are this run's counts."""
    for path in [site / "index.html", *(site / "projects").iterdir()]:
        found = Elements(path.read_text(encoding="utf-8")).all
        for cell in (one for one in found if one.tag == "td" and "n" in one.classes and not one.inside("numbers")):
            inner = [one for one in found if cell in _around(one) and {"figure", "missing", "none"} & one.classes]
            assert inner or is_figure(cell) or any(is_figure(one) for one in found if one.parent is cell), cell.text


def _around(one: Element) -> list[Element]:
    return [one.parent, *_around(one.parent)] if one.parent is not None else []


def test_what_stands_behind_a_row_has_a_title_for_each_of_its_numbers(site: Path) -> None:
    """Stages, stars, growth, downloads, contributors, newest, and the reading: the script sets them in this order."""
    behind = json.loads((site / "rows.json").read_text(encoding="utf-8"))
    assert len(behind) == len(cards())
    assert {len(titles) for titles in behind.values()} == {11}
    kelp = behind["tidewater__kelp"]
    assert kelp[5] == "23,512 stars on 22 November 2026; GitHub, 22 Nov 2026, observed"
    assert "95 % interval" in kelp[6]
    assert kelp[7].startswith("PyPI: ")
    assert "npm: " in kelp[7]
    assert all(WITNESS.search(kelp[place]) for place in (0, 1, 5, 6, 7, 8, 10))


def test_a_project_page_shows_it_where_there_is_room(site: Path) -> None:
    found = Elements((site / "projects" / "tidewater__kelp.html").read_text(encoding="utf-8")).all
    shown = [one for one in found if "from" in one.classes]
    assert {one.tag for one in shown} >= {"dd", "span", "small"}
    assert all(WITNESS.search(one.text) for one in shown)


def test_what_is_missing_has_no_witness(site: Path) -> None:
    found = Elements((site / "projects" / "mist__fog.html").read_text(encoding="utf-8")).all
    assert [one for one in found if "from" in one.classes] == []


# --- The three ways of knowing ---------------------------------------------------------------------------------------


def stars(since: dt.date | None) -> Measured:
    base = measured("stars", 5000, growth(0.05, 0.01, 5000))
    assert base.provenance is not None
    return dataclasses.replace(base, provenance=dataclasses.replace(base.provenance, observed_since=since))


def test_a_level_is_observed_from_the_day_on_since_which_it_is_seen() -> None:
    assert evidence.of_value(stars(TODAY)) is Evidence.OBSERVED
    assert evidence.of_value(stars(TODAY + dt.timedelta(days=1))) is Evidence.FILLED_IN
    assert evidence.of_value(stars(None)) is Evidence.FILLED_IN


def test_growth_is_observed_when_both_of_its_ends_are() -> None:
    assert evidence.of_growth(stars(TODAY - dt.timedelta(days=28))) is Evidence.OBSERVED
    assert evidence.of_growth(stars(TODAY - dt.timedelta(days=27))) is Evidence.FILLED_IN


def test_a_rate_over_months_is_observed_as_far_as_it_reaches_back() -> None:
    assert evidence.of_span(stars(TODAY - dt.timedelta(days=93)), 3) is Evidence.OBSERVED
    assert evidence.of_span(stars(TODAY - dt.timedelta(days=93)), 6) is Evidence.FILLED_IN


def downloads(*, hole: int | None) -> Measured:
    base = measured("npm_downloads", 90_000, growth(0.05, 0.01, 90_000, TODAY - dt.timedelta(days=2)), seed=3)
    assert base.observed is not None
    if hole is None:
        return base
    kept = base.series.days != base.observed.toordinal() - hole
    return dataclasses.replace(base, series=type(base.series)(base.series.days[kept], base.series.values[kept]))


def test_an_amount_with_a_day_that_stands_in_for_another_is_filled_in() -> None:
    assert evidence.of_value(downloads(hole=None)) is Evidence.OBSERVED
    assert evidence.of_value(downloads(hole=27)) is Evidence.FILLED_IN
    assert evidence.of_value(downloads(hole=28)) is Evidence.OBSERVED, "that day is of the window before"
    assert evidence.of_growth(downloads(hole=28)) is Evidence.FILLED_IN
    assert evidence.of_growth(downloads(hole=56)) is Evidence.OBSERVED


def test_what_the_owner_brings_is_the_owners_own() -> None:
    where = Provenance(f"{OWN}.revenue", Kind.PERIOD, ("revenue",), TODAY, "", "")
    own = dataclasses.replace(measured("stars", 5, Missing("x")), provenance=where)
    assert evidence.of_value(own) is Evidence.OWN
    assert evidence.of_day(where, TODAY) is Evidence.OWN


def test_a_metric_without_a_value_is_known_in_no_way() -> None:
    nothing = dataclasses.replace(stars(TODAY), provenance=None)
    assert (evidence.of_value(nothing), evidence.of_growth(nothing), evidence.of_span(nothing, 3)) == (None, None, None)


def test_a_reading_names_the_sources_of_the_stages_that_it_tells_and_no_others() -> None:
    loaded = sources.load()
    setting = Setting(Tracker(), TODAY, sources.labels(loaded), sources.signals(loaded))
    card = next(one for one in cards() if one.project.id == "Tidewater/kelp")
    told = {stage: of_card(card).subject(stage) for stage in (Stage.INTENT, Stage.MONETIZATION)}
    about = Reading("use_without_payment", f"{told[Stage.INTENT].opens()} while {told[Stage.MONETIZATION].follows()}.")
    assert witness.of_reading(about, card, setting).startswith("GitHub, ")
    both = Reading("everything_moves", "Nothing of it is told in figures.")
    assert "PyPI" in witness.of_reading(both, card, setting), "else it is of the stages that the rule needs"
