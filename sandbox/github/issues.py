"""GitHub's REST answers about repositories of a tracker's own: issues, comments, labels, pull requests, Pages.

Shapes: docs.github.com/en/rest/issues, /rest/pulls, /rest/pages. What is written stays from one day of the world to the
next. A token has all rights and is that of GitHub Actions, unless it was introduced by another name or with fewer.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from sandbox.exchange import Request, Response, as_json
from sandbox.github.traffic import OWNER
from sandbox.project import iso

TRACKER: Final = f"{OWNER}/tracker"  # is there from the start
ACTIONS: Final = "github-actions[bot]"
DOCS: Final = "https://docs.github.com/rest"
MOST_WRITTEN: Final = 80  # things made in a minute, above which GitHub wants to be left alone
LONGEST_BODY: Final = 65_536
LONGEST_TITLE: Final = 256
USUAL_LABELS: Final = ("bug", "documentation", "enhancement", "question")
CREATION: Final = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. "
    "Please retry your request again later."
)
NO_PULLS: Final = "GitHub Actions is not permitted to create or approve pull requests."
NO_RIGHT: Final = "Resource not accessible by integration"
READ: Final = ("read", "write")
WRITE: Final = ("write",)

Json = dict[str, Any]


@dataclass(frozen=True)
class Visitor:
    """Who a token belongs to, and what it may do; `None` is everything."""

    login: str = ACTIONS
    permissions: Mapping[str, str] | None = None  # as a job's `permissions:` says them

    def may(self, scope: str, levels: tuple[str, ...]) -> bool:
        """Whether it may read, or write, something."""
        return self.permissions is None or self.permissions.get(scope) in levels

    @property
    def plain(self) -> Json:
        """As GitHub shows it beside what it wrote."""
        kind = "Bot" if self.login.endswith("[bot]") else "User"
        number = 41_898_282 if self.login == ACTIONS else sum(self.login.encode())
        return {"login": self.login, "id": number, "type": kind, "site_admin": False}


NOBODY: Final = Visitor("", {})


@dataclass
class Ticket:
    """An issue or a pull request, with what was said below it."""

    number: int
    author: Visitor
    title: str
    body: str | None
    made: int  # Unix seconds
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    reason: str | None = None
    changed: int = 0
    closed: int | None = None
    comments: list[Json] = field(default_factory=list)
    head: str | None = None  # of a pull request: the branch that it is from
    base: str | None = None


@dataclass
class Own:
    """A repository that somebody may write in, and how its owner has set it up."""

    name: str
    issues: bool = True  # are switched on
    pages: str | None = "workflow"  # what Pages is made by: "workflow", "legacy" (a branch); None: Pages is off
    domain: str | None = None  # of Pages, when it is not GitHub's
    pull_requests: bool = True  # may be opened by Actions
    archived: bool = False
    default_branch: str = "main"
    branches: list[str] | None = None  # that pull requests may be from; None: any
    labels: list[str] = field(default_factory=lambda: list(USUAL_LABELS))
    tickets: list[Ticket] = field(default_factory=list)


SETTINGS: Final = ("issues", "pages", "domain", "pull_requests", "archived", "default_branch", "branches", "labels")


class Desk:
    """The repositories of trackers and those who write in them; the same on all days. Safe to use from threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._repositories = {TRACKER: Own(TRACKER)}
        self._visitors: dict[str, Visitor] = {}
        self._written: deque[float] = deque()

    def set_up(self, order: Mapping[str, Any]) -> None:
        """Make a repository, or change its settings: `{"name": "me/tracker", "issues": false, "tokens": {"t": {"login":
        "me", "permissions": {"issues": "write"}}}}`. Raises ValueError for a setting that there is not.
        """
        rest = {name: value for name, value in order.items() if name not in ("name", "tokens")}
        if unknown := sorted(set(rest) - set(SETTINGS)):
            raise ValueError(f"there is no setting {unknown[0]!r}; there are: name, tokens, {', '.join(SETTINGS)}")
        with self._lock:
            name = str(order.get("name", TRACKER))
            own = self._repositories.setdefault(name, Own(name))
            for setting, value in rest.items():
                setattr(own, setting, value)
            for token, who in order.get("tokens", {}).items():
                self._visitors[token] = Visitor(who.get("login", ACTIONS), who.get("permissions"))

    def plain(self) -> Json:
        """Everything that was written, for people and tests."""
        with self._lock:
            return {own.name: _told(own) for own in self._repositories.values()}

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self._repositories = {TRACKER: Own(TRACKER)}
            self._visitors.clear()
            self._written.clear()

    def write(self, name: str, login: str, title: str, body: str, now: int, number: int | None = None) -> int:
        """Let a person open an issue in a repository, or edit the text of one; gives its number."""
        with self._lock:
            own = self._repositories[name]
            if number is None:
                made = Ticket(len(own.tickets) + 1, Visitor(login), title, body, now)
                own.tickets.append(made)
                return made.number
            one = next(one for one in own.tickets if one.number == number)
            one.title, one.body, one.changed = title, body, now
            return number

    def visitor(self, request: Request) -> Visitor:
        """Who asks."""
        token = request.headers.get("authorization", "").rpartition(" ")[2]
        return self._visitors.get(token, Visitor()) if token else NOBODY

    def answer(self, request: Request, now: int) -> Response | None:
        """The answer to a request about a repository that is here; None about any other."""
        found = _PATH.fullmatch(request.path)
        with self._lock:
            own = self._named(found[1]) if found is not None else None
            if own is None or found is None:
                return None
            visit = _Visit(own, self.visitor(request), request, now)
            if request.method != "GET" and (refused := self._too_much(visit)):
                return refused
            return _routed(visit, found[2] or "")

    def _named(self, name: str) -> Own | None:
        return next((one for one in self._repositories.values() if one.name.lower() == name.lower()), None)

    def _too_much(self, visit: _Visit) -> Response | None:
        """Whether a writer writes too much, or may not write at all."""
        if visit.who is NOBODY:
            return _message("Requires authentication", 401)
        if visit.own.archived:
            return _message("Repository was archived so is read-only.", 403)
        moment = time.monotonic()
        while self._written and self._written[0] < moment - 60:
            self._written.popleft()
        if len(self._written) >= MOST_WRITTEN:
            return _message(CREATION, 403).with_headers({"Retry-After": "60"})
        self._written.append(moment)
        return None


@dataclass(frozen=True)
class _Visit:
    """One request about one repository."""

    own: Own
    who: Visitor
    request: Request
    now: int

    @property
    def root(self) -> str:
        return f"{self.request.address}/repos/{self.own.name}"

    @property
    def sent(self) -> Json:
        """What was sent; empty when it is no JSON object. A bare list is one of labels."""
        try:
            sent = json.loads(self.request.body or b"{}")
        except ValueError:
            return {}
        if isinstance(sent, list):
            return {"labels": sent}
        return sent if isinstance(sent, dict) else {}

    def ticket(self, number: str) -> Ticket | None:
        return next((one for one in self.own.tickets if one.number == int(number)), None)

    def page(self, rows: list[Json]) -> Response:
        """One page of a list, with the links to the others."""
        query = self.request.query
        size = min(100, max(1, _whole(query.get("per_page"), 30)))
        page, last = max(1, _whole(query.get("page"), 1)), max(1, -(-len(rows) // size))
        links = {"next": page + 1, "last": last} if page < last else {}
        links |= {"first": 1, "prev": page - 1} if page > 1 else {}
        where = f"{self.request.address}{self.request.path}"
        link = ", ".join(f'<{where}?{urlencode({**query, "page": to})}>; rel="{rel}"' for rel, to in links.items())
        return as_json(rows[(page - 1) * size : page * size], headers={"Link": link} if link else {})


def _whole(text: str | None, usual: int) -> int:
    return int(text) if text is not None and text.isdecimal() else usual


def _message(text: str, status: int, **more: Any) -> Response:
    return as_json({"message": text, **more, "documentation_url": DOCS, "status": str(status)}, status)


def _invalid(resource: str, where: str, text: str = "", code: str = "custom") -> Response:
    error = {"resource": resource, "field": where, "code": code, **({"message": text} if text else {})}
    return _message("Validation Failed", 422, errors=[error])


# --- Issues ----------------------------------------------------------------------------------------------------------


def _told(own: Own) -> Json:
    """A repository for tests: settings, and every ticket with its comments."""
    tickets = [
        {
            "number": one.number,
            "pull": one.head is not None,
            "author": one.author.login,
            "title": one.title,
            "body": one.body,
            "state": one.state,
            "labels": one.labels,
            "head": one.head,
            "base": one.base,
            "comments": [{"author": said["user"]["login"], "body": said["body"]} for said in one.comments],
        }
        for one in own.tickets
    ]
    return {**{name: getattr(own, name) for name in SETTINGS}, "tickets": tickets}


def _issue(visit: _Visit, one: Ticket) -> Json:
    kind = "issues" if one.head is None else "pull"
    shown: Json = {
        "id": 3_000_000_000 + one.number,
        "node_id": f"I_{one.number}",
        "url": f"{visit.root}/issues/{one.number}",
        "comments_url": f"{visit.root}/issues/{one.number}/comments",
        "html_url": f"https://github.com/{visit.own.name}/{kind}/{one.number}",
        "number": one.number,
        "state": one.state,
        "state_reason": one.reason,
        "title": one.title,
        "body": one.body,
        "user": one.author.plain,
        "labels": [_label(visit, name) for name in one.labels],
        "assignees": [],
        "locked": False,
        "comments": len(one.comments),
        "created_at": iso(one.made),
        "updated_at": iso(one.changed or one.made),
        "closed_at": None if one.closed is None else iso(one.closed),
        "author_association": "NONE",
    }
    if one.head is not None:
        shown["pull_request"] = {"url": f"{visit.root}/pulls/{one.number}"}
    return shown


def _list_issues(visit: _Visit) -> Response:
    query = visit.request.query
    state, creator = query.get("state", "open"), query.get("creator", "").lower()
    labels = {one.lower() for one in query.get("labels", "").split(",") if one}
    chosen = [
        one
        for one in visit.own.tickets
        if state in ("all", one.state)
        and creator in ("", one.author.login.lower())
        and labels <= {label.lower() for label in one.labels}
    ]
    chosen.sort(key=lambda one: one.number, reverse=query.get("direction", "desc") == "desc")
    return visit.page([_issue(visit, one) for one in chosen])


def _too_long(sent: Json, resource: str) -> Response | None:
    for where, most in (("title", LONGEST_TITLE), ("body", LONGEST_BODY)):
        if len(sent.get(where) or "") > most:
            return _invalid(resource, where, f"{where} is too long (maximum is {most} characters)")
    return None


def _open_issue(visit: _Visit) -> Response:
    sent = visit.sent
    if not str(sent.get("title") or "").strip():
        return _invalid("Issue", "title", code="missing_field")
    if wrong := _too_long(sent, "Issue"):
        return wrong
    made = Ticket(len(visit.own.tickets) + 1, visit.who, sent["title"], sent.get("body"), visit.now)
    visit.own.tickets.append(made)
    if visit.who.may("contents", WRITE) or visit.who.may("issues", WRITE):
        _put_on(visit, made, sent.get("labels") or [])
    return as_json(_issue(visit, made), 201)


def _get_issue(visit: _Visit, number: str) -> Response:
    one = visit.ticket(number)
    return _message("Not Found", 404) if one is None else as_json(_issue(visit, one))


def _edit_issue(visit: _Visit, number: str) -> Response:
    one, sent = visit.ticket(number), visit.sent
    if one is None:
        return _message("Not Found", 404)
    if wrong := _too_long(sent, "Issue"):
        return wrong
    one.title, one.body = sent.get("title", one.title), sent.get("body", one.body)
    if "labels" in sent:
        one.labels.clear()
        _put_on(visit, one, sent["labels"])
    if sent.get("state") in ("open", "closed"):
        one.state, one.reason = sent["state"], sent.get("state_reason")
        one.closed = visit.now if one.state == "closed" else None
    one.changed = visit.now
    return as_json(_issue(visit, one))


# --- Comments, labels ------------------------------------------------------------------------------------------------


def _list_comments(visit: _Visit, number: str) -> Response:
    one = visit.ticket(number)
    return _message("Not Found", 404) if one is None else visit.page(one.comments)


def _comment(visit: _Visit, number: str) -> Response:
    one, sent = visit.ticket(number), visit.sent
    if one is None:
        return _message("Not Found", 404)
    if not str(sent.get("body") or "").strip():
        return _invalid("IssueComment", "body", "body can't be blank")
    if wrong := _too_long({"body": sent["body"]}, "IssueComment"):
        return wrong
    place = sum(len(other.comments) for other in visit.own.tickets) + 1
    said = {
        "id": place,
        "url": f"{visit.root}/issues/comments/{place}",
        "issue_url": f"{visit.root}/issues/{number}",
        "html_url": f"https://github.com/{visit.own.name}/issues/{number}#issuecomment-{place}",
        "body": sent["body"],
        "user": visit.who.plain,
        "created_at": iso(visit.now),
        "updated_at": iso(visit.now),
    }
    one.comments.append(said)
    return as_json(said, 201)


def _edit_comment(visit: _Visit, place: str) -> Response:
    said = next((said for one in visit.own.tickets for said in one.comments if said["id"] == int(place)), None)
    if said is None:
        return _message("Not Found", 404)
    said |= {"body": visit.sent.get("body", said["body"]), "updated_at": iso(visit.now)}
    return as_json(said)


def _label(visit: _Visit, name: str) -> Json:
    return {"id": sum(name.encode()), "url": f"{visit.root}/labels/{name}", "name": name, "color": "ededed"}


def _put_on(visit: _Visit, one: Ticket, names: list[Any]) -> None:
    """Labels that there are not are made, as GitHub does for who may write."""
    for name in (entry["name"] if isinstance(entry, dict) else str(entry) for entry in names):
        known = next((label for label in visit.own.labels if label.lower() == name.lower()), None)
        if known is None:
            visit.own.labels.append(name)
        if (known or name) not in one.labels:
            one.labels.append(known or name)


def _list_labels(visit: _Visit) -> Response:
    return visit.page([_label(visit, name) for name in visit.own.labels])


def _get_label(visit: _Visit, name: str) -> Response:
    known = next((label for label in visit.own.labels if label.lower() == name.lower()), None)
    return _message("Not Found", 404) if known is None else as_json(_label(visit, known))


def _add_labels(visit: _Visit, number: str) -> Response:
    one, sent = visit.ticket(number), visit.sent
    if one is None:
        return _message("Not Found", 404)
    _put_on(visit, one, sent.get("labels") or [])
    return as_json([_label(visit, name) for name in one.labels])


def _take_label(visit: _Visit, number: str, name: str) -> Response:
    one = visit.ticket(number)
    if one is None or name not in one.labels:
        return _message("Label does not exist", 404)
    one.labels.remove(name)
    return as_json([_label(visit, label) for label in one.labels])


# --- Pull requests, Pages, the repository ----------------------------------------------------------------------------


def _pull(visit: _Visit, one: Ticket) -> Json:
    owner = visit.own.name.partition("/")[0]
    return _issue(visit, one) | {
        "url": f"{visit.root}/pulls/{one.number}",
        "issue_url": f"{visit.root}/issues/{one.number}",
        "head": {"label": f"{owner}:{one.head}", "ref": one.head},
        "base": {"label": f"{owner}:{one.base}", "ref": one.base},
        "draft": False,
        "merged": False,
    }


def _list_pulls(visit: _Visit) -> Response:
    query, owner = visit.request.query, visit.own.name.partition("/")[0]
    chosen = [
        one
        for one in visit.own.tickets
        if one.head is not None
        and query.get("state", "open") in ("all", one.state)
        and query.get("head", f"{owner}:{one.head}") == f"{owner}:{one.head}"
        and query.get("base", one.base) == one.base
    ]
    return visit.page([_pull(visit, one) for one in reversed(chosen)])


def _open_pull(visit: _Visit) -> Response:
    sent, own = visit.sent, visit.own
    if visit.who.login == ACTIONS and not own.pull_requests:
        return _message(NO_PULLS, 403)
    head, base = str(sent.get("head", "")).rpartition(":")[2], str(sent.get("base", ""))
    if not head or (own.branches is not None and head not in own.branches):
        return _invalid("PullRequest", "head", code="invalid")
    if not base or (own.branches is not None and base not in (*own.branches, own.default_branch)):
        return _invalid("PullRequest", "base", code="invalid")
    if wrong := _too_long(sent, "PullRequest"):
        return wrong
    if any(one.head == head and one.base == base and one.state == "open" for one in own.tickets):
        owner = own.name.partition("/")[0]
        return _invalid("PullRequest", "", f"A pull request already exists for {owner}:{head}.")
    made = Ticket(len(own.tickets) + 1, visit.who, sent.get("title", ""), sent.get("body"), visit.now)
    made.head, made.base = head, base
    own.tickets.append(made)
    return as_json(_pull(visit, made), 201)


def _get_pull(visit: _Visit, number: str) -> Response:
    one = visit.ticket(number)
    return as_json(_pull(visit, one)) if one is not None and one.head is not None else _message("Not Found", 404)


def _pages(visit: _Visit) -> Response:
    own = visit.own
    if own.pages is None:
        return _message("Not Found", 404)
    owner, _, name = own.name.partition("/")
    home = f"{owner.lower()}.github.io"
    address = f"https://{own.domain or home}/" + ("" if own.domain or name.lower() == home else f"{name}/")
    return as_json(
        {
            "url": f"{visit.root}/pages",
            "status": "built",
            "cname": own.domain,
            "custom_404": False,
            "html_url": address,
            "build_type": own.pages,
            "source": {"branch": own.default_branch, "path": "/"},
            "public": True,
            "https_enforced": True,
        }
    )


def _repository(visit: _Visit) -> Response:
    own = visit.own
    owner, _, name = own.name.partition("/")
    return as_json(
        {
            "id": sum(own.name.encode()),
            "name": name,
            "full_name": own.name,
            "private": False,
            "owner": {"login": owner, "type": "User"},
            "url": visit.root,
            "html_url": f"https://github.com/{own.name}",
            "default_branch": own.default_branch,
            "has_issues": own.issues,
            "has_pages": own.pages is not None,
            "archived": own.archived,
        }
    )


# --- Which way -------------------------------------------------------------------------------------------------------

_PATH: Final = re.compile(r"/repos/([^/]+/[^/]+)(?:/(.+?))?/?")
_NUMBER: Final = r"(\d+)"
_WAYS: Final = tuple(  # method, path, what the token must be allowed to do, and who answers
    (method, re.compile(path), scope, levels, answering)
    for method, path, scope, levels, answering in (
        ("GET", "", "metadata", READ, _repository),
        ("GET", "issues", "issues", READ, _list_issues),
        ("POST", "issues", "issues", WRITE, _open_issue),
        ("GET", f"issues/{_NUMBER}", "issues", READ, _get_issue),
        ("PATCH", f"issues/{_NUMBER}", "issues", WRITE, _edit_issue),
        ("GET", f"issues/{_NUMBER}/comments", "issues", READ, _list_comments),
        ("POST", f"issues/{_NUMBER}/comments", "issues", WRITE, _comment),
        ("PATCH", f"issues/comments/{_NUMBER}", "issues", WRITE, _edit_comment),
        ("POST", f"issues/{_NUMBER}/labels", "issues", WRITE, _add_labels),
        ("DELETE", f"issues/{_NUMBER}/labels/(.+)", "issues", WRITE, _take_label),
        ("GET", "labels", "issues", READ, _list_labels),
        ("GET", "labels/(.+)", "issues", READ, _get_label),
        ("GET", "pulls", "pull-requests", READ, _list_pulls),
        ("POST", "pulls", "pull-requests", WRITE, _open_pull),
        ("GET", f"pulls/{_NUMBER}", "pull-requests", READ, _get_pull),
        ("GET", "pages", "pages", READ, _pages),
    )
)
_OPEN_TO_ALL: Final = frozenset({"metadata", "issues", "pull-requests"})  # to read, in a public repository


def _routed(visit: _Visit, path: str) -> Response:
    for method, pattern, scope, levels, answering in _WAYS:
        found = pattern.fullmatch(path)
        if method != visit.request.method or found is None:
            continue
        if not visit.who.may(scope, levels) and not (levels is READ and scope in _OPEN_TO_ALL):
            return _message(NO_RIGHT, 403)
        if scope == "issues" and not visit.own.issues and not path.startswith("labels"):
            return _message("Issues has been disabled in this repository.", 410)
        answer: Callable[..., Response] = answering
        return answer(visit, *found.groups())
    return _message("Not Found", 404)
