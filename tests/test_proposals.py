"""A project proposed in an issue: from the text of an event to a comment, a branch and a pull request, or a refusal."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import generate
from groundswell import proposals, sources
from groundswell.config import ConfigError
from groundswell.http import Door, Outside
from groundswell.proposals import BadVerdict, NoProposal, Outcome, Verdict
from sandbox import gallery
from sandbox.github.issues import ACTIONS, TRACKER
from sandbox.server import Sandbox, start
from tests.test_form import body

NAMINGS = sources.namings(sources.load())
LIST = """\
# Ours.
tracker:
  address: https://owner.github.io/tracker
projects:
  - github: lanternworks/brightlantern # the first
    category: Data engines
"""
WHEEL = body("https://github.com/oldmill/creakwheel", "pypi: creakwheel-client", "Infrastructure", "provisioning, old")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(today=gallery.TODAY) as sandbox:
        yield sandbox


@dataclasses.dataclass
class Tracker:
    """A checkout of a tracker, and the three commands of the workflow."""

    folder: Path
    sandbox: Sandbox

    @property
    def projects(self) -> Path:
        return self.folder / "projects.yaml"

    def event(self, text: str | None, number: int = 7, association: str = "NONE", **more: Any) -> Path:
        issue = {
            "number": number,
            "body": text,
            "user": {"login": "stranger"},
            "author_association": association,
            **more,
        }
        path = self.folder / "event.json"
        path.write_text(json.dumps({"action": "opened", "issue": issue}))
        return path

    def run(self, *arguments: str, **variables: str) -> str:
        env = {
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_REPOSITORY": TRACKER,
            "GITHUB_TOKEN": "invented",
            "NO_PROXY": "127.0.0.1",
            **variables,
        }
        command = [*arguments, "--stand-in", self.sandbox.address]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            ended = CliRunner().invoke(generate.app, command, env=env, catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return ended.output

    def judge(self, text: str | None, **more: Any) -> Verdict:
        self.event(text, **more)
        (self.folder / "output").write_text("")
        self.run("judge-proposal", "--today", gallery.TODAY.isoformat())
        outcome, verdict = (self.folder / "output").read_text().splitlines()
        found = proposals.unpacked(verdict.removeprefix("verdict="))
        assert outcome == f"outcome={found.outcome}"
        return found

    def answer(self, verdict: Verdict, **variables: str) -> list[dict[str, Any]]:
        """The tickets of the repository after the answer."""
        self.run("answer-proposal", VERDICT=proposals.packed(verdict), **variables)
        tickets: list[dict[str, Any]] = self.sandbox.world.desk.plain()[TRACKER]["tickets"]
        return tickets


@pytest.fixture
def tracker(tmp_path: Path, sandbox: Sandbox) -> Tracker:
    sandbox.world.desk.clear()
    sandbox.forget()
    (tmp_path / "projects.yaml").write_text(LIST)
    return Tracker(tmp_path, sandbox)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Verdict:
    """The verdict on a good proposal."""
    folder = tmp_path_factory.mktemp("accepted")
    (folder / "projects.yaml").write_text(LIST)
    return Tracker(folder, sandbox).judge(WHEEL)


def issues(tracker: Tracker, *texts: str, author: str = "stranger") -> None:
    """Let somebody open issues in the tracker's repository."""
    for text in texts:
        tracker.sandbox.world.desk.write(TRACKER, author, "Propose: x", text, now=1_790_000_000)


# --- The verdict -----------------------------------------------------------------------------------------------------


def test_a_good_proposal_becomes_an_entry_with_its_card(accepted: Verdict) -> None:
    assert accepted.outcome is Outcome.ACCEPTED
    assert (accepted.number, accepted.repository) == (7, "oldmill/creakwheel")
    assert accepted.lines == (
        "- github: oldmill/creakwheel",
        "  category: Infrastructure",
        "  tags: [provisioning, old]",
        "  pypi: creakwheel-client",
    )
    assert re.search(r"\| PyPI downloads in 28 days \| \S+ \| ▼ falling, ", accepted.text)
    assert "more days of history needed (about " in accepted.text
    assert len(proposals.packed(accepted)) < 100_000, "it goes from job to job in a variable of the environment"
    assert proposals.unpacked(proposals.packed(accepted)) == accepted


def test_without_packages_those_that_the_repository_publishes_are_looked_up(tracker: Tracker) -> None:
    found = tracker.judge(body("OLDMILL/Creakwheel"))
    assert found.lines[:2] == ("- github: oldmill/creakwheel", "  pypi: creakwheel-client")


def test_what_is_not_there_is_said_to_the_person(tracker: Tracker) -> None:
    found = tracker.judge(body("oldmill/creakwheel", "pypi: nothing-at-all"))
    assert found.outcome is Outcome.WRONG
    assert "- pypi `nothing-at-all`: PyPI has nothing of that name (404)" in found.text
    assert "Edit the text above" in found.text
    assert found.lines == ()
    assert (
        tracker.judge(body("nobody/nothing"))
        .text.splitlines()[2]
        .startswith("- `nobody/nothing`: GitHub shows no such")
    )


def test_a_wrong_form_asks_nobody_but_for_other_proposals(tracker: Tracker) -> None:
    found = tracker.judge(body("../../etc/passwd", "pypi: $(id)"))
    assert found.outcome is Outcome.WRONG
    assert found.text.count("\n- ") == 2
    assert tracker.sandbox.log == ()


def test_a_project_that_is_tracked_is_answered_with_its_page(tracker: Tracker) -> None:
    found = tracker.judge(body("https://github.com/LanternWorks/BrightLantern"))
    assert found.outcome is Outcome.TRACKED
    assert "https://owner.github.io/tracker/projects/lanternworks__brightlantern.html" in found.text


def test_a_former_name_of_a_tracked_project_is_tracked(tracker: Tracker) -> None:
    moved = next(project for project in gallery.PROJECTS if project.former)
    tracker.projects.write_text(f"{LIST}  - github: {moved.repository}\n")
    assert tracker.judge(body(moved.former or "")).outcome is Outcome.TRACKED


def test_a_package_of_another_project_is_refused(tracker: Tracker) -> None:
    tracker.projects.write_text(f"{LIST}    pypi: brightlantern\n")
    found = tracker.judge(body("oldmill/creakwheel", "pypi: Bright.Lantern, brightlantern"))
    assert found.outcome is Outcome.WRONG
    assert "belongs to lanternworks/brightlantern" in found.text


def test_one_after_another_save_for_those_who_belong_to_the_tracker(tracker: Tracker) -> None:
    issues(tracker, "Hello", WHEEL)
    found = tracker.judge(WHEEL, number=7)
    assert found.outcome is Outcome.WAITING
    assert "#2" in found.text
    assert tracker.judge(body("nobody/nothing"), number=7, association="MEMBER").outcome is Outcome.WRONG
    assert tracker.judge(body("nobody/nothing"), number=2).outcome is Outcome.WRONG, "the first one is not held back"


def test_when_github_cannot_be_asked_nothing_is_proposed(tracker: Tracker) -> None:
    tracker.sandbox.order("status", host="api.github.com", target="oldmill/creakwheel", status=503)
    try:
        found = tracker.judge(WHEEL)
    finally:
        tracker.sandbox.faults.clear()
    assert found.outcome is Outcome.WAITING
    assert "could not be looked at just now: GitHub answered 503" in found.text
    assert found.lines == ()


def test_a_list_that_is_wrong_itself_is_said(tracker: Tracker) -> None:
    tracker.projects.write_text("projects: [")
    found = tracker.judge(WHEEL)
    assert found.outcome is Outcome.WRONG
    assert "Its owner must mend it first" in found.text


@pytest.mark.parametrize(
    "event",
    [
        "",
        "[]",
        "{}",
        '{"issue": {"number": 0, "user": {"login": "x"}}}',
        '{"issue": {"number": "7; id", "user": {"login": "x"}}}',
        '{"issue": {"number": 7, "user": {"login": "x"}, "pull_request": {}}}',
        "{" + " " * proposals.MOST_BYTES,
    ],
)
def test_another_event_is_none_of_ours(event: str, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(event)
    with pytest.raises(NoProposal):
        proposals.read_event(path)


# --- The second half -------------------------------------------------------------------------------------------------


def take(tracker: Tracker, verdict: Verdict, text: str = WHEEL) -> str:
    door = Door(Outside(token="x", stand_in=tracker.sandbox.address))
    proposals.take(proposals.read_event(tracker.event(text)), verdict, tracker.projects, NAMINGS, door)
    return tracker.projects.read_text()


def test_the_entry_is_added_and_nothing_else_changes(tracker: Tracker, accepted: Verdict) -> None:
    assert take(tracker, accepted) == LIST + "".join(f"  {line}\n" for line in accepted.lines)


GOOD = (
    "- github: oldmill/creakwheel",
    "  category: Infrastructure",
    "  tags: [provisioning, old]",
    "  pypi: creakwheel-client",
)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("- github: evil/evil", *GOOD[1:]),
        (GOOD[0], "  category: Tools", *GOOD[2:]),
        (*GOOD[:2], "  tags: [other]", GOOD[3]),
        (*GOOD[:3], "  pypi: other"),
        (*GOOD, "  npm: creakwheel"),
        GOOD[:3],
        (*GOOD, "- github: evil/evil"),
        (*GOOD[:3], f"{GOOD[3]}\n- github: evil/evil"),
        (*GOOD[:3], f"{GOOD[3]}\n# more"),
        (*GOOD, "  # \u2028"),
        (*GOOD, f"  # {'x' * 2_000}"),
        (*GOOD, "  name: Wheel"),
        (*GOOD, "  figures: [{key: mau, from: env:FIGURES}]"),
        (*GOOD, "  events: [{day: 2026-01-01, title: x}]"),
        (*GOOD, "unknown: x"),
        ("- !!python/object/apply:os.system [id]",),
        ("- &a {github: oldmill/creakwheel}", "- *a"),
    ],
)
def test_an_entry_that_the_issue_cannot_have_led_to_is_not_taken(
    lines: tuple[str, ...], tracker: Tracker, accepted: Verdict
) -> None:
    assert accepted.lines == GOOD
    with pytest.raises(BadVerdict):
        take(tracker, dataclasses.replace(accepted, lines=lines))
    assert tracker.projects.read_text() == LIST


@pytest.mark.parametrize(
    "line",
    ["  discourse: intern.example.org", "  traffic: oldmill/creakwheel", "  category: Casino", "  tags: [casino]"],
)
def test_where_the_form_is_empty_the_entry_says_nothing_that_a_form_cannot(
    line: str, tracker: Tracker, accepted: Verdict
) -> None:
    verdict = dataclasses.replace(accepted, lines=(GOOD[0], line))
    with pytest.raises(BadVerdict):
        take(tracker, verdict, body("oldmill/creakwheel"))


@pytest.mark.parametrize("change", [{"number": 8}, {"outcome": Outcome.WRONG}])
def test_a_verdict_on_something_else_is_not_taken(change: dict[str, Any], tracker: Tracker, accepted: Verdict) -> None:
    with pytest.raises(BadVerdict):
        take(tracker, dataclasses.replace(accepted, **change))
    assert tracker.projects.read_text() == LIST


def test_a_verdict_of_another_text_is_not_taken(tracker: Tracker, accepted: Verdict) -> None:
    for text in (WHEEL.replace("Infrastructure", "Tools"), body("nobody/nothing"), "Hello"):
        with pytest.raises(BadVerdict):
            take(tracker, accepted, text)
    assert tracker.projects.read_text() == LIST


def test_a_new_name_is_taken_when_github_says_so(tracker: Tracker) -> None:
    moved = next(project for project in gallery.PROJECTS if project.former)
    verdict = Verdict(7, Outcome.ACCEPTED, moved.repository, (f"- github: {moved.repository}",), "")
    assert f"  - github: {moved.repository}\n" in take(tracker, verdict, body(moved.former or ""))


def test_a_project_that_came_meanwhile_is_not_added_twice(tracker: Tracker, accepted: Verdict) -> None:
    take(tracker, accepted)
    with pytest.raises(ConfigError):
        take(tracker, accepted)


@pytest.mark.parametrize("text", ["", "null", "[]", '{"number": 7}', "x" * 100, '{"number": 7, "outcome": "pwned"}'])
def test_what_is_no_verdict_is_refused(text: str) -> None:
    with pytest.raises(BadVerdict):
        proposals.unpacked(text)


# --- The answer ------------------------------------------------------------------------------------------------------


def test_a_refusal_is_one_comment_that_is_written_anew(tracker: Tracker) -> None:
    issues(tracker, WHEEL)
    tracker.answer(Verdict(1, Outcome.WRONG, text="One is wrong."))
    (issue,) = tracker.answer(Verdict(1, Outcome.WRONG, text="Two are wrong."))
    (comment,) = issue["comments"]
    assert comment["author"] == ACTIONS
    assert comment["body"].endswith("Two are wrong.")


def test_an_accepted_one_has_a_pull_request_that_later_edits_renew(tracker: Tracker, accepted: Verdict) -> None:
    issues(tracker, WHEEL)
    verdict = dataclasses.replace(accepted, number=1)
    issue, pull = tracker.answer(verdict)
    assert (pull["head"], pull["title"]) == ("propose/1", "Track oldmill/creakwheel")
    assert "\nCloses #1\n" in pull["body"]
    assert "```yaml\n  - github: oldmill/creakwheel\n" in pull["body"]
    assert accepted.text in pull["body"]
    assert "no other check has run on it" in pull["body"]
    assert "proposed in #2" in issue["comments"][0]["body"]
    again = tracker.answer(dataclasses.replace(verdict, lines=("- github: oldmill/creakwheel",)))
    assert len(again) == 2
    assert "creakwheel-client" not in again[1]["body"].partition("```\n")[0]
    assert len(again[0]["comments"]) == 1


def test_where_workflows_may_not_open_pull_requests_the_answer_has_entry_and_link(
    tracker: Tracker, accepted: Verdict
) -> None:
    issues(tracker, WHEEL)
    tracker.sandbox.world.desk.set_up({"pull_requests": False})
    (issue,) = tracker.answer(dataclasses.replace(accepted, number=1))
    said = issue["comments"][0]["body"]
    link = f"https://github.com/{TRACKER}/compare/main...propose/1?quick_pull=1&title=Track+oldmill%2Fcreakwheel"
    assert f"{link}&body=Closes+%231)" in said
    assert "  pypi: creakwheel-client\n" in said
    assert "Allow GitHub Actions to create and approve pull requests" in said


def test_a_branch_that_somebody_worked_on_stays_as_it_is(tracker: Tracker, accepted: Verdict) -> None:
    issues(tracker, WHEEL)
    (issue,) = tracker.answer(dataclasses.replace(accepted, number=1), BRANCH="theirs")
    assert "Somebody has worked on the branch `propose/1`" in issue["comments"][0]["body"]


def test_a_hostile_text_is_answered_without_calling_anybody(tracker: Tracker) -> None:
    hostile = "@everyone <!-- groundswell:proposal --> [x](javascript:alert(1)) `` ` ${{ github.token }} #1 $(id)"
    issues(tracker, body(hostile))
    verdict = tracker.judge(body(hostile, f"pypi: {hostile}", hostile + "\n" + hostile), number=1)
    assert verdict.outcome is Outcome.WRONG
    (issue,) = tracker.answer(verdict)
    said = issue["comments"][0]["body"].removeprefix("<!-- groundswell:proposal -->")
    outside_of_code = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", said)
    assert not re.search(r"[@#<$]", outside_of_code), outside_of_code
    shutil.rmtree(tracker.folder)
