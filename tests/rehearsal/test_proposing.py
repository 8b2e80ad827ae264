"""Projects that strangers propose: by a pull request from a fork, and by the form of an issue."""

from __future__ import annotations

from typing import Final

import pytest

from tests.rehearsal.copies import Copy
from tests.rehearsal.runs import FAILURE, SKIPPED, SUCCESS, Run
from tests.test_form import body

pytestmark = pytest.mark.needs("git", "bash", "node")

NEW: Final = "generated-0002/invented-0002"
HOSTILE: Final = """$(touch "$GITHUB_WORKSPACE/pwned") `id` ${{ github.token }} @everyone ::error::x"""


@pytest.fixture
def tracker(fresh: Copy) -> Copy:
    """A copy that tracks two projects, and has not published them."""
    fresh.repository.commit("main", {"projects.yaml": fresh.rehearsal.projects()}, "Say what is tracked")
    return fresh


def marks(run: Run) -> set[tuple[str, str, int | None, str]]:
    return {(one.level, one.file, one.line, one.message) for one in run.annotations if one.file}


# --- Pull requests ---------------------------------------------------------------------------------------------------


def test_a_good_pull_request_from_a_fork_shows_the_new_card_and_hands_the_pages_over(tracker: Copy) -> None:
    (run,) = tracker.pull_request({"projects.yaml": f"{tracker.rehearsal.projects()}  - github: {NEW}\n"})
    assert run.conclusion == SUCCESS, run.told()
    assert run.workflow.name == "Check projects.yaml"
    assert run.annotations == [], run.told()
    assert run.job("check").permissions == {"contents": "read"}
    assert "## projects.yaml: 1 added; no mistakes" in run.summary
    assert f"### invented-0002 ([{NEW}](https://github.com/{NEW}))" in run.summary
    assert "| Stars | " in run.summary
    assert "[Download them](" in run.summary
    pages = run.artifacts["preview"]
    assert (pages / "index.html").is_file()
    assert (pages / "projects" / "generated-0002__invented-0002.html").is_file()
    assert tracker.repository.head("data") is None, "nothing is kept"


def test_a_bad_pull_request_is_marked_line_by_line_by_the_program_that_it_does_not_change(tracker: Copy) -> None:
    before = tracker.rehearsal.projects(1)
    line = before.count("\n")
    changes = {
        "projects.yaml": f"{before}  - github: nobody/nothing\n  - github: {NEW}\n    pipy: x\n"
        "  - github: generated-0002/invented-0003\n    npm: invented-0001\n",
        "generate.py": "raise SystemExit(0)\n",
        "pip.py": "raise SystemExit(0)\n",
    }
    (run,) = tracker.pull_request(changes)
    assert run.conclusion == FAILURE, run.told()
    first, second, third = sorted(marks(run), key=lambda mark: mark[2] or 0)
    assert first[:3] == ("error", "projects.yaml", line + 1)
    assert second == ("error", "projects.yaml", line + 3, f"{NEW}: unknown key 'pipy'; did you mean 'pypi'?")
    assert third[:3] == ("warning", "projects.yaml", line + 5)
    assert "names another repository: https://github.com/generated-0001/invented-0001" in third[3]
    assert "### To be mended" in run.summary


# --- The form of an issue --------------------------------------------------------------------------------------------


def test_another_issue_starts_no_job(tracker: Copy) -> None:
    (run,) = tracker.issue("It is broken", f"Hello.\n\n{body(NEW)}")
    assert {job.result for job in run.jobs} == {SKIPPED}


def test_a_hostile_form_is_answered_in_one_comment_and_reaches_no_shell(tracker: Copy) -> None:
    hostile = body(HOSTILE, f"pypi: {HOSTILE}", f"{HOSTILE}\n&a [*a]", HOSTILE, HOSTILE)
    (run,) = tracker.issue(f"Propose: {HOSTILE}", hostile)
    assert run.conclusion == SUCCESS, run.told()
    assert {job.key: job.result for job in run.jobs} == {"judge": SUCCESS, "answer": SUCCESS, "open": SKIPPED}
    assert run.job("judge").permissions == {"contents": "read", "issues": "read"}
    assert run.job("answer").permissions == {"contents": "read", "issues": "write"}
    assert "everyone" not in run.log, "a log may take text for commands"
    assert not list(tracker.rehearsal.folder.rglob("pwned"))
    (issue,) = tracker.written["tickets"]
    (comment,) = issue["comments"]
    assert "This cannot be added yet:" in comment["body"]
    assert tracker.repository.git("branch", "--format=%(refname:short)") == "main"


def test_a_good_form_becomes_a_branch_and_where_it_is_allowed_a_pull_request(tracker: Copy) -> None:
    before = tracker.rehearsal.projects()
    tracker.set_up(pull_requests=False)
    (run,) = tracker.issue("Propose: it", body(f"https://github.com/{NEW}", category="Infrastructure"))
    assert run.conclusion == SUCCESS, run.told()
    assert {job.key: job.result for job in run.jobs} == {"judge": SUCCESS, "answer": SKIPPED, "open": SUCCESS}
    (issue,) = tracker.written["tickets"]
    (comment,) = issue["comments"]
    assert f"/{tracker.repository.name}/compare/main...propose/1?quick_pull=1" in comment["body"]
    assert f"```yaml\n  - github: {NEW}\n" in comment["body"]
    entry = f"  - github: {NEW}\n    category: Infrastructure\n"
    assert tracker.repository.files("propose/1")["projects.yaml"].decode() == before + entry
    assert tracker.repository.files("main")["projects.yaml"].decode() == before

    tracker.set_up(pull_requests=True)
    (edited,) = tracker.issue("Propose: it", body(NEW, tags="one, two"), action="edited", number=1)
    assert edited.conclusion == SUCCESS, edited.told()
    issue, pull = tracker.written["tickets"]
    (comment,) = issue["comments"]
    assert "proposed in #2" in comment["body"]
    assert (pull["head"], pull["base"]) == ("propose/1", "main")
    assert "Closes #1" in pull["body"]
    assert "| Stars | " in pull["body"]
    assert "tags: [one, two]" in pull["body"]
    assert b"tags: [one, two]" in tracker.repository.files("propose/1")["projects.yaml"]
    assert tracker.runs == [run, edited], "a pull request by the workflow's token starts no workflow"
