"""Where from, from when: every number of every data file has its sources, its day, and how it is known."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from groundswell import data_files
from groundswell.catalogue import METRICS
from groundswell.evidence import Evidence
from groundswell.models import Card, Stage
from tests.cards import TODAY, cards

KINDS = {one.value for one in Evidence}
LENGTHS = {"format", "years", "coverage"}
# Numbers that nobody measured: of the file, of a span that stands beside it, of weights in the catalogue.
Where = tuple[str | int, ...]


def numbers(found: object, where: Where = ()) -> Iterator[tuple[Where, float]]:
    """Every number of a JSON text with its place; yes and no are none."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key not in LENGTHS:
                yield from numbers(value, (*where, key))
    elif isinstance(found, list):
        for place, value in enumerate(found):
            yield from numbers(value, (*where, place))
    elif isinstance(found, (int, float)) and not isinstance(found, bool):
        yield where, found


def lineage(whole: object, where: Where) -> object:
    """What a file says of the number at a place: in the nearest `from` above it, as far as that follows the way down;
    of series by month in the twin that is named after them.
    """
    steps: list[Any] = [whole]
    for step in where:
        steps.append(steps[-1][step])
    for depth in range(len(where) - 1, -1, -1):
        here = steps[depth]
        if isinstance(here, dict) and f"{where[depth]}_from" in here:
            return _down(here[f"{where[depth]}_from"], where[depth + 1 :])
        if isinstance(here, dict) and not isinstance(
            here.get("from", 0), int | float
        ):  # "seen" may count from a number
            return _down(here["from"], where[depth:])
    return None


def _down(known: Any, way: Sequence[str | int]) -> object:
    for step in way:
        if isinstance(known, dict) and "sources" not in known and step in known:
            known = known[step]
    if isinstance(known, dict) and isinstance(known.get("evidence"), dict):  # a series: the month is the day
        month = way[-1]
        return {"sources": known["sources"], "day": f"{month}-01", "evidence": [known["evidence"].get(month)]}
    return known


def assert_known(whole: object) -> int:
    """Every number is known; gives how many there are."""
    count = 0
    for where, _ in numbers(whole):
        known = lineage(whole, where)
        assert isinstance(known, dict), f"{where} says nothing of where it is from"
        assert known.keys() == {"sources", "day", "evidence"}, where
        assert known["sources"], where
        assert all(isinstance(one, str) and one for one in known["sources"]), where
        dt.date.fromisoformat(known["day"])
        assert known["evidence"], where
        assert set(known["evidence"]) <= KINDS, where
        count += 1
    return count


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.project.id)
def test_every_number_of_a_made_up_card_is_known(card: Card) -> None:
    assert_known(json.loads(data_files.project_json(card)))


def test_every_number_that_a_whole_run_writes_is_known(demo_folder: Path) -> None:
    site = demo_folder / "site"
    files = [*(site / "data").glob("*.json"), *(site / "data/projects").glob("*.json")]
    assert len(files) > 12
    counts = [assert_known(json.loads(path.read_text(encoding="utf-8"))) for path in files]
    assert sum(counts) > 5_000
    months = [json.loads(path.read_text(encoding="utf-8")) for path in (site / "data/months").glob("*.json")]
    assert len(months) > 10
    for metric in (metric for project in months for metric in project["metrics"].values()):
        # The small files say it once for all months: the source, the first month and the step, what was filled in.
        assert metric["source"]
        assert metric["first"]
        assert metric["own"] or all(0 <= a <= b < len(metric["values"]) for a, b in metric["filled_in"])
    scorecard = json.loads((site / "data" / "scorecard.json").read_text(encoding="utf-8"))
    hows = {
        how
        for project in scorecard["projects"]
        for metric in project["metrics"].values()
        if metric["from"]
        for how in metric["from"]["value"]["evidence"]
    }
    assert {"observed", "filled in"} <= hows


def test_a_number_without_its_lineage_is_found() -> None:
    """The walk itself can fail: with any one `from` taken out it does."""
    whole = json.loads(data_files.project_json(next(card for card in cards() if card.project.id == "Tidewater/kelp")))
    assert assert_known(whole) > 100
    for key in ("metrics", "stages", "movement"):
        hurt = json.loads(json.dumps(whole))
        first = next(one for one in hurt[key].values() if one["from"])
        del first["from"]
        with pytest.raises(AssertionError):
            assert_known(hurt)
    for key in ("months_from", "stage_index_from"):
        with pytest.raises(AssertionError):
            assert_known({name: value for name, value in whole.items() if name != key})


def test_the_days_are_those_of_the_numbers_and_the_evidence_follows_the_first_observed_day() -> None:
    card = next(card for card in cards() if card.project.id == "Tidewater/kelp")
    stars = card.metrics["stars"]
    assert stars.provenance is not None
    for since, value, growth in (
        (TODAY - dt.timedelta(days=400), "observed", "observed"),
        (TODAY - dt.timedelta(days=5), "observed", "filled in"),
        (None, "filled in", "filled in"),
    ):
        seen = dataclasses.replace(stars, provenance=dataclasses.replace(stars.provenance, observed_since=since))
        whole = json.loads(data_files.project_json(dataclasses.replace(card, metrics={**card.metrics, "stars": seen})))[
            "metrics"
        ]["stars"]
        assert whole["from"]["value"] == {"sources": ["github"], "day": whole["observed"], "evidence": [value]}
        assert whole["from"]["growth"]["evidence"] == [growth]
        assert whole["from"]["growth"]["day"] == whole["growth"]["end_day"]


def test_a_row_of_the_table_says_the_same_in_columns() -> None:
    (row,) = csv.DictReader(
        io.StringIO(data_files.scorecard_csv([one for one in cards() if one.project.id == "Tidewater/kelp"]))
    )
    for metric in METRICS:
        if row[metric.key]:
            assert row[f"{metric.key}_source"]
            assert row[f"{metric.key}_observed"]
            assert row[f"{metric.key}_evidence"] in KINDS
        if row[f"{metric.key}_growth_month"]:
            assert row[f"{metric.key}_growth_day"]
            assert row[f"{metric.key}_growth_evidence"] in KINDS
    for stage in Stage:
        if row[f"{stage.value}_growth"]:
            assert row[f"{stage.value}_sources"]
            assert row[f"{stage.value}_day"]
            assert set(row[f"{stage.value}_evidence"].split("; ")) <= KINDS
