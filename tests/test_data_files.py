"""The figures as files."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from typing import Any

import pytest

from groundswell import data_files
from groundswell.catalogue import CORE, METRICS
from groundswell.models import Card, Stage
from tests.cards import HOSTILE, TODAY, cards, growth


def card(id_: str) -> Card:
    return next(card for card in cards() if card.project.id == id_)


def written(*chosen: Card) -> dict[str, Any]:
    text = data_files.scorecard_json(chosen, TODAY, ())
    found: dict[str, Any] = json.loads(text)
    return found


def with_metric(base: Card, **changes: object) -> Card:
    key = "stars"
    metrics = {**base.metrics, key: dataclasses.replace(base.metrics[key], **changes)}  # type: ignore[arg-type]
    return dataclasses.replace(base, metrics=metrics)


# --- scorecard.json --------------------------------------------------------------------------------------------------


def test_the_head_names_format_and_day_and_the_projects_keep_their_order() -> None:
    whole = written(*cards())
    assert (whole["format"], whole["as_of"]) == (1, "2026-11-22")
    assert [project["id"] for project in whole["projects"]] == [card.project.id for card in cards()]


def test_every_project_has_every_metric_and_every_stage() -> None:
    for project in written(*cards())["projects"]:
        named = [key for key in project["metrics"] if key not in CORE]
        assert [key for key in project["metrics"] if key in CORE] == [
            metric.key for metric in METRICS if metric.key in CORE
        ]
        assert all(project["metrics"][key]["value"] is not None for key in named), "nothing is said of unnamed places"
        assert list(project["stages"]) == [stage.value for stage in Stage]


def test_a_metric_has_its_value_day_growth_and_compound_growth_unrounded() -> None:
    shown = growth(1 / 3, 0.1, 23512)
    stars = written(with_metric(card("Tidewater/kelp"), growth=shown))["projects"][0]["metrics"]["stars"]
    assert stars["value"] == 23512
    assert stars["observed"] == "2026-11-22"
    assert {key: stars["growth"][key] for key in ("window", "month", "low", "high", "direction")} == {
        "window": shown.window, "month": 1 / 3, "low": shown.low, "high": shown.high, "direction": "rising",
    }  # fmt: skip
    assert set(stars["compound"]) == {"3", "6", "12"}
    assert stars["compound"]["12"] is None
    assert stars["missing"] is None


def test_what_is_missing_is_null_with_its_reason_and_never_zero() -> None:
    stars = written(card("mist/fog"))["projects"][0]["metrics"]["stars"]
    assert stars["value"] is None
    assert stars["observed"] is None
    assert stars["growth"] is None
    assert stars["missing"] == "not seen yet"
    assert set(stars["compound"].values()) == {None}


def test_a_value_without_a_growth_keeps_its_value_and_says_why() -> None:
    issues = written(card("ebb/flotsam"))["projects"][0]["metrics"]["issues_opened"]
    assert issues["value"] == 12
    assert issues["growth"] is None
    assert issues["missing"] == "9 more days of history needed"


def test_too_small_a_base_is_new_and_has_no_percentage() -> None:
    found = written(card("spray/droplet"))["projects"][0]["metrics"]["stars"]["growth"]
    assert (found["window"], found["month"], found["direction"]) == (None, None, "new")
    assert (found["start"], found["end"]) == (31, 87)


def test_a_growth_of_which_it_is_not_known_how_sure_it_is_has_no_direction() -> None:
    found = written(card("reef/coral"))["projects"][0]["metrics"]["stars"]["growth"]
    assert (found["low"], found["high"], found["direction"]) == (None, None, None)
    assert found["unsure"] == "5 more weeks of history needed"


def test_an_old_value_says_that_it_is_old() -> None:
    npm = written(card("lagoon/still"))["projects"][0]["metrics"]["npm_downloads"]
    assert npm["value"] == 90_332
    assert npm["stale"].startswith("last seen 6 days ago")


def test_whole_numbers_are_whole_and_others_keep_all_digits() -> None:
    stars = written(with_metric(card("Tidewater/kelp"), value=7.0))["projects"][0]["metrics"]["stars"]
    assert repr(stars["value"]) == "7"
    stars = written(with_metric(card("Tidewater/kelp"), value=0.1 + 0.2))["projects"][0]["metrics"]["stars"]
    assert stars["value"] == 0.1 + 0.2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        written(with_metric(card("Tidewater/kelp"), value=value))


def test_stages_movement_and_reading_stand_beside_the_metrics() -> None:
    kelp = written(card("Tidewater/kelp"))["projects"][0]
    assert kelp["stages"]["intent"]["indicator"] == "rising"
    assert 0 < kelp["stages"]["intent"]["coverage"] <= 1
    assert kelp["stages"]["retention"]["indicator"] is None
    assert kelp["stages"]["retention"]["missing"]
    assert set(kelp["movement"]) == {
        "intent_to_action", "action_to_activation", "activation_to_monetization", "monetization_to_retention",
    }  # fmt: skip
    assert kelp["movement"]["intent_to_action"]["ratios"]["npm_downloads_per_star"] > 1
    assert set(kelp["reading"]) == {"key", "text"}
    assert kelp["furthest_stage"] == "monetization"


def test_a_project_has_its_closed_months_in_a_file_of_its_own() -> None:
    kelp = json.loads(data_files.project_json(card("Tidewater/kelp")))
    assert kelp["id"] == "Tidewater/kelp"
    assert list(kelp["months"]["stars"])[-1] == "2026-10"
    assert kelp["months"]["stars"]["2026-10"] > kelp["months"]["stars"]["2026-01"]


# --- scorecard.csv ---------------------------------------------------------------------------------------------------


def rows(*chosen: Card) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data_files.scorecard_csv(chosen), newline="")))


def test_there_is_a_row_a_project_and_a_column_a_figure() -> None:
    found = rows(*cards())
    assert [row["id"] for row in found] == [card.project.id for card in cards()]
    assert found[0]["stars"] == "23512"
    assert float(found[0]["stars_growth_month"]) == 0.0815
    assert found[0]["intent_indicator"] == "rising"
    assert all(None not in row and None not in row.values() for row in found)


def test_missing_is_an_empty_cell_with_the_reason_in_another() -> None:
    [fog] = rows(card("mist/fog"))
    assert fog["stars"] == fog["stars_growth_low"] == fog["state"] == ""
    assert fog["stars_missing"] == "not seen yet"


def test_no_text_is_a_formula_for_a_spreadsheet() -> None:
    [evil] = rows(card("evil/x-y.z"))
    assert evil["name"] == f"'=cmd()|{HOSTILE}"
    assert evil["reading"].startswith("'+")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "  =1"])
def test_every_beginning_of_a_formula_is_defused(text: str) -> None:
    base = card("ebb/flotsam")
    [row] = rows(dataclasses.replace(base, project=dataclasses.replace(base.project, name=text)))
    assert row["name"] == "'" + re.sub(r"\s", " ", text)


def test_negative_numbers_stay_numbers() -> None:
    [flotsam] = rows(card("ebb/flotsam"))
    assert float(flotsam["stars_growth_month"]) < 0


def test_the_same_cards_give_the_same_bytes() -> None:
    assert data_files.scorecard_json(cards(), TODAY, ()) == data_files.scorecard_json(cards(), TODAY, ())
    assert data_files.scorecard_csv(cards()) == data_files.scorecard_csv(cards())
