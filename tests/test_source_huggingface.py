"""Hugging Face: what it answers of a model and of a data set, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import huggingface
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
KEYS = ("downloads_30d", "downloads_all_time", "likes")
EXPAND = "?expand%5B%5D=downloads&expand%5B%5D=downloadsAllTime&expand%5B%5D=likes"
REFUSED = Reply('{"error": "Invalid username or password."}', 401)


def model(name: str = "o/m", **more: object) -> dict[str, object]:
    return {"_id": "0", "id": name, "downloads": 70, "downloadsAllTime": 900, "likes": 8, **more}


def reply(name: str = "o/m", **more: object) -> Reply:
    return Reply(json.dumps(model(name, **more)))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(huggingface.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(newest: dt.date) -> Ask:
    return Ask("a/b", "o/m", newest=dict.fromkeys(KEYS, newest))


def values(outcome: Answer | Failure) -> dict[str, float]:
    assert isinstance(outcome, Answer)
    assert all(one.day == TODAY for one in outcome.observations)
    return {one.signal: one.value for one in outcome.observations}


def test_a_model_has_a_window_a_total_and_likes() -> None:
    (answer,), requests = run([reply()], known(YESTERDAY))
    assert values(answer) == {"downloads_30d": 70, "downloads_all_time": 900, "likes": 8}
    assert requests == [f"/huggingface.co/api/models/o/m{EXPAND}"]


def test_a_data_set_is_asked_for_at_its_own_address() -> None:
    outcomes, requests = run([reply("o/d")], Ask("a/b", "datasets/o/d"))
    assert requests == [f"/huggingface.co/api/datasets/o/d{EXPAND}"]
    assert outcomes[0].target == "datasets/o/d"


def test_a_renamed_model_is_followed_and_asked_for_its_total_by_its_new_name() -> None:
    moved = Reply("Temporary Redirect", 307, "text/plain", headers=(("Location", "/huggingface.co/api/models/new/m"),))
    plain = Reply(json.dumps({"id": "new/m", "downloads": 70, "likes": 8}))
    (answer,), requests = run([moved, plain, reply("new/m")], Ask("a/b", "m"))
    assert requests[1:] == ["/huggingface.co/api/models/new/m", f"/huggingface.co/api/models/new/m{EXPAND}"]
    assert answer.target == "m"
    assert values(answer)["downloads_all_time"] == 900


def test_a_redirect_to_another_host_is_not_followed() -> None:
    away = Reply("", 307, headers=(("Location", "https://elsewhere.example/api/models/o/m"),))
    outcomes, requests = run([away], Ask("a/b", "o/m"))
    assert isinstance(outcomes[0], Failure)
    assert len(requests) == 1


def test_a_new_name_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(Broken):
        huggingface.name_in(model("../../x?y"))


@pytest.mark.parametrize("total", [None, 0])
def test_a_total_that_is_missing_or_fell_to_0_fails_alone(total: int | None) -> None:
    outcomes, _ = run([reply(downloadsAllTime=total)], known(YESTERDAY))
    assert values(outcomes[0]) == {"downloads_30d": 70, "likes": 8}
    assert isinstance(outcomes[1], Failure)
    assert outcomes[1].signals == ("downloads_all_time",)


def test_a_total_of_0_is_believed_at_first_sight() -> None:
    (answer,), _ = run([reply(downloadsAllTime=0, downloads=0)], Ask("a/b", "o/m"))
    assert values(answer)["downloads_all_time"] == 0


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, model(downloads=None), model(downloads="70"), model(likes=-1), model(downloadsAllTime=-1)],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        huggingface.parse(answer)


def test_what_is_not_there_is_said_to_be_so_and_is_no_fault_of_the_next() -> None:
    outcomes, _ = run([REFUSED, reply()], Ask("a/b", "o/none"), Ask("a/b", "o/m"))
    assert isinstance(outcomes[0], Failure)
    assert outcomes[0].reason == "has nothing public of that name"
    assert isinstance(outcomes[1], Answer)


@pytest.mark.parametrize(
    "fault", [Reply("<html>", kind="text/html"), Reply('{"id": '), Reply("null"), Reply("{}", 403)]
)
def test_what_is_not_an_answer_is_a_failure(fault: Reply) -> None:
    outcomes, _ = run([fault], Ask("a/b", "o/m"))
    assert [type(one) for one in outcomes] == [Failure]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    assert run([REFUSED], known(TODAY)) == ([Answer("huggingface", "a/b", "o/m", ())], [])


def test_a_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "huggingface" / "model-bert-base-uncased.json").read_text())
    assert huggingface.parse(answer) == {"downloads_30d": 72376843, "likes": 2065}
    assert huggingface.name_in(answer) == "google-bert/bert-base-uncased"
