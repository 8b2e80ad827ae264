"""The tracker's own repository: issues are found by marker and author, opened once, and every refusal is named."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

import generate
from groundswell.http import Outside
from groundswell.own_repository import (
    CUT,
    LONGEST_BODY,
    IssuesOff,
    LacksRight,
    NotNow,
    NotThere,
    OwnRepository,
    Pages,
    PullRequestsOff,
    Refused,
    marked,
    marker,
)
from sandbox.github.issues import ACTIONS, MOST_WRITTEN, TRACKER
from sandbox.server import Sandbox

LIMITED: Final = {"issues": "read"}


def opened(sandbox: Sandbox, token: str = "t", name: str = TRACKER) -> OwnRepository:
    return OwnRepository(name, Outside(token=token, stand_in=sandbox.address))


def tickets(sandbox: Sandbox) -> list[dict[str, object]]:
    found: list[dict[str, object]] = sandbox.world.desk.plain()[TRACKER]["tickets"]
    return found


# --- Issues of our own -----------------------------------------------------------------------------------------------


def test_an_issue_is_found_again_by_its_marker_edited_and_closed_with_a_last_word(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        assert own.find("trouble") is None
        made = own.open("trouble", "npm is silent", "since Monday")
        own.open("digest", "November", "…")
        found = own.find("trouble")
        assert found == made
        assert found.is_open
        assert found.body.splitlines()[0] == "<!-- groundswell:trouble -->"
        changed = own.edit(found, "trouble", "npm and PyPI are silent", "since Monday")
        assert changed.title == "npm and PyPI are silent"
        own.close(changed, "All is well again.")
        assert own.find("trouble") is None
        assert own.find("trouble", "all") is not None
    first = tickets(sandbox)[0]
    assert first["state"] == "closed"
    assert first["comments"] == [{"author": ACTIONS, "body": "All is well again."}]


def test_an_issue_that_says_it_already_is_not_written_again(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        made = own.open("trouble", "A  title", "one\ntwo \n")
        sandbox.forget()
        assert own.edit(made, "trouble", "A title", "one\ntwo") == made
    assert sandbox.log == ()


def test_a_marker_of_somebody_else_counts_for_nothing(sandbox: Sandbox) -> None:
    sandbox.world.desk.set_up({"tokens": {"m": {"login": "mallory", "permissions": {"issues": "write"}}}})
    with opened(sandbox, "m") as mallory:
        mallory.open("trouble", "Mine", "text")
    with opened(sandbox) as own:
        assert own.find("trouble") is None


def test_a_marker_that_stands_in_the_text_of_an_issue_of_ours_counts_for_nothing(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        own.open("digest", "November", f"a project called\n{marker('trouble')}")
        assert own.find("trouble") is None


def test_a_pull_request_is_no_issue(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        own.propose("add-x", "Add x", marked("trouble", "text"))
        assert own.find("trouble") is None


def test_the_marker_is_looked_for_on_every_page(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        own.open("trouble", "The first", "text")
        desk_tickets = sandbox.world.desk._repositories[TRACKER].tickets
        for number in range(2, 131):
            desk_tickets.append(dataclasses.replace(desk_tickets[0], number=number, body="other"))
        found = own.find("trouble")
    assert found is not None
    assert found.number == 1


def test_only_labels_that_there_are_are_put_on(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        made = own.open("trouble", "Title", "text", labels=["bug", "made-up"])
        assert own.label(made.number, "question")
        assert not own.label(made.number, "made-up-too")
    assert tickets(sandbox)[0]["labels"] == ["bug", "question"]
    assert "made-up" not in sandbox.world.desk.plain()[TRACKER]["labels"]


def test_a_text_that_is_too_long_is_cut_and_says_so(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        made = own.open("trouble", "t" * 400, "x" * 70_000)
    assert len(made.body) == LONGEST_BODY
    assert made.body.endswith(CUT)
    assert len(made.title) == 240


def test_what_is_said_below_an_issue_is_said_once(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        made = own.open("proposal", "Title", "text")
        own.say(made.number, "answer", "wrong on line 3")
        own.say(made.number, "answer", "wrong on line 4")
        own.comment(made.number, "beside it")
    said = [one["body"] for one in tickets(sandbox)[0]["comments"]]  # type: ignore[attr-defined]
    assert said == [marked("answer", "wrong on line 4"), "beside it"]


def test_any_issue_can_be_read_by_its_number(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        number = own.open("trouble", "Title", "text").number
    with opened(sandbox) as own:
        assert own.ticket(number).title == "Title"
        with pytest.raises(NotThere, match="has nothing of that name"):
            own.ticket(99)


# --- Pull requests, Pages --------------------------------------------------------------------------------------------


def test_a_pull_request_of_a_branch_is_opened_once(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        first = own.propose("add-x", "Add x", "text")
        assert own.propose("add-x", "Add x", "text").number == first.number
    (made,) = tickets(sandbox)
    assert (made["head"], made["base"], made["pull"]) == ("add-x", "main", True)


def test_that_actions_may_open_no_pull_requests_is_said_with_the_setting(sandbox: Sandbox) -> None:
    sandbox.world.desk.set_up({"pull_requests": False})
    with opened(sandbox) as own, pytest.raises(PullRequestsOff, match=rf"{TRACKER}/settings/actions.*Allow GitHub"):
        own.propose("add-x", "Add x", "text")


def test_a_branch_that_is_not_there_is_refused_in_githubs_words(sandbox: Sandbox) -> None:
    sandbox.world.desk.set_up({"branches": ["main"]})
    with opened(sandbox) as own, pytest.raises(Refused, match="422: Validation Failed; invalid"):
        own.propose("nowhere", "Add x", "text")


@pytest.mark.parametrize(
    ("setting", "pages"),
    [
        ({}, Pages("https://galleyproof.github.io/tracker", from_workflows=True)),
        ({"domain": "grow.example"}, Pages("https://grow.example", from_workflows=True)),
        ({"pages": "legacy"}, Pages("https://galleyproof.github.io/tracker", from_workflows=False)),
        ({"pages": None}, None),
    ],
)
def test_where_the_site_is_published(sandbox: Sandbox, setting: dict[str, object], pages: Pages | None) -> None:
    sandbox.world.desk.set_up(setting)
    with opened(sandbox) as own:
        assert own.pages() == pages


def pages(sandbox: Sandbox, folder: Path, **env: str) -> tuple[int, str, str]:
    around = {"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": TRACKER, "STAND_IN": sandbox.address, "GITHUB_ACTIONS": "true"}
    summary = folder / "summary.md"
    ended = CliRunner().invoke(generate.app, ["pages", "--summary", str(summary)], env=around | env)
    return ended.exit_code, ended.output, summary.read_text() if summary.exists() else ""


@pytest.mark.parametrize(
    ("setting", "why"),
    [(None, "Pages is not switched on"), ("legacy", "Pages publishes a branch, not what this workflow builds")],
)
def test_that_pages_takes_no_site_is_one_sentence_with_the_way_to_the_setting(
    sandbox: Sandbox, tmp_path: Path, setting: str | None, why: str
) -> None:
    sandbox.world.desk.set_up({"pages": setting})
    status, out, summary = pages(sandbox, tmp_path)
    assert status == 1
    assert out.startswith(f"::error title=Pages::{why}: choose the source")
    for text in (out, summary):
        assert text.count("\n") == 1
        assert f"https://github.com/{TRACKER}/settings/pages" in text


def test_the_address_is_handed_on_where_there_is_one_and_nothing_fails(sandbox: Sandbox, tmp_path: Path) -> None:
    output = tmp_path / "output"
    around = {"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": TRACKER, "STAND_IN": sandbox.address}
    for setting in ({"domain": "growth.example"}, {"pages": None}):
        sandbox.world.desk.set_up(setting)
        ended = CliRunner().invoke(generate.app, ["pages", "--address-to", str(output)], env=around)
        assert (ended.exit_code, ended.output) == (0, "")
    assert output.read_text() == "address=https://growth.example\n"


def test_where_pages_is_on_nothing_is_said_and_where_nobody_answers_nothing_is_claimed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    assert pages(sandbox, tmp_path) == (0, "", "")
    sandbox.order("status", host="api.github.com", path="/pages", status=502)
    status, out, summary = pages(sandbox, tmp_path)
    assert (status, summary) == (0, "")
    assert out.startswith("::warning title=Pages::GitHub answered with a fault of its own")


# --- Refusals --------------------------------------------------------------------------------------------------------


def test_the_permission_that_a_job_lacks_is_named(sandbox: Sandbox) -> None:
    sandbox.world.desk.set_up({"tokens": {"weak": {"permissions": LIMITED}}})
    with opened(sandbox, "weak") as own:
        with pytest.raises(LacksRight, match="`permissions: issues: write`"):
            own.open("trouble", "Title", "text")
        with pytest.raises(LacksRight, match="`permissions: pull-requests: write`"):
            own.propose("add-x", "Add x", "text", base="main")
        with pytest.raises(LacksRight, match="`permissions: pages: read`"):
            own.pages()
    assert tickets(sandbox) == []


@pytest.mark.parametrize(
    ("setting", "kind", "text"),
    [
        ({"issues": False}, IssuesOff, "switched off at https://github.com/galleyproof/tracker/settings"),
        ({"archived": True}, LacksRight, "is archived"),
    ],
)
def test_a_repository_that_takes_no_issues_says_why(
    sandbox: Sandbox, setting: dict[str, object], kind: type[Refused], text: str
) -> None:
    sandbox.world.desk.set_up(setting)
    with opened(sandbox) as own, pytest.raises(kind, match=text):
        own.open("trouble", "Title", "text")


def test_a_repository_that_is_not_there_says_so(sandbox: Sandbox) -> None:
    with opened(sandbox, name="nobody/nothing") as own, pytest.raises(NotThere, match="nobody/nothing has nothing"):
        own.find("trouble")
    with pytest.raises(NotThere, match="owner/name is wanted"):
        OwnRepository("../../etc", Outside(token="t"))
    with pytest.raises(LacksRight, match="GITHUB_TOKEN is not set"):
        OwnRepository(TRACKER, Outside())


def test_a_token_that_github_refuses_is_named(sandbox: Sandbox) -> None:
    sandbox.order("status", host="api.github.com", status=401, message="Bad credentials")
    with opened(sandbox) as own, pytest.raises(LacksRight, match="refuses the token"):
        own.find("trouble")


# --- Bad days --------------------------------------------------------------------------------------------------------


def test_reading_and_changing_is_tried_again_after_a_fault(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        made = own.open("trouble", "Title", "text")
        sandbox.order("status", host="api.github.com", status=502, path="/issues", times=2)
        found = own.find("trouble")
        assert found == made
        sandbox.order("reset", host="api.github.com", path="/issues", times=1)
        own.close(made)
    assert tickets(sandbox)[0]["state"] == "closed"


@pytest.mark.parametrize("act", [lambda own: own.open("a", "T", "text"), lambda own: own.comment(1, "text")])
def test_what_may_have_been_done_is_not_done_twice(sandbox: Sandbox, act: Callable[[OwnRepository], object]) -> None:
    with opened(sandbox) as own:
        own.open("trouble", "Title", "text")
        sandbox.forget()
        sandbox.order("status", host="api.github.com", status=502, path="/issues", times=1)
        with pytest.raises(NotNow, match="fault of its own"):
            act(own)
    assert [seen.method for seen in sandbox.log] == ["POST"]


def test_a_limit_means_that_nothing_was_done_and_is_waited_for(sandbox: Sandbox) -> None:
    sandbox.order("secondary", retry_after="20", times=1, path="/issues")
    with opened(sandbox) as own:
        own.open("trouble", "Title", "text")
    assert len(tickets(sandbox)) == 1


def test_who_writes_too_much_is_left_without_and_told(sandbox: Sandbox) -> None:
    sandbox.order("secondary", retry_after="600", path="/issues")
    with opened(sandbox) as own, pytest.raises(NotNow, match="left alone for a while"):
        own.open("trouble", "Title", "text")


def test_the_stand_in_blocks_who_makes_more_in_a_minute_than_github_allows(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        number = own.open("trouble", "Title", "text").number
        for _ in range(MOST_WRITTEN - 1):
            own.comment(number, "again")
        with pytest.raises(NotNow, match="temporarily blocked from content creation"):
            own.comment(number, "again")


@pytest.mark.parametrize("kind", ["html", "null", "empty", "broken"])
def test_an_answer_that_is_not_githubs_is_no_traceback(sandbox: Sandbox, kind: str) -> None:
    sandbox.order(kind, host="api.github.com", path="/issues", **({"status": 200} if kind == "html" else {}))
    with opened(sandbox) as own, pytest.raises(NotNow):
        own.open("trouble", "Title", "text")


# --- The stand-in ----------------------------------------------------------------------------------------------------


def test_what_was_written_is_there_on_the_next_day_of_the_sandbox(sandbox: Sandbox) -> None:
    with opened(sandbox) as own:
        own.open("trouble", "Title", "text")
        today = sandbox.world.today
        sandbox.move_to(today + dt.timedelta(days=1))
        assert own.find("trouble") is not None
        sandbox.move_to(today)
