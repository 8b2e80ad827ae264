"""The record of runs: a row a day, however the run ended, within bounds; and what a run asked for, counted."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import pytest

from groundswell import runs, sources
from groundswell.config import DEFAULT_THRESHOLDS, Config, ConfigError, Gate, Tracker
from groundswell.config_yaml import Mistake
from groundswell.gather import Gathered
from groundswell.history import README
from groundswell.models import Failure, GroundswellError
from groundswell.runs import MOST_DAYS, STOPPED, Run, load, recorded, text
from groundswell.tally import Left, Tally
from groundswell.terminal import stop
from groundswell.timing import Clock, Timetable
from tests import cards
from tests.cards import TODAY

CARDS: Final = cards.cards()
TRACKED: Final = Config(Tracker("Test"), tuple(card.project for card in CARDS), DEFAULT_THRESHOLDS, Gate(), ())
LOADED: Final = sources.load()


def tally() -> Tally:
    made = Tally()
    for host in ("api.github.com", "api.npmjs.org", "api.github.com"):
        made.asked(host)
    made.charged(7)
    made.charged("many")
    made.told("core", {"x-ratelimit-remaining": "940", "x-ratelimit-limit": "1000"})
    made.told("graphql", {"x-ratelimit-remaining": "x"})
    return made


def test_a_good_run_leaves_a_row_with_what_it_did(tmp_path: Path) -> None:
    with recorded(tmp_path, TODAY) as record:
        record.open(TRACKED, LOADED)
        record.tally, record.cards = tally(), CARDS
        record.gathered = Gathered(
            {"github": 12, "npm": 3},
            (
                Failure("npm", "a/b", "x", "answered 429", signals=("downloads",)),
                Failure("npm", "a/b", "x", "answered 429", signals=("total",)),
                Failure("github", "mist/fog", "", "is left", deferred=True),
            ),
        )
    (row,) = load(tmp_path)
    assert (row.status, row.runs, row.projects, row.complete) == ("0", 1, len(CARDS), len(CARDS) - 1)
    assert (row.asked, row.failures, row.deferred) == (15, 1, 1), "a target that fails twice is one"
    assert (row.points, row.points_left, row.requests_left) == (7, None, 940)
    assert row.requests == {"api.github.com": 2, "api.npmjs.org": 1}
    assert row.newest == TODAY
    assert row.is_good


def _stopped() -> None:
    raise KeyboardInterrupt


def _refused() -> None:
    stop(3, "Nothing is published:", "too much is missing", "too much jumps")


def _wrong() -> None:
    raise ConfigError([Mistake("projects.yaml", 3, "a/b", "unknown key")])


def _ours() -> None:
    raise GroundswellError("cannot be read")


def _fault() -> None:
    raise ZeroDivisionError("by zero")


@pytest.mark.parametrize(
    ("end", "status", "said"),
    [
        (_stopped, STOPPED, ()),
        (_refused, "3", ("too much is missing", "too much jumps")),
        (_wrong, "2", ("projects.yaml:3: a/b: unknown key",)),
        (_ours, "1", ("cannot be read",)),
        (_fault, "1", ("ZeroDivisionError: by zero",)),
    ],
)
def test_however_a_run_ends_the_row_says_it(tmp_path: Path, end: object, status: str, said: tuple[str, ...]) -> None:
    told: list[runs.Record] = []
    with pytest.raises(BaseException), recorded(tmp_path, TODAY, told.append) as record:  # noqa: B017
        record.open(TRACKED, LOADED)
        end()  # type: ignore[operator]
    assert [run.status for run in load(tmp_path)] == [status]
    assert [one.said for one in told] == [said]


def test_a_run_that_is_killed_has_left_its_mark_before(tmp_path: Path) -> None:
    with recorded(tmp_path, TODAY) as record:
        record.open(TRACKED, LOADED)
        assert [run.status for run in load(tmp_path)] == [STOPPED]


def test_of_a_run_that_ends_while_it_asks_only_the_requests_are_known(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), recorded(tmp_path, TODAY) as record:
        record.open(TRACKED, LOADED)
        record.tally = tally()
        _stopped()
    (row,) = load(tmp_path)
    assert (row.points, row.requests["api.github.com"]) == (7, 2)
    assert (row.asked, row.failures, row.complete) == (None, None, None)


def test_a_second_run_of_a_day_takes_the_row_and_counts_itself(tmp_path: Path) -> None:
    for _ in range(3):
        with recorded(tmp_path, TODAY) as record:
            record.open(TRACKED, LOADED)
    with recorded(tmp_path, TODAY + dt.timedelta(days=1)) as record:
        record.open(TRACKED, LOADED)
    assert [run.runs for run in load(tmp_path)] == [3, 1]


def test_what_nobody_asked_for_is_not_known_rather_than_nothing(tmp_path: Path) -> None:
    with recorded(tmp_path, TODAY) as record:
        record.open(TRACKED, LOADED)
    (row,) = load(tmp_path)
    assert (row.asked, row.failures, row.points, row.complete, dict(row.requests)) == (None, None, None, None, {})


def test_a_run_that_never_opened_the_history_writes_only_into_one_of_todays_format(tmp_path: Path) -> None:
    for folder, readme in ((tmp_path / "none", None), (tmp_path / "later", "Format 99"), (tmp_path / "ours", README)):
        if readme is not None:
            folder.mkdir()
            (folder / "README.md").write_text(readme)
        with pytest.raises(ConfigError), recorded(folder, TODAY):
            _wrong()
        assert [run.status for run in load(folder)] == (["2"] if readme == README else [])
    assert not (tmp_path / "none").exists()


def test_the_file_is_bounded_and_the_newest_days_stay(tmp_path: Path) -> None:
    many = [
        Run(TODAY - dt.timedelta(days=back), "0", requests={f"h{back}.example": 1}) for back in range(MOST_DAYS + 5)
    ]
    (tmp_path / runs.FILE).write_text(text(many))
    found = load(tmp_path)
    assert len(found) == MOST_DAYS
    assert found[-1] == many[0]
    assert f"h{MOST_DAYS}.example" not in text(many), "a host of a day that is gone has no column"
    assert text(found) == text(many)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"date,status\nyesterday,0\n", b"a\n1\n", b'date,status\n"'])
def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / runs.FILE).write_bytes(content)
    assert load(tmp_path) == ()
    with recorded(tmp_path, TODAY) as record:
        record.open(TRACKED, LOADED)
    assert len(load(tmp_path)) == 1


def test_a_column_that_a_later_version_added_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / runs.FILE).write_text("date,status,runs,mood\n2026-11-20,0,2,fine\n")
    assert load(tmp_path) == (Run(dt.date(2026, 11, 20), "0", 2),)


# --- What was asked --------------------------------------------------------------------------------------------------


def test_the_tally_keeps_what_github_said_last() -> None:
    used = tally().used()
    assert used.left == {"core": Left(940, 1000)}
    assert used.points == 7


def test_what_several_tokens_have_left_counts_together() -> None:
    made = tally()
    made.told("core", {"x-ratelimit-remaining": "4000", "x-ratelimit-limit": "5000"}, "second")
    made.told("core", {"x-ratelimit-remaining": "3999", "x-ratelimit-limit": "5000"}, "second")
    assert made.used().left["core"] == Left(4939, 6000)


def test_whoever_keeps_a_hosts_pace_is_counted_and_what_is_paced_beside_it_is_not() -> None:
    time = Timetable({}, minutes=None, patient=False, clock=Clock())
    for host in ("api.github.com/graphql", "api.github.com", "api.npmjs.org"):
        time.keep_pace(host)
    assert time.tally.used().requests == {"api.github.com": 1, "api.npmjs.org": 1}
