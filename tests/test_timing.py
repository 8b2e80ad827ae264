"""Time at the door: the pace of each host, one at a time, and the end of a run."""

from __future__ import annotations

import threading
import time

import pytest

from groundswell.http import Door, OutOfTime, Outside, TooMany, Unreachable
from groundswell.sources import github
from groundswell.sources.github import queries, transport
from groundswell.timing import USUAL_PACE, Clock, Timetable
from tests.clocks import Counted
from tests.scripted import Reply, scripted

HOST = "https://api.example.org"


def asked_at(paces: dict[str, float], *hosts: str) -> list[float]:
    """When each of several requests goes out."""
    clock = Counted()
    timetable = Timetable(paces, minutes=None, patient=True, clock=clock)
    times = []
    for host in hosts:
        timetable.keep_pace(host)
        times.append(clock.now())
    return times


def test_each_host_has_its_own_pace() -> None:
    slow = asked_at({"slow.example": 2.5}, "slow.example", "slow.example", "usual.example", "slow.example")
    assert slow == pytest.approx([0, 2.5, 2.5, 5.0], abs=0.01)


def test_a_host_that_names_no_pace_gets_the_usual_one() -> None:
    assert asked_at({}, *["usual.example"] * 4) == pytest.approx([n * USUAL_PACE for n in range(4)], abs=0.01)


def test_in_real_time_the_pace_is_kept_and_hardly_more() -> None:
    """Eight requests, four a second: two seconds less the first, and no more than a tenth over."""
    timetable = Timetable({"h": 0.25}, minutes=None, patient=True, clock=Clock())
    began = time.monotonic()
    for _ in range(8):
        timetable.keep_pace("h")
    assert 7 * 0.25 <= time.monotonic() - began <= 8 * 0.25 * 1.1


def test_a_stand_in_need_not_be_spared_unless_it_is_said() -> None:
    clock = Counted()
    for paced in (False, True):
        with scripted([Reply("[]")]) as server:
            door = Door(Outside(stand_in=server.address, paced=paced, paces={"api.example.org": 3}), clock)
            for _ in range(3):
                door.json(f"{HOST}/a")
            door.close()
        assert clock.now() == pytest.approx(6 if paced else 0, abs=0.01)


def test_two_threads_ask_a_host_one_after_another() -> None:
    timetable = Timetable({}, minutes=None, patient=False, clock=Clock())
    inside: list[int] = []
    most: list[int] = []

    def ask() -> None:
        with timetable.turn("one.example"):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


def test_github_is_asked_in_turn_by_all_who_ask_it() -> None:
    """Whoever holds GitHub's turn at the door keeps the source's own connection waiting too."""
    with scripted([Reply('{"data": {}}')]) as server:
        door = Door(Outside(token="t", stand_in=server.address))
        with transport.Session(door) as session, door.time.turn("api.github.com"):
            other = threading.Thread(target=lambda: session.get("/x", transport._OBJECT))
            other.start()
            other.join(0.3)
            assert server.requests == []
        other.join(5)
        assert len(server.requests) == 1
        door.close()


def test_queries_keep_a_pace_of_their_own() -> None:
    clock = Counted()
    with scripted([Reply('{"data": {"a": 1}}')]) as server:
        door = Door(Outside(token="t", stand_in=server.address, paced=True, paces=github.PACE), clock)
        with transport.Session(door) as session:
            for _ in range(3):
                session.graphql(queries.Document("{a}", {}, ("a",), 0.0))
            assert clock.now() == pytest.approx(2 * transport.BETWEEN_QUERIES, abs=0.01)
            for _ in range(3):
                session.get("/x", transport._OBJECT)
        door.close()
    assert clock.now() == pytest.approx(2 * transport.BETWEEN_QUERIES + 3 * transport.BETWEEN_REQUESTS, abs=0.02)


# --- The end of a run ------------------------------------------------------------------------------------------------


def test_when_the_time_is_up_nobody_is_asked() -> None:
    clock = Counted()
    with scripted([Reply("[]")]) as server:
        door = Door(Outside(token="t", stand_in=server.address, minutes=1), clock)
        assert door.json(f"{HOST}/a") == []
        clock.sleep(60)
        with pytest.raises(OutOfTime, match="left for the next run: the time for this run is used up"):
            door.json(f"{HOST}/a")
        with pytest.raises(OutOfTime):
            door.github("/a")
        door.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [Reply("", 503), Reply("", 429, headers=(("Retry-After", "90"),))])
def test_no_wait_goes_past_the_end(reply: Reply) -> None:
    """The first wait would be 15 seconds, or 90: of a run with ten seconds left, none is waited for."""
    clock = Counted()
    with scripted([reply]) as server:
        door = Door(Outside(stand_in=server.address, paced=True, minutes=10 / 60), clock)
        with pytest.raises(OutOfTime):
            door.json(f"{HOST}/a")
        door.close()
    assert len(server.requests) == 1
    assert clock.waits == []


def test_the_pace_does_not_go_past_the_end() -> None:
    clock = Counted()
    timetable = Timetable({"h": 7}, minutes=0.1, patient=True, clock=clock)
    timetable.keep_pace("h")
    with pytest.raises(OutOfTime):
        timetable.keep_pace("h")
    assert clock.waits == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda session: session.graphql(queries.Document("{a}", {}, ("a",), 2.0)),
        lambda session: session.get("/x", transport._OBJECT),
    ],
)
def test_githubs_pauses_do_not_go_past_the_end(ask: object) -> None:
    """A search's pause of two seconds, and the five before a second try."""
    clock = Counted()
    with scripted([Reply("", 502)]) as server:
        door = Door(Outside(token="t", stand_in=server.address, paced=True, minutes=1 / 60), clock)
        with transport.Session(door) as session, pytest.raises(OutOfTime):
            ask(session)  # type: ignore[operator]
        door.close()
    assert clock.waits == []


def test_an_answer_that_does_not_come_is_not_waited_for_past_the_end() -> None:
    """The host is silent for sixty seconds; the run has half a second left."""
    began = time.monotonic()
    with scripted([Reply("{}", length=100)]) as server:
        door = Door(Outside(stand_in=server.address, minutes=0.5 / 60))
        with pytest.raises((OutOfTime, Unreachable)):
            door.json(f"{HOST}/a")
        door.close()
    assert time.monotonic() - began < 5


# --- Waits -----------------------------------------------------------------------------------------------------------


def waited(reply: Reply, *, stranger: bool = False) -> list[float]:
    clock = Counted()
    with scripted([reply]) as server:
        door = Door(Outside(stand_in=server.address, paced=True), clock)
        with pytest.raises((TooMany, Unreachable)):
            door.json(f"{HOST}/a", stranger=stranger)
        door.close()
        assert len(server.requests) == 1 + len(clock.waits)
    return clock.waits


def test_waits_grow_from_the_first_one_on() -> None:
    assert waited(Reply("", 503)) == [15, 30, 60, 120]


def test_a_retry_after_is_obeyed() -> None:
    assert waited(Reply("", 429, headers=(("Retry-After", "90"),))) == [90, 90, 90, 90]


def test_a_host_that_wants_to_be_left_alone_for_long_is_not_asked_again() -> None:
    assert waited(Reply("", 429, headers=(("Retry-After", "3600"),))) == []


def test_a_strangers_host_costs_seconds_not_minutes() -> None:
    assert waited(Reply("", 503), stranger=True) == [5]
    assert waited(Reply("", 429, headers=(("Retry-After", "60"),)), stranger=True) == []
