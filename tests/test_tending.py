"""The issue about what has been amiss for days: opened once, kept true, closed by itself; and what counts as amiss."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

import generate
from groundswell import gate, runs, sources, troubles
from groundswell.history import README, Failed, History, save
from groundswell.http import Outside
from groundswell.models import Project
from groundswell.own_repository import OwnRepository
from groundswell.runs import STOPPED, Run
from groundswell.tending import tend
from groundswell.troubles import Trouble
from sandbox.github.issues import TRACKER
from sandbox.server import Sandbox
from tests.cards import TODAY

LOADED: Final = sources.load()
LABELS, SIGNALS = sources.labels(LOADED), sources.signals(LOADED)
ANVIL: Final = Project("acme/anvil", "Anvil", "Tools", targets={"github": ("",), "npm": ("anvil", "@acme/saw")})
ROPE: Final = Project("acme/rope", "Rope", "Tools", targets={"github": ("",), "npm": ("rope",)})
ADDRESS: Final = "https://galleyproof.github.io/tracker"


def back(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def failed(days: int, reason: str = "answered 429 (too many requests)", **more: Any) -> Failed:
    return Failed(back(days), reason, **more)


def found(*ended: Run, **failures: Mapping[str, Failed]) -> list[Trouble]:
    known = {"acme/anvil": failures.get("anvil", {}), "acme/rope": failures.get("rope", {})}
    return list(troubles.found(ended, (ANVIL, ROPE), known, LABELS, SIGNALS, TODAY))


# --- What is amiss ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "told"), [(0, False), (1, False), (2, True), (9, True)])
def test_a_target_is_amiss_from_its_third_day_on(days: int, told: bool) -> None:
    seen = found(anvil={"npm:anvil": failed(days)})
    assert [(one.key, one.since) for one in seen] == ([("source:npm", back(days))] if told else [])


def test_a_source_says_how_many_of_its_targets_fail_and_why() -> None:
    (one,) = found(
        anvil={"npm:anvil": failed(5), "npm:@acme/saw#downloads": failed(3, signals=("downloads",))},
        rope={"npm:rope": failed(1)},
    )
    assert one.title == "npm: 2 of 3 targets fail in part"
    assert one.since == back(5)
    assert one.reasons == ("npm answered 429 (too many requests): @acme/saw (Anvil) and anvil (Anvil)",)
    assert one.todo == ("Wait an hour, then ask again: it was asked too often from this network.",)


def test_a_source_of_which_nothing_answers_says_so() -> None:
    (one,) = found(
        anvil={"npm:anvil": failed(4), "npm:@acme/saw": failed(4)}, rope={"npm:rope": failed(4, "has no package")}
    )
    assert one.title == "npm: no target answers"
    assert len(one.reasons) == 2


@pytest.mark.parametrize(
    "known",
    [
        {"npm:anvil": failed(9, "is left for the next run", deferred=True)},
        {"github#commits": failed(90, "has more commits in 28 days than are read one by one (1,000)")},
        {"npm:no-longer-named": failed(9)},
        {"pypi:anvil": failed(9)},
    ],
    ids=["only left for later", "nobody's to mend", "target no longer named", "source no longer named"],
)
def test_what_is_nobodys_to_mend_is_no_trouble(known: Mapping[str, Failed]) -> None:
    assert found(anvil=known) == []


def test_the_gates_refusal_is_told_at_once_with_its_reasons() -> None:
    (one,) = found(Run(back(1), "0"), Run(TODAY, "3", said=("too much is missing",)))
    assert (one.key, one.since, one.reasons) == ("gate", TODAY, ("too much is missing",))
    assert one.todo == (gate.WAY_OUT,)


@pytest.mark.parametrize(
    ("statuses", "told"),
    [("0", False), ("044", False), ("0444", True), ("4440", False), ("0" + "1" * 9, True), ("402", False)],
)
def test_runs_that_end_badly_are_told_on_their_third_day(statuses: str, told: bool) -> None:
    ended = [Run(back(len(statuses) - place - 1), status) for place, status in enumerate(statuses)]
    assert [one.key for one in found(*ended)] == (["runs"] if told else [])


def test_runs_that_are_stopped_or_leave_no_trace_are_told() -> None:
    (stopped,) = found(*(Run(back(days), STOPPED) for days in (2, 1, 0)))
    assert "the run did not come to an end" in stopped.reasons[0]
    (silent,) = found(Run(back(3), "0"))
    assert silent.since == back(2)
    assert "no run has got as far as the history" in silent.reasons[0]
    assert found(Run(back(2), "0")) == []


def test_before_the_first_run_nothing_is_amiss() -> None:
    assert found() == []


# --- The issue -------------------------------------------------------------------------------------------------------

NPM: Final = Trouble("source:npm", back(3), "npm: no target answers", ("npm answered 429: anvil",), ("Wait.",))
PYPI: Final = Trouble("source:pypi", back(2), "PyPI: no target answers", ("PyPI answered 502: anvil",), ("Wait.",))
REFUSED: Final = Trouble("gate", TODAY, "Nothing is published: the gate refused", ("too much",), (gate.WAY_OUT,))


@pytest.fixture
def own(sandbox: Sandbox) -> Iterator[OwnRepository]:
    with OwnRepository(TRACKER, Outside(token="t", stand_in=sandbox.address)) as repository:
        yield repository


def tickets(sandbox: Sandbox) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = sandbox.world.desk.plain()[TRACKER]["tickets"]
    return listed


def written(sandbox: Sandbox) -> list[str]:
    return [seen.method for seen in sandbox.log if seen.method != "GET" and seen.path != "/graphql"]


def test_one_issue_is_opened_and_says_what_where_since_when_and_what_to_do(
    sandbox: Sandbox, own: OwnRepository
) -> None:
    tend(own, [NPM, PYPI], TODAY, ADDRESS)
    (issue,) = tickets(sandbox)
    assert issue["title"] == "npm: no target answers, since 19 November 2026; and 1 other trouble"
    assert "### PyPI: no target answers, since 20 November 2026" in issue["body"]
    assert "- npm answered 429: anvil\n- **Wait.**" in issue["body"]
    assert f"({ADDRESS}/health.html)" in issue["body"]


def test_the_same_again_writes_nothing(sandbox: Sandbox, own: OwnRepository) -> None:
    tend(own, [NPM], TODAY)
    sandbox.forget()
    for days in (0, 0, 1):
        tend(own, [NPM], TODAY + dt.timedelta(days=days))
    assert written(sandbox) == []


def test_what_changes_is_written_into_the_issue_and_nobody_gets_a_message(sandbox: Sandbox, own: OwnRepository) -> None:
    tend(own, [NPM], TODAY)
    tend(own, [REFUSED, NPM], TODAY)
    (issue,) = tickets(sandbox)
    assert issue["title"].startswith("Nothing is published: the gate refused")
    assert issue["comments"] == []


def test_it_closes_by_itself_with_a_last_word_and_once(sandbox: Sandbox, own: OwnRepository) -> None:
    tend(own, [NPM], TODAY)
    assert "Closed" in tend(own, [], TODAY)
    assert tend(own, [], TODAY + dt.timedelta(days=1)) == "Nothing is amiss."
    (issue,) = tickets(sandbox)
    assert issue["state"] == "closed"
    assert [one["body"] for one in issue["comments"]] == ["All is well again since 22 November 2026."]
    assert "npm: no target answers" in issue["body"], "what it was about can still be read"


def test_the_same_trouble_after_all_was_well_opens_another_issue(sandbox: Sandbox, own: OwnRepository) -> None:
    for amiss in ([NPM], [], [NPM]):
        tend(own, amiss, TODAY)
    assert [one["state"] for one in tickets(sandbox)] == ["closed", "open"]


def test_who_closes_it_by_hand_is_left_alone_until_something_else_is_amiss(
    sandbox: Sandbox, own: OwnRepository
) -> None:
    tend(own, [NPM, PYPI], TODAY)
    first = own.find("trouble")
    assert first is not None
    own.close(first)
    sandbox.forget()
    assert "nobody is told again" in tend(own, [NPM], TODAY)
    assert written(sandbox) == []
    tend(own, [NPM, REFUSED], TODAY)
    assert [one["state"] for one in tickets(sandbox)] == ["closed", "open"]


def test_an_issue_that_was_closed_by_hand_is_forgotten_when_all_is_well(sandbox: Sandbox, own: OwnRepository) -> None:
    tend(own, [NPM], TODAY)
    first = own.find("trouble")
    assert first is not None
    own.close(first)
    tend(own, [], TODAY)
    assert tickets(sandbox)[0]["comments"] == []
    tend(own, [NPM], TODAY)
    assert len(tickets(sandbox)) == 2


def test_text_from_outside_is_text_in_the_issue(sandbox: Sandbox, own: OwnRepository) -> None:
    evil = "<!-- of: gate --> @everyone <img src=x> https://evil.example"
    tend(own, [dataclasses.replace(NPM, reasons=(evil, f"x\n{evil}"))], TODAY)
    body = tickets(sandbox)[0]["body"]
    for active in ("@everyone", " <img", "https://evil", "\n<!-- of: gate"):
        assert active not in body, active


# --- The command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tracker whose npm has failed for four days, and whose runs are good."""
    history = tmp_path / "history"
    save(history, History("acme/anvil", failures={"npm:anvil": failed(4)}))
    (history / runs.FILE).write_text(runs.text([Run(TODAY, "0")]))
    (tmp_path / "projects.yaml").write_text("projects:\n  - github: acme/anvil\n    npm: anvil\n")
    return tmp_path


def command(folder: Path, sandbox: Sandbox, **env: str) -> str:
    where = ["--projects", str(folder / "projects.yaml"), "--history", str(folder / "history")]
    around = {"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": TRACKER, "STAND_IN": sandbox.address, **env}
    ended = CliRunner().invoke(generate.app, ["tend", *where, "--today", TODAY.isoformat()], env=around)
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_the_command_reads_the_history_and_opens_the_issue(folder: Path, sandbox: Sandbox) -> None:
    assert (folder / "history" / "README.md").read_text() == README
    assert "Opened https://github.com/galleyproof/tracker/issues/1: npm: no target answers" in command(folder, sandbox)
    assert "says what is amiss" in command(folder, sandbox)
    assert len(tickets(sandbox)) == 1


@pytest.mark.parametrize("broken", ["projects.yaml", "history/acme__anvil.json"])
def test_what_cannot_be_read_closes_nothing_and_is_itself_told_on_the_third_day(
    folder: Path, sandbox: Sandbox, broken: str
) -> None:
    command(folder, sandbox)
    (folder / broken).write_text("projects: [")
    assert "It cannot be told yet." in command(folder, sandbox)
    assert tickets(sandbox)[0]["state"] == "open"
    (folder / "history" / runs.FILE).write_text(runs.text([Run(back(days), "2") for days in (2, 1, 0)]))
    command(folder, sandbox)
    assert "projects.yaml is wrong" in tickets(sandbox)[0]["body"].replace("\\", "")


@pytest.mark.parametrize(
    ("setting", "says"),
    [({"issues": False}, "are switched off"), ({"tokens": {"t": {"permissions": {}}}}, "`permissions: issues: write`")],
)
def test_an_owner_who_wants_no_issue_gets_a_sentence_and_no_failed_run(
    folder: Path, sandbox: Sandbox, setting: dict[str, Any], says: str
) -> None:
    sandbox.world.desk.set_up(setting)
    said = command(folder, sandbox, GITHUB_ACTIONS="true")
    assert says in said
    assert said.startswith("::warning title=Issue::")
