"""crates.io: what its download counts answer, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import crates
from sandbox.server import start
from tests.scripted import Reply, Scripted, scripted

TODAY = dt.date(2026, 11, 22)
NEWEST = dt.date(2026, 11, 21)
FRIDAY = dt.date(2026, 11, 20)
NOBODY = Reply('{"errors":[{"detail":"crate `y` does not exist"}]}', 404)
NO_AGENT = Reply("We require that all requests include a `User-Agent` header.", 403, "text/plain; charset=utf-8")


def days(amounts: dict[dt.date, object], **more: object) -> list[dict[str, object]]:
    return [{"date": day.isoformat(), "downloads": amount, **more} for day, amount in amounts.items()]


def shape(versions: list[dict[str, object]], extra: list[dict[str, object]]) -> dict[str, object]:
    return {"version_downloads": versions, "meta": {"extra_downloads": extra}}


GOOD = Reply(json.dumps(shape(days({NEWEST: 7}, version=3), days({NEWEST: 4}))))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], Scripted]:
    with scripted(replies) as server:
        door = Door(Outside(agent="tracker (+https://tracker.example)", stand_in=server.address))
        outcomes = list(crates.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server


def reason(reply: Reply) -> str:
    ((outcome,), _) = run([reply], Ask("a/b", "x"))
    assert isinstance(outcome, Failure)
    return outcome.reason


def test_a_day_is_the_newest_versions_and_all_older_ones_together() -> None:
    versions = days({FRIDAY: 1, NEWEST: 20}, version=9) + days({FRIDAY: 3}, version=8)
    assert crates.parse_downloads(shape(versions, days({FRIDAY: 500}))) == {FRIDAY: 504, NEWEST: 20}


@pytest.mark.parametrize("amount", ["7", None, -7, 7.5, True])
def test_what_is_not_an_amount_is_refused(amount: object) -> None:
    with pytest.raises(Broken):
        crates.parse_downloads(shape(days({NEWEST: amount}), []))
    with pytest.raises(Broken):
        crates.parse_downloads(shape([], days({NEWEST: amount})))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"version_downloads": []},
        {"version_downloads": [], "meta": {}},  # without the older versions a day would be too small
        {"version_downloads": None, "meta": {"extra_downloads": []}},
        {"errors": [{"detail": "crate `x` does not exist"}]},
        shape([{"date": "2026-02-30", "downloads": 1}], []),
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        crates.parse_downloads(answer)


def test_a_day_left_out_of_a_small_series_is_a_zero() -> None:
    downloads = {NEWEST - dt.timedelta(days=4): 2, NEWEST - dt.timedelta(days=2): 1}
    assert list(crates.counted_days(downloads, NEWEST).values()) == [2, 0, 1, 0, 0]


def test_a_day_left_out_of_a_large_series_was_not_counted() -> None:
    downloads = {NEWEST - dt.timedelta(days=4): 900, NEWEST - dt.timedelta(days=2): 1000, NEWEST: 0}
    assert list(crates.counted_days(downloads, NEWEST).values()) == [900, 1000]


def test_a_day_that_is_not_over_says_nothing_about_the_usual_day() -> None:
    assert list(crates.counted_days({FRIDAY: 10, TODAY: 900}, NEWEST).values()) == [10, 0]


def test_an_answer_is_one_observation_a_complete_day() -> None:
    reply = Reply(json.dumps(shape(days({TODAY: 3, NEWEST: 90, FRIDAY: 80}, version=3), days({FRIDAY: 1}))))
    outcomes, server = run([reply], Ask("a/b", "x-y_z"))
    wanted = (Observation("downloads", FRIDAY, 81), Observation("downloads", NEWEST, 90))
    assert outcomes == [Answer("crates", "a/b", "x-y_z", wanted)]
    assert server.requests == ["/crates.io/api/v1/crates/x-y_z/downloads"]
    assert server.agents == ["tracker (+https://tracker.example)"]


def test_no_download_on_any_day_is_no_answer() -> None:
    assert reason(Reply(json.dumps(shape([], [])))) == "gave no downloads on any day for this crate"
    assert "no downloads on any day" in reason(Reply(json.dumps(shape([], days({TODAY: 5})))))


def test_nothing_is_asked_for_when_yesterday_is_there() -> None:
    outcomes, server = run([NO_AGENT], Ask("a/b", "x", newest={"downloads": NEWEST}))
    assert outcomes == [Answer("crates", "a/b", "x", ())]
    assert server.requests == []


def test_a_crate_that_is_not_there_is_a_failure_for_itself_alone() -> None:
    outcomes, _ = run([NOBODY, GOOD], Ask("a/b", "y"), Ask("c/d", "x", newest={"downloads": FRIDAY}))
    assert outcomes == [
        Failure("crates", "a/b", "y", "has nothing of that name (404)"),
        Answer("crates", "c/d", "x", (Observation("downloads", NEWEST, 11),)),
    ]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (NO_AGENT, "answered 403"),
        (Reply("<html></html>", kind="text/html"), "answered with text/html instead of JSON"),
        (Reply('{"version_downloads": [', length=None), "answered with broken JSON"),
        (Reply("null"), "unknown shape"),
        (Reply("", 429, "text/plain"), "answered 429 (too many requests)"),
        (Reply("", 503, "text/plain"), "answered 503"),
    ],
)
def test_what_is_not_an_answer_has_a_reason(reply: Reply, why: str) -> None:
    assert why in reason(reply)


def test_the_stand_in_gives_ninety_days_and_the_same_ones_tomorrow() -> None:
    seen = []
    for today in (TODAY, TODAY + dt.timedelta(days=1)):
        with start(today=today) as sandbox:
            door = Door(Outside(agent="tracker", stand_in=sandbox.address))
            asks = (Ask("a/b", "galley-setter"), Ask("c/d", "nobody-has-this"))
            found, lacking = crates.fetch(asks, door, today)
            door.close()
        assert isinstance(found, Answer)
        assert lacking == Failure("crates", "c/d", "nobody-has-this", "has nothing of that name (404)")
        seen.append({one.day: one.value for one in found.observations})
    assert len(seen[0]) == len(seen[1]) == 89  # and today, which is not over
    assert all(seen[1][day] == value for day, value in seen[0].items() if day in seen[1])


def test_the_recorded_shape_is_read(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "crates-io" / "downloads-shape.json").read_text())
    for one in answer["version_downloads"]:  # the recording has its days blanked
        assert one.pop("date") == "[date]"
        one["date"] = NEWEST.isoformat()
    assert crates.parse_downloads(answer) == {NEWEST: sum(one["downloads"] for one in answer["version_downloads"])}
    with pytest.raises(Broken):
        crates.parse_downloads(json.loads((shared / "samples" / "crates-io" / "error-404.json").read_text()))
