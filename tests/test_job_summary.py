"""The summary of a job: how the run ended, what to do, what moves, what is missing, what was used; as text alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Final

import pytest

from groundswell import job_summary, sources
from groundswell.config import DEFAULT_THRESHOLDS, Config, Gate, Tracker
from groundswell.config_yaml import Mistake
from groundswell.gather import Gathered
from groundswell.models import Failure
from groundswell.runs import STOPPED, Record, Run
from groundswell.tally import Tally
from tests import cards
from tests.cards import HOSTILE, TODAY

CARDS: Final = cards.cards()
ADDRESS: Final = "https://ada.github.io/growth"
TRACKED: Final = Config(
    Tracker("Test", address=ADDRESS), tuple(card.project for card in CARDS), DEFAULT_THRESHOLDS, Gate(), ()
)
LOADED: Final = sources.load()
YESTERDAY: Final = TODAY - dt.timedelta(days=1)


def record(status: str = "0", *failures: Failure, last: Run | None = None, tracked: Config = TRACKED) -> Record:
    tally = Tally()
    for host in ("api.github.com", "api.npmjs.org", "api.github.com"):
        tally.asked(host)
    tally.charged(41)
    tally.told("graphql", {"x-ratelimit-remaining": "959", "x-ratelimit-limit": "1000"})
    made = Record(Path("history"), TODAY, (), last, 0.0, status, tracked=tracked, sources=LOADED)
    made.tally, made.cards, made.gathered = tally, CARDS, Gathered({"github": 12}, failures)
    return made


def waiting(*projects: str) -> tuple[Failure, ...]:
    return tuple(Failure("github", one, "", "is left for the next run", deferred=True) for one in projects)


def test_a_good_run_says_what_moves_in_the_words_of_the_scorecard_and_what_it_used() -> None:
    text = job_summary.text(record())
    assert text.startswith("## The site was built\n")
    (rising,) = (line for line in text.splitlines() if line.startswith("- **Intent: 4 rising**"))
    assert ", Kelp (" in rising
    assert "6.2" in rising
    assert "- **Newly measured**: Droplet (31" in text
    assert "### What moves, of 12 projects" in text
    assert f"[Health of the data]({ADDRESS}/health.html)" in text
    assert "| api.github.com | 2 | 959 of 1,000 points and 41 points used |" in text


@pytest.mark.parametrize("status", ["0", "1", "2", "3", "4", STOPPED])
def test_every_end_has_its_sentence_and_what_to_do(status: str) -> None:
    text = job_summary.text(dataclasses.replace(record(status), said=("too much | is missing",)))
    title, rest = job_summary.ENDINGS[status]
    assert f"{title} {rest}" in text
    assert "too much \\| is missing" in text
    assert ("What moves" in text) == (status == "0"), "what is not published is not told as a move"
    if status != "0":
        assert "site stays" in text
        assert job_summary.TO_DO[status] in text


def test_a_run_that_opened_nothing_has_a_summary_too() -> None:
    bare = Record(Path("history"), TODAY, (), None, 0.0, "2", ("projects.yaml:3: a/b: unknown key",))
    text = job_summary.text(bare)
    assert "- projects.yaml:3: a/b: unknown key" in text
    assert "Mend these lines" in text
    assert "What moves" not in text


def test_nothing_to_do_is_said_too() -> None:
    quiet = dataclasses.replace(record(), cards=(CARDS[0],))
    assert f"### What to do\n\n- {job_summary.NOTHING_TO_DO}\n" in job_summary.text(quiet)


def test_what_is_left_out_of_the_list_is_to_be_mended() -> None:
    wrong = dataclasses.replace(TRACKED, mistakes=(Mistake("projects.yaml", 7, "a/b", "unknown key 'pipy'"),))
    assert "- Mend what is left out: projects.yaml:7: a/b: unknown key 'pipy'" in job_summary.text(
        record(tracked=wrong)
    )


# --- How far it is ---------------------------------------------------------------------------------------------------


def test_the_first_run_says_how_many_more_it_takes_at_its_pace() -> None:
    found = job_summary.backfill(record("0", *waiting(*(card.project.id for card in CARDS[4:]))))
    assert found is not None
    assert found.startswith("4 of 12 projects are complete. 8 targets wait for a later run")
    assert found.endswith("that takes about 2 more runs.")


def test_a_later_run_is_measured_by_what_it_added() -> None:
    before = Run(YESTERDAY, "0", projects=12, complete=7)
    found = job_summary.backfill(record("0", *waiting("mist/fog"), last=before))
    assert "11 of 12 projects are complete. 1 target waits" in str(found)
    assert "about 1 more run." in str(found)


def test_a_run_that_got_no_further_promises_nothing() -> None:
    before = Run(YESTERDAY, "0", projects=12, complete=11)
    assert "cannot be told yet" in str(job_summary.backfill(record("0", *waiting("mist/fog"), last=before)))


def test_a_history_that_is_complete_has_nothing_to_say_about_it() -> None:
    assert job_summary.backfill(record("0", Failure("npm", "a/b", "x", "answered 429"))) is None


# --- Text from outside -----------------------------------------------------------------------------------------------


def test_nothing_from_outside_is_read_as_markdown_calls_anybody_or_leads_anywhere() -> None:
    evil = "@everyone <img src=x onerror=alert(1)> [here](https://evil.example) `x` | #1 www.evil.example"
    card = dataclasses.replace(
        CARDS[0],
        project=dataclasses.replace(CARDS[0].project, name=evil),
        failures=(Failure("npm", CARDS[0].project.id, evil, evil),),
    )
    text = job_summary.text(dataclasses.replace(record(), cards=(card,), said=(evil,)))
    for active in ("@everyone", r"(?<!\\)<img", r"(?<!\\)\]\(https://evil", "https://evil", r"www\.evil", "#1"):
        assert not re.search(active, text), active
    rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("| npm")]
    assert {row.count("|") for row in rows} == {6}
    assert HOSTILE not in job_summary.text(record())


def test_a_summary_is_never_longer_than_github_takes() -> None:
    long = dataclasses.replace(record("3"), said=tuple(f"reason {number} {'x' * 400}" for number in range(5_000)))
    assert len(job_summary.text(long).encode()) < 2**20


def test_it_is_added_to_what_stands_in_the_file(tmp_path: Path) -> None:
    place = tmp_path / "summary.md"
    place.write_text("before\n")
    job_summary.add(place, record())
    assert place.read_text().startswith("before\n## The site was built")
    job_summary.add(None, record())
