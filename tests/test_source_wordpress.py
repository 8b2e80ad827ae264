"""WordPress: what it answers of a plugin, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, NotFound, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import wordpress
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
OLD = {"downloads": dt.date(2026, 1, 1)}
DOWNLOADS = "/api.wordpress.org/stats/plugin/1.0/downloads.php"
NOTHING = Reply('{"error": "Plugin not found."}', 404)
PLUGIN = Reply('{"slug": "x", "active_installs": 300, "downloaded": 9}')


def days(*amounts: object, last: dt.date = YESTERDAY) -> dict[str, object]:
    first = last - dt.timedelta(days=len(amounts) - 1)
    return {(first + dt.timedelta(days=n)).isoformat(): amount for n, amount in enumerate(amounts)}


def reply(*amounts: object, last: dt.date = YESTERDAY) -> Reply:
    return Reply(json.dumps(days(*amounts, last=last)))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(wordpress.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(downloads: dt.date, installs: dt.date) -> Ask:
    newest = {"downloads": downloads, "active_installs": installs}
    return Ask("a/b", "x", newest=newest, first_observed={"active_installs": (installs, 300)})


def values(outcomes: list[Answer | Failure]) -> list[tuple[str, dt.date, float]]:
    answers = [one for one in outcomes if isinstance(one, Answer)]
    return [(one.signal, one.day, one.value) for answer in answers for one in answer.observations]


def test_first_sight_asks_for_installs_and_two_years_of_downloads() -> None:
    outcomes, requests = run([PLUGIN, reply(5, "6")], Ask("a/b", "x"))
    assert requests[0].startswith("/api.wordpress.org/plugins/info/1.2/?action=plugin_information&request%5Bslug%5D=x&")
    assert requests[1:] == [f"{DOWNLOADS}?slug=x&limit=730"]
    assert values(outcomes) == [
        ("active_installs", TODAY, 300),
        ("downloads", dt.date(2026, 11, 20), 5),
        ("downloads", YESTERDAY, 6),
    ]


def test_afterwards_only_the_last_days_are_asked_for() -> None:
    _, requests = run([PLUGIN, reply(5)], known(dt.date(2026, 11, 20), YESTERDAY))
    assert requests[1:] == [f"{DOWNLOADS}?slug=x&limit=9"]


def test_only_what_is_lacking_is_asked_for() -> None:
    assert run([NOTHING], known(YESTERDAY, TODAY)) == ([Answer("wordpress", "a/b", "x", ())], [])
    assert len(run([PLUGIN], known(YESTERDAY, YESTERDAY))[1]) == 1
    assert len(run([reply(5)], known(dt.date(2026, 11, 20), TODAY))[1]) == 1


def test_a_quiet_plugin_with_a_history_has_its_zeros() -> None:
    ask = Ask("a/b", "x", newest={"downloads": dt.date(2026, 11, 19), "active_installs": TODAY}, oldest=OLD)
    assert [value for *_, value in values(run([reply(0, 0, 2)], ask)[0])] == [0, 0, 2]


def test_today_is_not_over_and_is_not_taken() -> None:
    outcomes, _ = run([PLUGIN, reply(5, 6, last=TODAY)], Ask("a/b", "x"))
    assert values(outcomes)[1:] == [("downloads", YESTERDAY, 5)]


def test_zeros_before_the_first_download_are_left_out() -> None:
    assert list(wordpress.parse_days(days(0, 0, 4, 0)).values()) == [4, 0]
    assert list(wordpress.parse_days(days(0, 0, 4, 0), YESTERDAY - dt.timedelta(days=2)).values()) == [0, 4, 0]


@pytest.mark.parametrize("answer", [None, [], {}, days(0, 0), days(-1), days(3, "many"), days(3, None), {"x": 3}])
def test_any_other_shape_of_downloads_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        wordpress.parse_days(answer)


@pytest.mark.parametrize("installs", [None, "300", "10+", -1, 1.5])
def test_installs_that_are_no_number_are_refused(installs: object) -> None:
    with pytest.raises(Broken):
        wordpress.parse_installs({"slug": "x", "active_installs": installs})


@pytest.mark.parametrize("answer", [None, [], {}, {"slug": "x"}])
def test_any_other_shape_of_a_plugin_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        wordpress.parse_installs(answer)


@pytest.mark.parametrize(("error", "reason"), [("closed", "closed"), ("Plugin not found.", "no plugin")])
def test_an_error_under_200_is_a_plugin_that_is_not_there(error: str, reason: str) -> None:
    with pytest.raises(NotFound, match=reason):
        wordpress.parse_installs({"error": error, "slug": "x"})


def test_a_plugin_that_is_not_there_is_asked_for_once_and_is_no_fault_of_the_next() -> None:
    outcomes, requests = run([NOTHING, PLUGIN, reply(5)], Ask("a/b", "none"), Ask("a/b", "x"))
    assert [type(one) for one in outcomes] == [Failure, Answer, Answer]
    assert len(requests) == 3


@pytest.mark.parametrize("fault", [Reply("<html>", kind="text/html"), Reply('{"slug'), Reply("null"), Reply("[]")])
def test_each_of_the_two_fails_alone(fault: Reply) -> None:
    outcomes, _ = run([fault, reply(5)], Ask("a/b", "x"))
    assert isinstance(outcomes[0], Failure)
    assert outcomes[0].signals == ("active_installs",)
    assert values(outcomes) == [("downloads", YESTERDAY, 5)]
    outcomes, _ = run([PLUGIN, fault], Ask("a/b", "x"))
    assert isinstance(outcomes[1], Failure)
    assert outcomes[1].signals == ("downloads",)
    assert values(outcomes) == [("active_installs", TODAY, 300)]


def test_a_fall_from_hundreds_of_sites_to_0_is_not_believed() -> None:
    nobody = Reply('{"slug": "x", "active_installs": 0}')
    outcomes, _ = run([nobody], known(YESTERDAY, YESTERDAY))
    assert [type(one) for one in outcomes] == [Failure]
    outcomes, _ = run([nobody, reply(5)], Ask("a/b", "x"))
    assert values(outcomes)[0] == ("active_installs", TODAY, 0)


def test_a_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "wordpress" / "plugin-info-fields.json").read_text())
    assert wordpress.parse_installs(answer) == 300_000
