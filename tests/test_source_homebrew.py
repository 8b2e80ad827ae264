"""Homebrew: what it answers of a formula and of a cask, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import homebrew
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
NOTHING = Reply("<!DOCTYPE html><title>404</title>", 404, "text/html; charset=utf-8")


def windows(month: object, quarter: object, year: object) -> dict[str, object]:
    return {"30d": month, "90d": quarter, "365d": year}


def page(month: object, quarter: object = None, year: object = None) -> dict[str, object]:
    asked_for = windows(month, quarter or {"x": 30}, year or {"x": 90})
    every = windows({"x": 500}, {"x": 1500}, {"x": 6000})
    return {"name": "x", "analytics": {"install": every, "install_on_request": asked_for}}


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(homebrew.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(newest: dt.date) -> Ask:
    return Ask("a/b", "x", newest=dict.fromkeys(homebrew.WINDOWS, newest))


def test_the_options_of_a_formula_are_added_up_and_dependencies_are_left_out() -> None:
    answer = page({"x": 10, "x --HEAD": 2, "x --with-y": 1})
    assert homebrew.parse(answer, "x") == {"installs_30d": 13, "installs_90d": 30, "installs_365d": 90}


def test_another_formula_whose_name_begins_alike_is_not_added() -> None:
    assert homebrew.parse(page({"x": 10, "x@2": 7}), "x")["installs_30d"] == 10


def test_a_cask_has_installs_alone() -> None:
    answer = {"token": "x", "analytics": {"install": windows({"x": 1}, {"x": 2}, {"x": 3})}}
    assert list(homebrew.parse(answer, "x").values()) == [1, 2, 3]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"analytics": None},
        {"analytics": {"install": {}}},
        page(None),
        page({}),
        page({"y": 1}),
        page({"x": -1}),
        page({"x": None}),
        page({"x": "10"}),
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        homebrew.parse(answer, "x")


def test_a_formula_and_a_cask_are_asked_for_at_their_own_addresses() -> None:
    outcomes, requests = run([Reply(json.dumps(page({"x": 10})))], Ask("a/b", "x"), Ask("a/b", "cask/x"))
    assert requests == ["/formulae.brew.sh/api/formula/x.json", "/formulae.brew.sh/api/cask/x.json"]
    assert [(type(one), one.target) for one in outcomes] == [(Answer, "x"), (Answer, "cask/x")]


def test_the_windows_are_dated_on_the_day_they_are_read() -> None:
    (answer,), _ = run([Reply(json.dumps(page({"x": 10})))], known(YESTERDAY))
    assert isinstance(answer, Answer)
    assert {(one.signal, one.day, one.value) for one in answer.observations} == {
        ("installs_30d", TODAY, 10),
        ("installs_90d", TODAY, 30),
        ("installs_365d", TODAY, 90),
    }


def test_nothing_is_asked_for_when_today_is_there() -> None:
    assert run([NOTHING], known(TODAY)) == ([Answer("homebrew", "a/b", "x", ())], [])


def test_one_formula_that_is_not_there_is_no_fault_of_the_next() -> None:
    outcomes, _ = run([NOTHING, Reply(json.dumps(page({"z": 10}, {"z": 1}, {"z": 1})))], Ask("a/b", "x"), Ask("c", "z"))
    assert [type(one) for one in outcomes] == [Failure, Answer]


@pytest.mark.parametrize(
    "reply", [Reply("<html>", kind="text/html"), Reply('{"analytics": '), Reply("null"), Reply("{}", 500)]
)
def test_what_is_not_an_answer_is_a_failure(reply: Reply) -> None:
    outcomes, _ = run([reply], Ask("a/b", "x"))
    assert [type(one) for one in outcomes] == [Failure]


def test_a_year_without_one_install_is_believed_only_at_first_sight() -> None:
    nothing = Reply(json.dumps(page({"x": 0}, {"x": 0}, {"x": 0})))
    assert isinstance(run([nothing], Ask("a/b", "x"))[0][0], Answer)
    assert isinstance(run([nothing], known(YESTERDAY))[0][0], Failure)


def test_a_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "homebrew" / "formula-datasette.json").read_text())
    assert homebrew.parse(answer, "datasette") == {"installs_30d": 296, "installs_90d": 875, "installs_365d": 2461}
