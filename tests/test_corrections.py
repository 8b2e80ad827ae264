"""Facts about corrections: a source that changes its past is followed, and what is large of it is told."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from groundswell import corrections, history
from groundswell.corrections import KEPT_DAYS, MOST_KEPT, SETTLING, find, noted, report, says
from groundswell.history import History
from groundswell.models import Answer, Correction, Observation
from sandbox.server import start
from tests.test_run import TODAY, Tracker

DAYS = 60


def day(back: int) -> dt.date:
    return TODAY - dt.timedelta(days=back)


def answer(values: dict[int, float], *, rebuilt: bool = False, source: str = "pypi") -> Answer:
    """Downloads of so many days ago."""
    seen = tuple(Observation("downloads", day(back), value, rebuilt) for back, value in sorted(values.items()))
    return Answer(source, "a/b", "one", seen)


def known(value: float = 1_000, source: str = "pypi") -> History:
    return history.append(History("a/b"), answer(dict.fromkeys(range(1, DAYS), value), source=source), TODAY)


def test_a_recount_of_the_past_is_followed_and_told_with_its_days_and_numbers() -> None:
    book, recount = known(), answer({30: 900, 31: 400, 32: 1_000})
    (found,) = find(book, recount, TODAY)
    assert found == Correction("a/b", "pypi.downloads:one", TODAY, day(31), day(30), 2, day(31), 1_000, 400, -0.35)
    assert says(found) == f"2 days from {day(31)} to {day(30)}; most on {day(31)}: 1,000 became 400, -35.0 % together"
    assert history.append(book, recount, TODAY).series("pypi.downloads:one").values.min() == 400


def test_a_single_day_is_told_as_one() -> None:
    (found,) = find(known(), answer({30: 1_250}), TODAY)
    assert says(found) == f"{day(30)}: 1,000 became 1,250, +25.0 %"


def test_the_newest_days_of_a_series_are_still_being_counted() -> None:
    newest = 1
    assert find(known(), answer({newest + SETTLING - 1: 100}), TODAY) == ()
    assert len(find(known(), answer({newest + SETTLING: 100}), TODAY)) == 1


@pytest.mark.parametrize(("value", "told"), [(980.5, 0), (979, 1), (1_019, 0), (1_021, 1)])
def test_less_than_two_in_a_hundred_is_no_matter(value: float, told: int) -> None:
    assert len(find(known(), answer(dict.fromkeys(range(20, 40), value)), TODAY)) == told


def test_a_few_things_are_no_matter_however_large_their_share() -> None:
    assert find(known(10), answer({30: 2}), TODAY) == ()


def test_days_that_were_not_known_before_are_no_correction() -> None:
    assert find(known(), answer({90: 5, 91: 70_000}), TODAY) == ()


def test_what_was_worked_out_afterwards_corrects_nothing_and_is_not_corrected() -> None:
    assert find(known(), answer({30: 100}, rebuilt=True), TODAY) == ()
    rebuilt = history.append(History("a/b"), answer(dict.fromkeys(range(1, DAYS), 1_000.0), rebuilt=True), TODAY)
    assert find(rebuilt, answer({30: 100}), TODAY) == ()


def test_of_an_owners_own_figures_nothing_is_told() -> None:
    assert find(known(source="figures"), answer({30: 100}, source="figures"), TODAY) == ()


def test_a_correction_is_remembered_for_four_weeks_and_survives_on_disk(tmp_path: Path) -> None:
    book = noted(known(), find(known(), answer({30: 400}), TODAY), TODAY)
    history.save(tmp_path, book)
    assert history.load(tmp_path, "a/b").corrections == book.corrections != ()
    assert noted(book, (), TODAY + dt.timedelta(days=KEPT_DAYS - 1)).corrections == book.corrections
    assert noted(book, (), TODAY + dt.timedelta(days=KEPT_DAYS)).corrections == ()


def test_a_project_without_corrections_has_no_word_of_them_on_disk(tmp_path: Path) -> None:
    history.save(tmp_path, known())
    assert "corrections" not in json.loads((tmp_path / "a__b.json").read_text())


def test_no_more_are_remembered_than_the_largest() -> None:
    many = [
        Correction("a/b", f"pypi.downloads:{n}", TODAY, day(30), day(30), 1, day(30), 100, 100 + n, n / 100)
        for n in range(MOST_KEPT + 7)
    ]
    kept = noted(known(), many, TODAY).corrections
    assert [one.share for one in kept] == [n / 100 for n in range(MOST_KEPT + 6, 6, -1)]


def test_a_second_run_on_a_day_tells_a_correction_once() -> None:
    book = noted(known(), find(known(), answer({30: 400}), TODAY), TODAY)
    assert len(noted(book, find(known(), answer({30: 300}), TODAY), TODAY).corrections) == 1


def test_the_end_of_a_run_names_the_largest() -> None:
    found = [
        Correction("a/b", f"x.y:{n}", TODAY, day(30), day(30), 1, day(30), 100, 100 - n, -n / 100) for n in range(30)
    ]
    lines = report(found)
    assert lines[0] == "30 corrections of the past, the largest:"
    assert len(lines) == 1 + corrections.MOST_TOLD
    assert lines[1].startswith("  a/b, x.y:29: ")
    assert report([]) == []


# --- Over HTTP -------------------------------------------------------------------------------------------------------

ONE = """\
tracker: {title: One}
projects:
  - {github: lanternworks/brightlantern, name: Brightlantern, category: Data engines, pypi: brightlantern}
"""
REPOSITORY = "lanternworks/brightlantern"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    """A tracker of one project that has run once."""
    folder = tmp_path_factory.mktemp("corrected")
    (folder / "projects.yaml").write_text(ONE)
    with start(today=TODAY) as sandbox:
        tracker = Tracker(folder, sandbox)
        ended = run(tracker, TODAY)
        assert ended.returncode == 0, ended.stderr
    yield tracker


def run(tracker: Tracker, today: dt.date) -> subprocess.CompletedProcess[str]:
    return tracker.run(today, projects=tracker.folder / "projects.yaml")


def later(tracker: Tracker, days: int, *faults: str) -> subprocess.CompletedProcess[str]:
    """A run so many days after the first, while the sites have faults."""
    with start(today=TODAY + dt.timedelta(days=days), faults=faults) as sandbox:
        ended = run(Tracker(tracker.folder, sandbox), TODAY + dt.timedelta(days=days))
    assert ended.returncode == 0, ended.stderr
    return ended


def test_a_registry_that_counts_its_past_anew_is_named_at_the_end_and_on_the_health_page(first: Tracker) -> None:
    assert "correction" not in later(first, 1).stdout
    ended = later(first, 2, "recounted host=pypistats.org factor=0.7")
    assert "2 corrections of the past, the largest:" in ended.stdout, "the total of the registry is the other one"
    assert f"{REPOSITORY}, pypi.downloads:brightlantern: " in ended.stdout
    health = (first.site / "health.html").read_text()
    assert "pypi.downloads:brightlantern" in health.partition('id="corrections"')[2].partition("</section>")[0]
    (found,) = first.cards[REPOSITORY]["corrections"]
    assert found["share"] == pytest.approx(-0.3, abs=0.01)


def test_a_day_on_which_github_answers_for_something_else_leaves_growth_as_it_is(first: Tracker) -> None:
    later(first, 3)
    before = first.cards[REPOSITORY]["metrics"]["stars"]
    later(first, 4, "recounted host=api.github.com path=/graphql factor=0.02")
    fallen = first.cards[REPOSITORY]["metrics"]["stars"]
    assert (fallen["value"], fallen["observed"]) == (before["value"], before["observed"])
    assert "not believed yet" in fallen["stale"]
    later(first, 5)
    after = first.cards[REPOSITORY]
    assert after["metrics"]["stars"]["growth"]["month"] == pytest.approx(before["growth"]["month"], abs=0.02)
    assert after["metrics"]["stars"]["stale"] is None
    odd = [one for one in after["anomalies"] if one["column"] == "github.stars" and one["kind"] == "fall to zero"]
    assert [one["first"] for one in odd] == [(TODAY + dt.timedelta(days=4)).isoformat()]
    page = (first.site / "projects" / "lanternworks__brightlantern.html").read_text()
    assert "What is odd in the data" in page
