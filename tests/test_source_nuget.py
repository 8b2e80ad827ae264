"""NuGet: what its search answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from groundswell.http import Broken, Door, NotFound, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import nuget
from sandbox.server import start
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)
LIMITED = Reply('{"statusCode": 429, "message": "Rate limit is exceeded. Try again in 1 seconds."}', 429)


def hits(**totals: object) -> Reply:
    data = [{"id": name, "totalDownloads": total, "version": "1.0"} for name, total in totals.items()]
    return Reply(json.dumps({"totalHits": len(data), "data": data}))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(nuget.fetch(asks, door, TODAY))
        door.close()
    return outcomes, [parse_qs(urlsplit(request).query)["q"][0] for request in server.requests]


def reason(reply: Reply, *, before: bool = False) -> str:
    ask = Ask("a/b", "x", newest={"downloads": YESTERDAY} if before else {})
    ((outcome,), _) = run([reply], ask)
    assert isinstance(outcome, Failure)
    return outcome.reason


def answered(project: str, target: str, total: int) -> Answer:
    return Answer("nuget", project, target, (Observation("downloads", TODAY, total),))


def total_of(outcome: Answer | Failure) -> float:
    assert isinstance(outcome, Answer)
    (observation,) = outcome.observations
    return observation.value


def test_several_packages_are_one_search_in_any_case_of_letters() -> None:
    outcomes, queries = run([hits(X=5, y=6)], Ask("a/b", "x"), Ask("c/d", "Y"), Ask("e/f", "x"))
    assert outcomes == [answered("a/b", "x", 5), answered("c/d", "Y", 6), answered("e/f", "x", 5)]
    assert queries == ["packageid:Y packageid:x"]
    assert run([hits(y=6)], Ask("c/d", "Y"))[0] == [answered("c/d", "Y", 6)]


def test_a_search_names_no_more_than_twenty() -> None:
    asks = [Ask("a/b", f"p{n}") for n in range(21)]
    outcomes, queries = run([hits(**{ask.target: 7 for ask in asks[:20]}), hits(p20=8)], *asks)
    assert [total_of(outcome) for outcome in outcomes] == [7] * 20 + [8]
    assert [query.count("packageid:") for query in queries] == [20, 1]


def test_versions_before_a_release_count_and_all_hits_are_asked_for() -> None:
    with scripted([hits(x=5, y=6)]) as server:
        door = Door(Outside(stand_in=server.address))
        list(nuget.fetch([Ask("a/b", "x"), Ask("a/b", "y")], door, TODAY))
        door.close()
    (request,) = server.requests
    parts = urlsplit(request)
    assert parts.path == "/azuresearch-usnc.nuget.org/query"
    query = parse_qs(parts.query)
    assert {key: query[key] for key in query if key != "q"} == {
        "prerelease": ["true"],
        "semVerLevel": ["2.0.0"],
        "take": ["2"],
    }


def test_what_a_search_lacks_is_asked_for_alone() -> None:
    outcomes, queries = run([hits(y=6), hits(x=5)], Ask("a/b", "x"), Ask("c/d", "y"))
    assert outcomes == [answered("a/b", "x", 5), answered("c/d", "y", 6)]
    assert queries == ["packageid:x packageid:y", "packageid:x"]


def test_a_package_that_is_not_there_is_a_failure_for_itself_alone() -> None:
    outcomes, _ = run([hits(y=6), hits()], Ask("a/b", "x"), Ask("c/d", "y"))
    assert outcomes == [Failure("nuget", "a/b", "x", "has no package of that name"), answered("c/d", "y", 6)]


def test_a_broken_hit_is_a_failure_for_itself_alone() -> None:
    outcomes, _ = run([hits(x="5", y=6), hits(x="5")], Ask("a/b", "x"), Ask("c/d", "y"))
    assert isinstance(outcomes[0], Failure)
    assert "unknown shape (totalDownloads: " in outcomes[0].reason
    assert outcomes[1] == answered("c/d", "y", 6)


def test_a_zero_among_several_is_asked_for_alone() -> None:
    seen = {"downloads": YESTERDAY}
    outcomes, queries = run([hits(x=0, y=0), hits(x=0), hits(y=6)], Ask("a/b", "x", newest=seen), Ask("c/d", "y"))
    assert outcomes == [
        Failure("nuget", "a/b", "x", "gave 0 for a total that cannot be 0"),
        answered("c/d", "y", 6),
    ]
    assert queries == ["packageid:x packageid:y", "packageid:x", "packageid:y"]


def test_a_search_for_several_that_is_refused_is_no_loss() -> None:
    outcomes, queries = run([Reply("{}", 400), hits(x=5), hits(y=6)], Ask("a/b", "x"), Ask("c/d", "y"))
    assert outcomes == [answered("a/b", "x", 5), answered("c/d", "y", 6)]
    assert len(queries) == 3


def test_too_many_requests_is_a_failure_for_each_and_not_asked_again() -> None:
    outcomes, queries = run([LIMITED], Ask("a/b", "x"), Ask("c/d", "y"))
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Failure)] == [
        "answered 429 (too many requests)"
    ] * 2
    assert set(queries) == {"packageid:x packageid:y"}


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, queries = run([LIMITED], Ask("a/b", "x", newest={"downloads": TODAY}))
    assert outcomes == [Answer("nuget", "a/b", "x", ())]
    assert queries == []


def test_a_zero_is_a_total_at_first_sight_and_never_afterwards() -> None:
    assert run([hits(x=0)], Ask("a/b", "x"))[0] == [answered("a/b", "x", 0)]
    assert reason(hits(x=0), before=True) == "gave 0 for a total that cannot be 0"


def test_the_answer_about_another_package_is_refused() -> None:
    assert reason(hits(xx=5)) == "answered about another package"


@pytest.mark.parametrize("amount", ["7", None, -7, 7.5, True])
def test_what_is_not_an_amount_is_refused(amount: object) -> None:
    assert "unknown shape (totalDownloads: " in reason(hits(x=amount))


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"data": None}, {"data": {}}, {"data": [None]}, {"data": [[]]}])
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        nuget.parse_package(answer, "x")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply("<html></html>", kind="text/html"), "answered with text/html instead of JSON"),
        (Reply('{"totalHits": 1, "da'), "answered with broken JSON"),
        (Reply('{"statusCode": 403, "message": "Quota exceeded."}', 403), "answered 403"),
        (Reply("", 503, "text/html"), "answered 503"),
    ],
)
def test_what_is_not_an_answer_has_a_reason(reply: Reply, why: str) -> None:
    assert why in reason(reply)


def test_the_stand_in_gives_totals_that_grow() -> None:
    seen = []
    for today in (TODAY, TODAY + dt.timedelta(days=1)):
        with start(today=today) as sandbox:
            door = Door(Outside(agent="tracker", stand_in=sandbox.address))
            asks = (Ask("a/b", "Galley-Setter"), Ask("c/d", "Tallybench.Core"), Ask("e/f", "Nobody"))
            *found, lacking = nuget.fetch(asks, door, today)
            door.close()
        assert lacking == Failure("nuget", "e/f", "Nobody", "has no package of that name")
        seen.append([total_of(one) for one in found])
    assert all(0 < before < after for before, after in zip(*seen, strict=True))


def test_a_recorded_answer_is_read_exactly(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "nuget" / "search-doc-example.json").read_text())
    wanted = {one["id"].lower(): one["totalDownloads"] for one in answer["data"]}
    assert nuget.parse_search(answer) == wanted
    assert len(wanted) == answer["totalHits"]
    alone = {"totalHits": 1, "data": answer["data"][:1]}
    assert nuget.parse_package(alone, answer["data"][0]["id"]) == answer["data"][0]["totalDownloads"]
    with pytest.raises(NotFound):
        nuget.parse_package({"totalHits": 0, "data": []}, "x")
