"""Gathering: each answer is on disk before the next one is taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from groundswell import gather, history
from groundswell.config import Tracker
from groundswell.history import History
from groundswell.http import Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation, Project, RepositoryState
from tests.test_collect import Made

TODAY = dt.date(2026, 11, 22)
PROJECT = Project("a/b", "b", "Other", targets={"one": ("x", "y")})


def test_what_was_read_before_a_sudden_end_is_on_disk(tmp_path: Path) -> None:
    books = {"a/b": History("a/b")}
    asks = gather.plan([PROJECT], {"one": Made(answers)}, books)
    door = Door(Outside(stand_in="http://127.0.0.1:9"))
    with pytest.raises(RuntimeError):

        def stop_after_two(_: int) -> None:
            if len(history.load(tmp_path, "a/b").columns) == 2:
                raise RuntimeError

        gather.gather(asks, books, {"one": Made(answers)}, door, tmp_path, TODAY, stop_after_two)
    assert set(history.load(tmp_path, "a/b").columns) == {"one.n:x", "one.n:y"}


def answers(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
    yield from (Answer("one", ask.project, ask.target, (Observation("n", TODAY, 3),)) for ask in asks)


def test_failures_are_given_and_noted(tmp_path: Path) -> None:
    def fail(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield from (Failure("one", ask.project, ask.target, "answered 500") for ask in asks)

    books = {"a/b": History("a/b")}
    asks = gather.plan([PROJECT], {"one": Made(fail)}, books)
    door = Door(Outside(stand_in="http://127.0.0.1:9"))
    steps: list[int] = []
    gathered = gather.gather(asks, books, {"one": Made(fail)}, door, tmp_path, TODAY, steps.append)
    assert gathered.asked == {"one": 2}
    assert [failure.target for failure in gathered.failures] == ["x", "y"]
    assert history.load(tmp_path, "a/b").failures["one:x"].reason == "answered 500"
    assert steps == [1, 1]


def test_the_agent_names_the_tracker_and_the_token_stays_with_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/tracker")
    tracker = Tracker(title="T", description="", address=None, notice=None, repository=None)
    outside = gather.outside(tracker, {}, None)
    assert outside.agent.endswith("(+https://github.com/a/tracker)")
    assert outside.token == "secret"


@pytest.mark.parametrize(
    ("outcome", "reached"),
    [
        (Answer("one", "a/b", "x", (Observation("n", TODAY, 3),)), True),
        (Answer("one", "a/b", "x", ()), True),
        (Failure("one", "a/b", "x", "is left for the next run", deferred=True), True),
        (Failure("one", "a/b", "x", "is gone", state=RepositoryState.GONE), True),
        (Failure("one", "a/b", "x", "could not be reached"), False),
        (Failure("one", "a/b", "x", "could not be reached", signals=("n",)), False),
    ],
)
def test_whether_anybody_was_reached(tmp_path: Path, outcome: Answer | Failure, reached: bool) -> None:
    def say(_: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield outcome

    project = Project("a/b", "b", "Other", targets={"one": ("x",)})
    books = {"a/b": History("a/b")}
    asks = gather.plan([project], {"one": Made(say)}, books)
    door = Door(Outside(stand_in="http://127.0.0.1:9"))
    gathered = gather.gather(asks, books, {"one": Made(say)}, door, tmp_path, TODAY, lambda _: None)
    assert gathered.reached is reached


def test_the_total_of_a_registry_is_asked_for_last_kept_apart_and_counts_nowhere(tmp_path: Path) -> None:
    """A bad day of the total is no gap of a project, and a good one does not make up for the projects' bad day."""

    def fail(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        assert [(ask.project, ask.target) for ask in asks] == [("a/b", "x"), ("a/b", "y"), ("market", "")]
        yield Answer("one", "a/b", "x", (Observation("n", TODAY, 3),))
        yield Answer("one", "a/b", "y", (Observation("n", TODAY, 3),))
        yield Failure("one", "market", "", "answered 500")

    def succeed(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield from (Failure("one", ask.project, ask.target, "answered 500") for ask in asks if ask.target)
        yield Answer("one", "market", "", (Observation("n", TODAY, 9),))

    door = Door(Outside(stand_in="http://127.0.0.1:9"))
    for answer, asked, failed, reached in ((fail, 2, 0, True), (succeed, 2, 2, False)):
        source = Made(answer)
        source.MARKET = ("n",)  # type: ignore[attr-defined]
        books = {"a/b": History("a/b"), history.MARKET: History(history.MARKET)}
        asks = gather.plan([PROJECT], {"one": source}, books)
        gathered = gather.gather(asks, books, {"one": source}, door, tmp_path, TODAY, lambda _: None)
        assert (gathered.asked, len(gathered.failures), gathered.reached) == ({"one": asked}, failed, reached)
    assert history.load(tmp_path, history.MARKET).series("one.n").values.tolist() == [9]


def test_a_registry_that_nobody_names_is_not_asked_for_its_total() -> None:
    source = Made(answers)
    source.MARKET = ("n",)  # type: ignore[attr-defined]
    books = {"a/b": History("a/b"), history.MARKET: History(history.MARKET)}
    bare = Project("a/b", "b", "Other")
    assert gather.plan([bare], {"one": source}, books) == {"one": []}


@pytest.mark.parametrize(
    ("given", "contact"),
    [
        ({}, None),
        ({"GITHUB_REPOSITORY_OWNER": "quay"}, "quay@users.noreply.github.com"),
        ({"GITHUB_REPOSITORY_OWNER": "quay", "SEC_CONTACT": "sec@quay.example"}, "sec@quay.example"),
        ({"SEC_CONTACT": "sec@quay.example", "CONTACT": "data@quay.example"}, "data@quay.example"),
    ],
)
def test_whom_to_write_to(monkeypatch: pytest.MonkeyPatch, given: Mapping[str, str], contact: str | None) -> None:
    for name in ("CONTACT", "SEC_CONTACT", "GITHUB_REPOSITORY_OWNER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert gather.outside(Tracker(), {}, None).contact == contact


def test_the_owners_token_is_not_in_what_a_log_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAFFIC_TOKEN", "ghp_owners")
    monkeypatch.setenv("GITHUB_REPOSITORY", "quay/tracker")
    outside = gather.outside(Tracker(), {}, None)
    assert (outside.owner, outside.owners_token) == ("quay", "ghp_owners")
    assert "ghp_owners" not in repr(outside)
