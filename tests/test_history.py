"""The history: nothing that was observed is lost, replaced by a guess, or half written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from groundswell import history
from groundswell.history import BrokenHistory, History
from groundswell.models import Answer, Failure, Observation, RepositoryFacts, RepositoryState, Series

DAY = dt.date(2026, 11, 22)
FACTS = RepositoryFacts(
    "R_1", "Acme/Anvil", RepositoryState.ACTIVE, 'An "anvil", with a comma\nand a line', topics=("iron",)
)


def days_ago(days: int) -> dt.date:
    return DAY - dt.timedelta(days=days)


def answer(*observations: Observation, source: str = "github", target: str = "", **more: object) -> Answer:
    return Answer(source, "acme/anvil", target, observations, **more)  # type: ignore[arg-type]


def with_stars(*values: tuple[int, float], book: History | None = None) -> History:
    observations = [Observation("stars", days_ago(ago), value) for ago, value in values]
    return history.append(book or History("acme/anvil"), answer(*observations), DAY)


def levels(book: History, name: str) -> dict[dt.date, float]:
    series = book.series(name)
    return {
        dt.date.fromordinal(day): value for day, value in zip(series.days.tolist(), series.values.tolist(), strict=True)
    }


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    book = with_stars((3, 10), (0, 12))
    book = history.append(book, answer(Observation("downloads", days_ago(2), 0.5), source="npm", target="@a/b"), DAY)
    book = history.append(
        book, answer(Observation("commits", DAY, 7), facts=FACTS, state={"id": "R_1"}, at_least=("commits",)), DAY
    )
    book = history.append(book, Failure("pypi", "acme/anvil", "anvil", "answered 503"), DAY)
    history.save(tmp_path, book)
    again = history.load(tmp_path, "acme/anvil")
    assert {name: levels(again, name) for name in again.columns} == {name: levels(book, name) for name in book.columns}
    assert (again.facts, again.state, again.failures) == (book.facts, book.state, book.failures)
    assert (again.observed_since, again.at_least) == (book.observed_since, book.at_least)


def test_a_day_that_was_not_observed_is_blank_and_integers_stay_integers(tmp_path: Path) -> None:
    book = with_stars((2, 10), (0, 12))
    book = history.append(book, answer(Observation("downloads", days_ago(1), 5), source="npm", target="x"), DAY)
    history.save(tmp_path, book)
    assert (tmp_path / "acme__anvil.csv").read_text() == (
        "date,github.stars,npm.downloads:x\n2026-11-20,10,\n2026-11-21,,5\n2026-11-22,12,\n"
    )


def test_a_second_run_on_a_day_replaces_that_day() -> None:
    assert levels(with_stars((0, 14), book=with_stars((1, 10), (0, 12))), "github.stars") == {days_ago(1): 10, DAY: 14}


def test_a_rebuilt_level_never_replaces_an_observed_one() -> None:
    book = with_stars((5, 100), (0, 110))
    rebuilt = [Observation("stars", days_ago(ago), 90, rebuilt=True) for ago in (9, 5, 3)]
    book = history.append(book, answer(*rebuilt), DAY)
    assert levels(book, "github.stars") == {days_ago(9): 90, days_ago(5): 100, DAY: 110}
    assert book.observed_since["github.stars"] == days_ago(5)


def test_an_observation_replaces_a_rebuilt_level() -> None:
    book = history.append(History("acme/anvil"), answer(Observation("stars", days_ago(4), 90, rebuilt=True)), DAY)
    assert "github.stars" not in book.observed_since
    assert levels(with_stars((4, 95), book=book), "github.stars") == {days_ago(4): 95}


def test_a_failure_keeps_the_day_it_began_until_there_is_an_answer() -> None:
    failure = Failure("npm", "acme/anvil", "x", "answered 429")
    book = history.append(History("acme/anvil"), failure, days_ago(3))
    book = history.append(book, failure, DAY)
    failed = book.failure("npm", "x", "downloads")
    assert failed is not None
    assert failed.since == days_ago(3)
    book = history.append(book, answer(Observation("downloads", DAY, 1), source="npm", target="x"), DAY)
    assert book.failure("npm", "x", "downloads") is None


def test_a_part_that_is_refused_does_not_hide_the_rest() -> None:
    book = with_stars((0, 12))
    book = history.append(book, Failure("github", "acme/anvil", "", "refuses it", signals=("watchers",)), DAY)
    assert book.failure("github", "", "stars") is None
    assert book.failure("github", "", "watchers") is not None
    book = history.append(book, answer(Observation("watchers", DAY, 3)), DAY)
    assert book.failure("github", "", "watchers") is None


def test_a_failure_changes_no_observation() -> None:
    book = with_stars((1, 10), (0, 12))
    assert history.append(book, Failure("github", "acme/anvil", "", "answered 500"), DAY).columns == book.columns


def test_a_repository_that_is_gone_is_said_to_be_gone() -> None:
    book = history.append(History("acme/anvil"), answer(facts=FACTS), DAY)
    gone = Failure("github", "acme/anvil", "", "does not show it", state=RepositoryState.GONE)
    facts = history.append(book, gone, DAY).facts
    assert facts is not None
    assert facts.state is RepositoryState.GONE


def test_a_lower_bound_is_marked_until_an_exact_value_comes() -> None:
    book = history.append(History("acme/anvil"), answer(Observation("commits", DAY, 500), at_least=("commits",)), DAY)
    assert book.at_least == {"github.commits": (DAY,)}
    book = history.append(book, answer(Observation("commits", days_ago(28), 300)), DAY)
    assert book.at_least == {"github.commits": (DAY,)}
    more = answer(Observation("commits", DAY + dt.timedelta(days=7), 500), at_least=("commits",))
    assert history.append(book, more, DAY).at_least == {"github.commits": (DAY, DAY + dt.timedelta(days=7))}
    assert history.append(book, answer(Observation("commits", DAY, 501)), DAY).at_least == {}


def test_a_source_is_told_what_is_known() -> None:
    book = history.append(with_stars((5, 100), (0, 110)), answer(state={"id": "R_1"}), DAY)
    book = history.append(book, answer(Observation("stars", days_ago(9), 90, rebuilt=True)), DAY)
    ask = history.known(book, "github", "", ["stars", "forks"])
    assert ask.state == {"id": "R_1"}
    assert (ask.newest, ask.oldest) == ({"stars": DAY}, {"stars": days_ago(9)})
    assert ask.first_observed == {"stars": (days_ago(5), 100)}


def test_imported_days_fill_gaps_and_leave_observed_days_alone() -> None:
    book = with_stars((5, 100), (0, 110))
    book = history.append(book, answer(Observation("stars", days_ago(8), 80, rebuilt=True)), DAY)
    seen = Series(np.array([days_ago(ago).toordinal() for ago in (8, 5, 2)]), np.array([85.0, 99.0, 104.0]))
    book = history.fill(book, "github.stars", seen)
    assert levels(book, "github.stars") == {days_ago(8): 85, days_ago(5): 100, days_ago(2): 104, DAY: 110}
    assert book.observed_since["github.stars"] == days_ago(8)


def test_a_renamed_project_goes_on_with_its_history(tmp_path: Path) -> None:
    history.save(
        tmp_path,
        history.append(
            with_stars((0, 12)), answer(facts=RepositoryFacts("R_1", "New/Name", RepositoryState.ACTIVE)), DAY
        ),
    )
    assert history.adopt(tmp_path, ["new/name"]) == {"new/name": "acme/anvil"}
    assert levels(history.load(tmp_path, "new/name"), "github.stars") == {DAY: 12}
    assert history.adopt(tmp_path, ["new/name"]) == {}


def test_a_history_that_is_still_tracked_is_not_taken_over(tmp_path: Path) -> None:
    history.save(
        tmp_path,
        history.append(
            with_stars((0, 12)), answer(facts=RepositoryFacts("R_1", "New/Name", RepositoryState.ACTIVE)), DAY
        ),
    )
    assert history.adopt(tmp_path, ["new/name", "Acme/Anvil"]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "date,github.stars\n2026-11-22,many\n",
        "date,github.stars\nyesterday,3\n",
        "nothing\n",
        "date,a\n2026-11-22,1\n2026-11-21,2\n",
        "date,a,b\n2026-11-21,1,2\n2026-11-22,1\n",
        "date,a,a\n2026-11-22,1,2\n",
        'date,a\n2026-11-22,"1\n',
        "",
    ],
)
def test_a_broken_table_is_named_and_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "acme__anvil.csv").write_text(text)
    with pytest.raises(BrokenHistory, match=r"acme__anvil\.csv"):
        history.load(tmp_path, "acme/anvil")
    assert (tmp_path / "acme__anvil.csv").read_text() == text


@pytest.mark.parametrize("text", ["{", '{"format": 1}', '{"format": 99, "project": "acme/anvil"}', "[]"])
def test_broken_notes_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "acme__anvil.json").write_text(text)
    with pytest.raises(BrokenHistory, match=r"acme__anvil\.json"):
        history.load(tmp_path, "acme/anvil")


def test_a_half_written_file_beside_the_real_one_is_no_harm(tmp_path: Path) -> None:
    history.save(tmp_path, with_stars((0, 12)))
    (tmp_path / ".acme__anvil.csv.new").write_text("date,gith")
    assert levels(history.load(tmp_path, "acme/anvil"), "github.stars") == {DAY: 12}
