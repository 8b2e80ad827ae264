"""Collecting: sources at the same time, silence is a failure, and a fault of ours is not hidden."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from groundswell import collect, sources
from groundswell.http import Door, Outside
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Project, Signal, SourceModule

TODAY = dt.date(2026, 11, 22)
DOOR = Door(Outside(stand_in="http://127.0.0.1:9"))
Fetch = Callable[[Sequence[Ask]], Iterator[Answer | Failure]]


@dataclass
class Made:
    """A source made for a test."""

    answers: Fetch
    LABEL: str = "Made"
    NAMING: Naming = field(default_factory=lambda: Naming(".*", "x", "anything"))
    SIGNALS: tuple[Signal, ...] = (Signal("n", Kind.STOCK, "things", 0, "never", "https://example.org", "Nothing."),)
    PACE: Mapping[str, float] = field(default_factory=dict)

    def fetch(self, asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:  # noqa: ARG002
        yield from self.answers(asks)


def all_of(asks: Mapping[str, Sequence[Ask]], **answers: Fetch) -> list[Answer | Failure]:
    sources: dict[str, SourceModule] = {key: Made(answer) for key, answer in answers.items()}
    return list(collect.collect(asks, sources, DOOR, TODAY))


def answer_each(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
    yield from (Answer("one", ask.project, ask.target, ()) for ask in asks)


def test_the_plan_names_each_target_of_each_project_once() -> None:
    projects = [Project("a/b", "b", "", targets={"one": ("x", "y")}), Project("c/d", "d", "", targets={"two": ("",)})]
    sources: dict[str, SourceModule] = {"one": Made(answer_each), "two": Made(answer_each), "three": Made(answer_each)}
    plan = collect.plan(projects, sources, lambda project, _key, target: Ask(project.id, target))
    assert plan == {"one": [Ask("a/b", "x"), Ask("a/b", "y")], "two": [Ask("c/d", "")], "three": []}


def test_a_target_passed_over_in_silence_is_a_failure() -> None:
    def only_first(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield Answer("one", asks[0].project, asks[0].target, ())

    outcomes = all_of({"one": [Ask("a/b", "x"), Ask("a/b", "y")]}, one=only_first)
    assert outcomes == [Answer("one", "a/b", "x", ()), Failure("one", "a/b", "y", "gave no answer")]


def test_sources_run_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=5)

    def meet(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        meeting.wait()
        yield from answer_each(asks)

    assert len(all_of({"one": [Ask("a/b", "x")], "two": [Ask("a/b", "x")]}, one=meet, two=meet)) == 2


def test_answers_come_as_soon_as_they_are_there() -> None:
    taken = threading.Event()

    def slow(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield Answer("one", asks[0].project, "first", ())
        assert taken.wait(5), "the first answer was held back until the second was there"
        yield Answer("one", asks[0].project, "second", ())

    outcomes = collect.collect({"one": [Ask("a/b", "x")]}, {"one": Made(slow)}, DOOR, TODAY)
    assert next(outcomes).target == "first"
    taken.set()
    assert next(outcomes).target == "second"


def test_a_fault_of_ours_ends_the_run_after_the_others_have_answered() -> None:
    def broken(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        if asks:
            raise ZeroDivisionError
        yield from answer_each(asks)

    outcomes = []
    with pytest.raises(collect.Stopped) as stopped:
        for outcome in collect.collect(
            {"one": [Ask("a/b", "x")], "two": [Ask("a/b", "x")]},
            {"one": Made(broken), "two": Made(answer_each)},
            DOOR,
            TODAY,
        ):
            outcomes.append(outcome)  # noqa: PERF402 - it raises after the last one
    assert len(outcomes) == 1
    assert isinstance(stopped.value.__cause__, ZeroDivisionError)


SHARED = Naming(".*", "x", "anything", shared=True)
HOSTS = Naming(".*", "x", "anything", names_host=True)


def test_a_target_that_projects_share_is_asked_for_once_and_the_answer_is_each_ones() -> None:
    asked: list[Ask] = []

    def answer(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        asked.extend(asks)
        for ask in asks:
            yield Answer("one", ask.project, ask.target, (Observation("n", TODAY, 3),), {"noted": 1})
            yield Failure("one", ask.project, ask.target, "lacks one", signals=("m",))

    known = Ask("a/b", "forum", newest={"n": TODAY})
    asks = [known, Ask("c/d", "forum"), Ask("c/d", "other")]
    found = list(collect.collect({"one": asks}, {"one": Made(answer, NAMING=SHARED)}, DOOR, TODAY))
    assert asked == [Ask("c/d", "forum"), Ask("c/d", "other")], "the one of which least is known"
    assert [(one.project, one.target) for one in found if isinstance(one, Answer)] == [
        ("a/b", "forum"),
        ("c/d", "forum"),
        ("c/d", "other"),
    ]
    assert len([one for one in found if isinstance(one, Failure)]) == 3


def test_a_shared_target_passed_over_in_silence_is_each_ones_failure() -> None:
    asks = [Ask("a/b", "x"), Ask("c/d", "x")]
    found = list(collect.collect({"one": asks}, {"one": Made(lambda _: iter(()), NAMING=SHARED)}, DOOR, TODAY))
    assert found == [Failure("one", ask.project, "x", "gave no answer") for ask in asks]


def test_a_packages_target_is_each_projects_own() -> None:
    assert collect.once(Made(answer_each), [Ask("a/b", "x"), Ask("c/d", "x")]) == [Ask("a/b", "x"), Ask("c/d", "x")]


def test_a_forum_that_does_not_answer_holds_up_no_other() -> None:
    ended = threading.Event()

    def answer(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        if asks[0].target == "dead":
            ended.wait(5)
        yield from answer_each(asks)

    asks = [Ask("a/b", target) for target in ("dead", *"abcdefghij")]
    outcomes = collect.collect({"one": asks}, {"one": Made(answer, NAMING=HOSTS)}, DOOR, TODAY)
    first = [next(outcomes).target for _ in range(10)]
    assert sorted(first) == list("abcdefghij")
    ended.set()
    assert next(outcomes).target == "dead"


def test_nobody_waits_for_long_after_the_end_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "GRACE", 0.2)
    ended = threading.Event()

    def stuck(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield Answer("one", asks[0].project, asks[0].target, ())
        ended.wait(10)

    door = Door(Outside(stand_in="http://127.0.0.1:9", minutes=0))
    asks = {"one": [Ask("a/b", "x"), Ask("a/b", "y")]}
    found = list(collect.collect(asks, {"one": Made(stuck)}, door, TODAY))
    ended.set()
    reason = "is left for the next run: the time for this run is used up"
    assert Answer("one", "a/b", "x", ()) in found
    assert [one for one in found if isinstance(one, Failure)] == [Failure("one", "a/b", "y", reason, deferred=True)]


def test_what_the_end_of_the_time_left_is_nobodys_fault() -> None:
    """Every source gives its reason for every target; that the time is up is one, and leaves the target for later."""
    door = Door(Outside(stand_in="http://127.0.0.1:9", minutes=0))
    all_sources = sources.load()
    asks = {key: [Ask("a/b", source.NAMING.example)] for key, source in all_sources.items()}
    found = list(collect.collect(asks, all_sources, door, TODAY))
    failures = [one for one in found if isinstance(one, Failure)]
    assert {one.source for one in failures if one.deferred} == all_sources.keys() - {"traffic"}
    assert all("the time for this run is used up" in one.reason for one in failures if one.source not in OTHERWISE)


OTHERWISE = {"traffic"}  # which has no token here


def test_nobody_is_asked_when_nothing_is_named() -> None:
    assert all_of({"one": []}, one=answer_each) == []
