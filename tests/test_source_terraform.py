"""Terraform Registry: what it says of modules and providers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import terraform
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
NOT_FOUND = Reply('{"errors":["Not Found"]}', 404)
HOST = "/registry.terraform.io"


def module(downloads: object = 700) -> dict[str, object]:
    return {"id": "lanterns/wick/oil/1.2.0", "name": "wick", "downloads": downloads, "verified": False}


def provider(number: object = "77") -> dict[str, object]:
    return {"data": {"type": "providers", "id": number, "attributes": {"downloads": 4, "name": "oil"}}}


def summary(total: object = 900, **changed: object) -> dict[str, object]:
    amounts = {"week": 7, "month": 30, "year": 365, "total": total} | changed
    return {"data": {"type": "provider-downloads-summary", "id": "77", "attributes": amounts}}


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(terraform.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(target: str, newest: dt.date, **state: object) -> Ask:
    return Ask("a/b", target, state, {"downloads": newest})


def test_a_module_has_a_total() -> None:
    outcomes, requests = run([Reply(json.dumps(module()))], Ask("a/b", "lanterns/wick/oil"))
    assert outcomes == [Answer("terraform", "a/b", "lanterns/wick/oil", (Observation("downloads", TODAY, 700),))]
    assert requests == [f"{HOST}/v1/modules/lanterns/wick/oil"]


def test_a_provider_has_windows_too_and_its_number_is_kept() -> None:
    replies = [Reply(json.dumps(provider())), Reply(json.dumps(summary()))]
    outcomes, requests = run(replies, Ask("a/b", "lanterns/oil"))
    seen = (
        Observation("downloads", TODAY, 900),
        Observation("downloads_week", TODAY, 7),
        Observation("downloads_month", TODAY, 30),
        Observation("downloads_year", TODAY, 365),
    )
    assert outcomes == [Answer("terraform", "a/b", "lanterns/oil", seen, {"number": "77"})]
    assert requests == [f"{HOST}/v2/providers/lanterns/oil", f"{HOST}/v2/providers/77/downloads/summary"]


def test_the_windows_are_signals_with_their_length() -> None:
    lengths = {signal.key: signal.days for signal in terraform.SIGNALS}
    assert lengths == {"downloads": 1, "downloads_week": 7, "downloads_month": 30, "downloads_year": 365}


def test_a_provider_is_looked_up_once() -> None:
    _, requests = run([Reply(json.dumps(summary()))], known("lanterns/oil", YESTERDAY, number="77"))
    assert requests == [f"{HOST}/v2/providers/77/downloads/summary"]


def test_a_provider_whose_number_is_gone_is_looked_up_again() -> None:
    replies = [NOT_FOUND, Reply(json.dumps(provider("78"))), Reply(json.dumps(summary()))]
    outcomes, _ = run(replies, known("lanterns/oil", YESTERDAY, number="77"))
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].state == {"number": "78"}


@pytest.mark.parametrize(
    "answer",
    [None, [], "x", {}, {"errors": ["Not Found"]}, *(module(wrong) for wrong in (-1, None, "700", 1.5, True))],
)
def test_any_other_shape_of_a_module_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        terraform.parse_module(answer)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"data": None},
        {"data": {"attributes": {}}},
        *(summary(wrong) for wrong in (-1, None, "900", 1.5, True)),
        summary(week=None),
        summary(month="30"),
        summary(year=-1),
    ],
)
def test_any_other_shape_of_a_summary_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        terraform.parse_summary(answer)


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"data": []}, *(provider(wrong) for wrong in (None, 77, "", "7/../x"))]
)
def test_any_other_shape_of_a_provider_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        terraform.parse_number(answer)


@pytest.mark.parametrize(("target", "answer"), [("lanterns/wick/oil", module(0)), ("lanterns/oil", summary(0))])
def test_a_total_that_was_there_cannot_become_0(target: str, answer: object) -> None:
    outcomes, _ = run([Reply(json.dumps(answer))], known(target, YESTERDAY, number="77"))
    assert outcomes == [Failure("terraform", "a/b", target, "gave 0 for a total that cannot be 0")]


def test_a_week_without_downloads_is_a_zero() -> None:
    assert terraform.parse_summary(summary(week=0))["downloads_week"] == 0


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, requests = run([NOT_FOUND], known("lanterns/wick/oil", TODAY), known("lanterns/oil", TODAY))
    assert [outcome.observations for outcome in outcomes if isinstance(outcome, Answer)] == [(), ()]
    assert requests == []


def test_what_is_not_there_is_a_failure_for_it_alone() -> None:
    replies = [NOT_FOUND, NOT_FOUND, Reply(json.dumps(module()))]
    asks = (Ask("a/b", "lanterns/none/oil"), Ask("a/b", "lanterns/none"), Ask("a/b", "lanterns/wick/oil"))
    assert [type(outcome) for outcome in run(replies, *asks)[0]] == [Failure, Failure, Answer]


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<!DOCTYPE html><title>Terraform Registry</title>", kind="text/html"),
        Reply("error code: 1015", 429, "text/plain"),
        Reply("<html>502 Bad Gateway</html>", 502, "text/html"),
        Reply('{"downloads": 7'),
    ],
)
def test_what_is_no_answer_is_a_failure_for_each(reply: Reply) -> None:
    outcomes, _ = run([reply], Ask("a/b", "lanterns/wick/oil"), known("lanterns/oil", YESTERDAY, number="77"))
    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]


def test_names_of_modules_and_providers() -> None:
    good = ("terraform-aws-modules/vpc/aws", "hashicorp/aws", "Azure/aks/azurerm", "a/b_c/d")
    bad = ("aws", "a/b/c/d", "a//b", "a/..", "a/b/", "a/b?c", "registry.terraform.io/a/b")
    assert all(re.fullmatch(terraform.NAMING.pattern, name) for name in good)
    assert not any(re.fullmatch(terraform.NAMING.pattern, name) for name in bad)


def test_a_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "terraform" / "module-vpc.json").read_text())
    assert terraform.parse_module(answer) == {"downloads": answer["downloads"]} == {"downloads": 164_832_241}
