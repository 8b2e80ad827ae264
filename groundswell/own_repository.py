"""The tracker's own repository on GitHub, through PyGithub: its issues and pull requests, and whether Pages is on.

An issue of ours is found again by a hidden marker in the first line of its text, and only when the token's own account
wrote it: anybody may write an issue, with any marker. What was not done is tried again; what may have been done is not,
so that no issue is opened twice: the next run sees what became of it.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, TypeVar
from urllib.parse import quote

import requests
from github import Auth, BadAttributeException, Github, GithubException
from github.Issue import Issue
from github.IssueComment import IssueComment
from github.PullRequest import PullRequest
from pydantic import BaseModel, TypeAdapter, ValidationError

from groundswell.http import GITHUB, Outside
from groundswell.models import GroundswellError
from groundswell.sources.github.transport import NO_RETRY, STUMBLES, TIMEOUT, carrier
from groundswell.timing import Clock, Timetable

log = logging.getLogger(__name__)

NAME: Final = re.compile(r"[\w.-]+/[\w.-]+")
MARKER_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_ISSUES: Final = 500  # of our own, the newest first, among which a marker is looked for
MOST_COMMENTS: Final = 300  # of an issue, among which ours is looked for
LONGEST_BODY: Final = 60_000  # characters; GitHub takes 65,536
LONGEST_TITLE: Final = 240  # characters; GitHub takes 256
WAITS: Final = (5.0, 20.0)  # seconds before the second and the third try
LONGEST_WAIT: Final = 60.0  # seconds of a Retry-After that are waited for
CUT: Final = "\n\n… (cut: there is more than an issue can hold)"
ISSUES: Final = "issues: write"
PULLS: Final = "pull-requests: write"
READ_PAGES: Final = "pages: read"

T = TypeVar("T")
State = Literal["open", "closed", "all"]


class Refused(GroundswellError):
    """GitHub did not do what was asked, in the tracker's own repository."""


class LacksRight(Refused):
    """The token may not do it."""


class IssuesOff(Refused):
    """The owner has switched the issues of the repository off: a choice, no fault."""


class PullRequestsOff(Refused):
    """The owner does not allow workflows to open pull requests."""


class NotThere(Refused):
    """There is no such repository, issue or branch, or the token may not see it."""


class NotNow(Refused):
    """GitHub is not to be had, or wants to be left alone; a later run may ask."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """An issue or a pull request."""

    number: int
    title: str
    body: str
    is_open: bool
    address: str  # for people
    opened: dt.datetime


@dataclass(frozen=True, slots=True)
class Pages:
    """The site of the repository on GitHub Pages."""

    address: str  # without a slash at its end
    from_workflows: bool  # as "GitHub Actions" is chosen for its source; else it is made from a branch


def unpublishable(pages: Pages | None, settings: str) -> str | None:
    """Why a workflow cannot publish there, and what to do, in one sentence; None when it can."""
    if pages is not None and pages.from_workflows:
        return None
    why = "Pages is not switched on" if pages is None else "Pages publishes a branch, not what this workflow builds"
    return f'{why}: choose the source "GitHub Actions" at {settings}, then start this workflow again.'


class _Pages(BaseModel):
    html_url: str
    build_type: str | None = None


class _Message(BaseModel):
    message: str = ""


_PAGES: Final = TypeAdapter(_Pages)
_MESSAGE: Final = TypeAdapter(_Message)
_TICKET: Final = TypeAdapter(Ticket)


def marker(name: str) -> str:
    """What the first line of an issue of this name is; people do not see it."""
    assert MARKER_NAME.fullmatch(name), f"{name!r} cannot mark an issue"
    return f"<!-- groundswell:{name} -->"


def marked(name: str, body: str) -> str:
    """A text with its marker, short enough for GitHub."""
    whole = f"{marker(name)}\n{body}"
    return whole if len(whole) <= LONGEST_BODY else whole[: LONGEST_BODY - len(CUT)] + CUT


class OwnRepository:
    """The repository that a tracker is made in, with the rights of the run's token. A context manager.

    Everything raises Refused, by a name that says why, with a text for the owner of the repository.
    """

    def __init__(
        self, name: str, outside: Outside, *, server: str = "https://github.com", clock: Clock | None = None
    ) -> None:
        if not NAME.fullmatch(name):
            raise NotThere(f"{name!r} is not the name of a repository: owner/name is wanted (GITHUB_REPOSITORY)")
        if outside.token is None:
            raise LacksRight(f"GITHUB_TOKEN is not set: without a token nothing is done in {name}")
        self._name, self._server = name, server.rstrip("/")
        patient = outside.is_patient
        self._time = Timetable({}, minutes=None, patient=patient, clock=clock or Clock())
        self._github: Github = carrier(
            auth=Auth.Token(outside.token),
            base_url=outside.url(f"https://{GITHUB}"),
            user_agent=outside.agent,
            timeout=TIMEOUT,
            per_page=100,
            lazy=True,
            retry=NO_RETRY,
            seconds_between_requests=0.25 if patient else 0,
            seconds_between_writes=1.0 if patient else 0,
        )
        self._repository = self._github.get_repo(name)
        self._path = f"/repos/{name}"
        self._account: str | None = None
        self._met: dict[int, Issue] = {}

    def __enter__(self) -> OwnRepository:
        return self

    def __exit__(self, *_: object) -> None:
        self._github.close()

    # --- Issues of our own -------------------------------------------------------------------------------------------

    def find(self, name: str, state: State = "open") -> Ticket | None:
        """The newest issue with this marker that the token's account opened, among its newest MOST_ISSUES."""
        wanted = marker(name)

        def looked() -> Issue | None:
            found = self._repository.get_issues(
                state=state,
                creator=self.account,  # type: ignore[arg-type]  # it takes a login too
                sort="created",
                direction="desc",
            )
            for place, issue in enumerate(found):
                if place >= MOST_ISSUES:
                    log.warning("%s: only the newest %d issues were looked at", self._name, MOST_ISSUES)
                    return None
                if issue.pull_request is None and _first_line(issue.body) == wanted and self._is_ours(issue):
                    return issue
            return None

        found = self._ask(looked, "issues: read", again=True)
        return None if found is None else self._ticket(found)

    def open(self, name: str, title: str, body: str, labels: Sequence[str] = ()) -> Ticket:
        """Open an issue with this marker, under those of the labels that there are."""
        there = [label for label in labels if self._has_label(label)]
        text = marked(name, body)
        made = self._ask(lambda: self._repository.create_issue(_title(title), text, labels=there), ISSUES, again=False)
        return self._ticket(made)

    def edit(self, ticket: Ticket, name: str, title: str, body: str) -> Ticket:
        """Let an issue of ours say something else, under the same marker; nothing is sent when it says it already."""
        text = marked(name, body)
        if (ticket.title, _lines(ticket.body)) == (_title(title), _lines(text)):
            return ticket
        issue = self._issue(ticket.number)
        self._ask(lambda: issue.edit(title=_title(title), body=text), ISSUES, again=True)
        return self._ticket(issue)

    def close(self, ticket: Ticket, last_word: str = "") -> None:
        """Close an issue, with a last word. Whoever wrote the last word and could not close says it once more."""
        if last_word:
            self.comment(ticket.number, last_word)
        issue = self._issue(ticket.number)
        self._ask(lambda: issue.edit(state="closed", state_reason="completed"), ISSUES, again=True)

    # --- Any issue ---------------------------------------------------------------------------------------------------

    def ticket(self, number: int) -> Ticket:
        """An issue or pull request by its number, whoever wrote it: its text is from outside."""
        issue = self._issue(number)
        self._ask(issue.complete, "issues: read", again=True)
        return self._ticket(issue)

    def opened_by(self, login: str) -> list[Ticket]:
        """The open issues that somebody opened, the newest first: at most MOST_ISSUES."""

        def looked() -> list[Issue]:
            pages = self._repository.get_issues(
                state="open",
                creator=login,  # type: ignore[arg-type]  # it takes a login too
                sort="created",
                direction="desc",
            )
            return [issue for issue in islice(pages, MOST_ISSUES) if issue.pull_request is None]

        return [self._ticket(issue) for issue in self._ask(looked, "issues: read", again=True)]

    def comment(self, number: int, text: str) -> None:
        """Say something below an issue or a pull request."""
        issue = self._issue(number)
        self._ask(lambda: issue.create_comment(text[:LONGEST_BODY]), ISSUES, again=False)

    def say(self, number: int, name: str, text: str) -> None:
        """Say something below an issue once: our comment with this marker is written anew, if there is one."""
        issue, wanted, body = self._issue(number), marker(name), marked(name, text)

        def looked() -> IssueComment | None:
            for place, one in enumerate(issue.get_comments()):
                if place >= MOST_COMMENTS:
                    return None
                if _first_line(one.body) == wanted and one.user is not None and self._wrote(one.user.login):
                    return one
            return None

        ours = self._ask(looked, "issues: read", again=True)
        if ours is None:
            self._ask(lambda: issue.create_comment(body), ISSUES, again=False)
        elif _lines(ours.body) != _lines(body):
            self._ask(lambda: ours.edit(body), ISSUES, again=True)

    def label(self, number: int, name: str) -> bool:
        """Put a label on an issue, if there is one of that name."""
        if not self._has_label(name):
            return False
        issue = self._issue(number)
        self._ask(lambda: issue.add_to_labels(name), ISSUES, again=True)
        return True

    # --- Pull requests, Pages ----------------------------------------------------------------------------------------

    @property
    def default_branch(self) -> str:
        """The branch that pull requests go to."""
        return self._ask(lambda: self._repository.default_branch, "contents: read", again=True)

    def propose(self, branch: str, title: str, body: str, base: str | None = None) -> Ticket:
        """The open pull request from a branch of this repository; opens one when there is none."""
        target = base or self.default_branch
        head = f"{self._name.partition('/')[0]}:{branch}"

        def looked() -> PullRequest | None:
            return next(iter(self._repository.get_pulls(state="open", head=head, base=target)), None)

        def opened() -> PullRequest:
            return self._repository.create_pull(target, branch, title=_title(title), body=body[:LONGEST_BODY])

        return self._ticket(self._ask(looked, PULLS, again=True) or self._ask(opened, PULLS, again=False))

    def pages(self) -> Pages | None:
        """Where the repository's site is; None when Pages is off."""
        try:
            found = self._ask(lambda: self._get(f"{self._path}/pages"), READ_PAGES, again=True)
        except NotThere:
            return None
        try:
            told = _PAGES.validate_python(found)
        except ValidationError:
            raise NotNow(f"GitHub told in an unknown shape where the pages of {self._name} are") from None
        return Pages(told.html_url.rstrip("/"), told.build_type == "workflow")

    # --- How it is asked ---------------------------------------------------------------------------------------------

    @property
    def account(self) -> str:
        """The account that the token writes as: "github-actions[bot]". REST tells it of people's tokens alone."""
        if self._account is None:
            asked = self._ask(lambda: self._github.requester.graphql_query("{viewer{login}}", {}), "", again=True)
            try:
                self._account = str(asked[1]["data"]["viewer"]["login"])
            except (KeyError, TypeError):
                raise NotNow("GitHub did not say which account the token belongs to") from None
        return self._account

    def _is_ours(self, issue: Issue) -> bool:
        return issue.user is not None and self._wrote(issue.user.login)

    def _wrote(self, login: str) -> bool:
        return login.lower() == self.account.lower()

    def _issue(self, number: int) -> Issue:
        """An issue to act on; nothing is read for it."""
        return self._met.get(number) or self._repository.get_issue(number)

    def _ticket(self, issue: Issue | PullRequest) -> Ticket:
        with _read(self._name):
            if isinstance(issue, Issue):
                self._met[issue.number] = issue
            told = {
                "number": issue.number,
                "title": issue.title,
                "body": issue.body or "",
                "is_open": issue.state == "open",
                "address": issue.html_url,
                "opened": issue.created_at,
            }
            try:
                return _TICKET.validate_python(told)
            except ValidationError:
                raise NotNow(f"GitHub answered about {self._name} in an unknown shape") from None

    def _has_label(self, name: str) -> bool:
        """Whether there is a label: GitHub would make one that is missing, and the owner's labels are the owner's."""
        try:
            self._ask(lambda: self._get(f"{self._path}/labels/{quote(name, safe='')}"), "issues: read", again=True)
        except NotThere:
            return False
        return True

    def _get(self, path: str) -> object:
        return self._github.requester.requestJsonAndCheck("GET", path)[1]

    def _ask(self, act: Callable[[], T], right: str, *, again: bool) -> T:
        """What an act gives, tried again when it was not done, and with `again` when it may be done twice."""
        for wait in (*WAITS, None):
            try:
                with _read(self._name):
                    return act()
            except GithubException as refusal:
                why, told = self._named(refusal, right), _seconds(refusal)
                undone = told is not None or (again and refusal.status >= 500)
            except requests.exceptions.RequestException as nothing:
                why, told = NotNow(f"GitHub could not be reached ({type(nothing).__name__})"), None
                undone = again
            if wait is None or not undone or (told or 0) > LONGEST_WAIT:
                raise why
            log.info("%s; tried again in %.0f s", why, max(wait, told or 0))
            self._time.wait(max(wait, told or 0))
        raise AssertionError("the last try gives or raises")

    def _named(self, refusal: GithubException, right: str) -> Refused:
        """What a refusal means, for the owner of the repository."""
        said = _message(refusal)
        if _seconds(refusal) is not None:
            return NotNow(f"GitHub wants to be left alone for a while ({refusal.status}: {said})")
        kind, text = next(
            (kind, text) for pattern, kind, text in _REFUSALS if pattern.search(f"{refusal.status} {said}")
        )
        return kind(
            text.format(
                name=self._name,
                settings=f"{self._server}/{self._name}/settings",
                right=f": the job needs `permissions: {right}`" if right else "",
                said=f"{refusal.status}: {said}",
            )
        )


_REFUSALS: Final = tuple(
    (re.compile(pattern), kind, text)
    for pattern, kind, text in (  # the first that is found in the status and what was said
        (r"^401", LacksRight, "GitHub refuses the token ({said}): give GITHUB_TOKEN one that is valid"),
        (
            r"not permitted to create or approve pull requests",
            PullRequestsOff,
            (
                "GitHub Actions may not open pull requests in {name}: allow it at {settings}/actions, "
                'Workflow permissions, "Allow GitHub Actions to create and approve pull requests"'
            ),
        ),
        (r"^403 .*archived", LacksRight, "{name} is archived, and nothing can be written in it"),
        (r"^403", LacksRight, "the token may not do this in {name}{right} ({said})"),
        (r"^410", IssuesOff, "{name} has no issues: they are switched off at {settings}, Features ({said})"),
        (r"^404", NotThere, "{name} has nothing of that name, or the token may not see it ({said})"),
        (r"^5", NotNow, "GitHub answered with a fault of its own ({said})"),
        (r"", Refused, "GitHub refused it in {name} ({said})"),
    )
)


@contextmanager
def _read(name: str) -> Iterator[None]:
    """What PyGithub cannot read is an answer that is not GitHub's."""
    try:
        yield
    except BadAttributeException:
        raise NotNow(f"GitHub answered about {name} in an unknown shape") from None
    except (GithubException, requests.exceptions.RequestException):
        raise
    except STUMBLES as error:
        raise NotNow(f"GitHub answered about {name} with something unreadable ({type(error).__name__})") from None


def _message(refusal: GithubException) -> str:
    """What GitHub said, with what it said of single fields."""
    try:
        said = _MESSAGE.validate_python(refusal.data).message
    except ValidationError:
        return "no reason given"
    errors = refusal.data.get("errors") if isinstance(refusal.data, dict) else None
    parts = [str(one.get("message") or one.get("code") or "") for one in errors or () if isinstance(one, dict)]
    return "; ".join([said, *filter(None, parts)])[:300]


def _seconds(refusal: GithubException) -> float | None:
    """Seconds that GitHub wants to be left alone for; None when it does not speak of a limit.

    Without a Retry-After the limit of the hour is used up, or it is one of an unknown time: longer than is waited.
    """
    headers = {name.lower(): value for name, value in (refusal.headers or {}).items()}
    of_a_limit = (
        refusal.status == 429
        or "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in _message(refusal).lower()
    )
    if refusal.status not in (403, 429) or not of_a_limit:
        return None
    told = headers.get("retry-after", "")
    return float(told) if told.isdecimal() else float("inf")


def _first_line(body: str | None) -> str:
    return (body or "").partition("\n")[0].strip()


def _lines(body: str) -> list[str]:
    """A text without the line ends and blanks that GitHub changes."""
    return [line.rstrip() for line in body.strip().splitlines()]


def _title(title: str) -> str:
    one_line = " ".join(title.split())
    return one_line if len(one_line) <= LONGEST_TITLE else one_line[: LONGEST_TITLE - 1] + "…"
