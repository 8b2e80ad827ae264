"""A tiny GitHub for the tests of its source: repositories made of lists of days, and faults that a test puts in.

It understands only the documents of groundswell.sources.github.queries, line by line. What GitHub's schema allows is
checked elsewhere; here it is about what the source makes of the answers.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from groundswell.http import Door, Outside
from groundswell.models import Answer, Ask, Failure
from groundswell.sources import github

TODAY = dt.date(2026, 11, 22)  # a Sunday
DATA = Path(__file__).parent / "data" / "github"
Json = Any  # what JSON holds
ADA = {"name": "Ada", "email": "ada@pond.example", "user": {"login": "ada"}}
Response = tuple[int, Mapping[str, str], str]


def fixture(name: str) -> dict[str, Json]:
    """A real-shaped invented answer, to be changed at will."""
    found: dict[str, Json] = json.loads((DATA / name).read_text())
    return found


@dataclass
class Repository:
    """One repository: the answer to Counters, and days on which things happened."""

    counters: dict[str, Json] = field(default_factory=lambda: fixture("repository.json"))
    rest: dict[str, Json] = field(default_factory=lambda: fixture("rest_repository.json"))
    commits: list[tuple[dt.date, Json]] = field(default_factory=list)  # day, author
    issues: list[dt.date] = field(default_factory=list)
    pulls: list[dt.date] = field(default_factory=list)
    opened: list[dict[str, Json]] = field(default_factory=list)  # issues with id, author, closedAt and comments
    merged: list[dict[str, Json]] = field(default_factory=list)  # pull requests with author and updatedAt
    gains: dict[dt.date, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # fields
    search_sees: bool = True


@dataclass
class Stub:
    """The server: what it has, what it was asked, and what it does instead of answering."""

    repositories: dict[str, Repository] = field(default_factory=dict)  # by the name that is asked for
    queries: list[tuple[str, dict[str, Json]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    instead: Callable[[list[str]], Response | None] = lambda _aliases: None  # for a query of these aliases
    rest_instead: Callable[[str], Response | None] = lambda _path: None
    changed: Callable[[dict[str, Json]], None] = lambda _answer: None  # changes an answer before it is sent
    address: str = ""

    @property
    def sizes(self) -> list[int]:
        """How many aliases each query had."""
        return [len(aliases(query)) for query, _ in self.queries]

    def asked(self, number: int) -> list[str]:
        """Which repositories a query asked for, and which searches."""
        text, variables = self.queries[number]
        return [
            str(variables.get(f"{alias}_text") or f"{variables[f'{alias}_owner']}/{variables[f'{alias}_name']}")
            for alias in aliases(text)
        ]

    def graphql(self, body: str) -> Response:
        """The answer to a query."""
        sent = json.loads(body)
        text, variables = sent["query"], sent["variables"]
        self.queries.append((text, variables))
        if (fault := self.instead(aliases(text))) is not None:
            return fault
        answer: dict[str, Json] = {"data": {"rateLimit": {"cost": 1, "remaining": 900, "limit": 1000}}}
        errors: list[Json] = []
        for line in text.splitlines():
            if match := re.match(r"  (p\d+): (\w+)", line):
                answer["data"][match[1]] = self._alias(match[1], line, variables, errors)
        answer |= {"errors": errors} if errors else {}
        self.changed(answer)
        return 200, {}, json.dumps(answer)

    def _alias(self, alias: str, line: str, variables: Mapping[str, Json], errors: list[Json]) -> Json:
        own = {key.removeprefix(f"{alias}_"): value for key, value in variables.items() if key.startswith(f"{alias}_")}
        if "nodes(ids" in line:
            known = {one["id"]: one for repository in self.repositories.values() for one in repository.opened}
            return [{"comments": listed(known[identity]["comments"], None, 10)} for identity in own["ids"]]
        if "search(" in line:
            return {"issueCount": self._found(own["text"])}
        repository = self.repositories.get(f"{own['owner']}/{own['name']}")
        if repository is None:
            message = "Could not resolve to a Repository with that name."
            errors.append({"type": "NOT_FOUND", "path": [alias], "message": message})
            return None
        asked = {
            name for name, mark in {"watchers": "...Watchers", "sponsorable": "...Sponsors"}.items() if mark in line
        }
        if forbidden := sorted(asked & repository.refused):
            message = "Resource not accessible by integration"
            errors += [{"type": "FORBIDDEN", "path": [alias, name], "message": message} for name in forbidden]
            return None
        return _selected(repository, line, own, asked)

    def _found(self, text: str) -> int:
        match = re.fullmatch(r"repo:(\S+) is:(issue|pr)(?: created:(\S+)\.\.(\S+))?", text)
        assert match, text
        named = [one for one in self.repositories.values() if one.counters["nameWithOwner"] == match[1]]
        if not named or not named[0].search_sees:
            return 0
        days = named[0].issues if match[2] == "issue" else named[0].pulls
        first, last = match[3] or "0001-01-01", match[4] or "9999-12-31"
        return sum(first <= day.isoformat() <= last for day in days)

    def rest(self, target: str) -> Response:
        """The answer to a GET."""
        self.paths.append(target)
        parts = urlsplit(target)
        if (fault := self.rest_instead(parts.path)) is not None:
            return fault
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)(/stargazers/history)?", parts.path)
        assert match, target
        by_name = {one.counters["nameWithOwner"]: one for one in self.repositories.values()} | self.repositories
        repository = by_name.get(match[1])
        if repository is None:
            return 404, {}, '{"message": "Not Found", "status": "404"}'
        if match[2] is None:
            return 200, {}, json.dumps(repository.rest)
        query = parse_qs(parts.query)
        size, page = int(query["per_page"][0]), int(query["page"][0])
        return 200, {}, json.dumps(weeks(repository.gains)[(page - 1) * size : page * size])


def aliases(query: str) -> list[str]:
    """The aliases of a query, in order."""
    return re.findall(r"^  (p\d+):", query, re.MULTILINE)


def _selected(repository: Repository, line: str, own: Mapping[str, Json], asked: set[str]) -> Json:
    if "...Counters" in line:
        answer = copy.deepcopy(repository.counters)
        for name in {"watchers", "sponsorable"} - asked:
            answer.pop(name, None)
        return answer
    if "...IssuePage" in line:
        newest = sorted(repository.opened, key=lambda one: str(one["createdAt"]), reverse=True)
        return {"issues": listed(newest, own["after"])}
    if "...MergedPage" in line:
        newest = sorted(repository.merged, key=lambda one: str(one["updatedAt"]), reverse=True)
        return {"pullRequests": listed(newest, own["after"])}
    if "createdAt" in line:
        return {"issues": _dates(repository.issues), "pullRequests": _dates(repository.pulls)}
    if repository.counters["isEmpty"]:
        return {"defaultBranchRef": None}
    target = _totals(repository, own) if "all0:" in line else _page(repository, line, own)
    return {"defaultBranchRef": {"target": target}}


def _between(repository: Repository, since: str, until: str) -> list[tuple[dt.date, Json]]:
    first, last = since[:10], until[:10]
    assert since.endswith("T00:00:00Z")
    assert until.endswith("T23:59:59Z")
    inside = [commit for commit in repository.commits if first <= commit[0].isoformat() <= last]
    return sorted(inside, key=lambda commit: commit[0], reverse=True)


def _by(commits: Sequence[tuple[dt.date, Json]], emails: Sequence[str]) -> Json:
    return {"totalCount": sum(author is not None and author["email"] in emails for _, author in commits)}


def _page(repository: Repository, line: str, own: Mapping[str, Json]) -> Json:
    commits = _between(repository, own["since"], own["until"])
    start = int(own["after"].split()[1]) + 1 if own["after"] else 0
    end = min(start + 100, len(commits))
    nodes = [{"committedDate": f"{day}T12:00:00Z", "author": author} for day, author in commits[start:end]]
    info = {"hasNextPage": end < len(commits), "endCursor": f"c0ffee {end - 1}" if end > start else None}
    history = {"totalCount": len(commits), "pageInfo": info, "nodes": nodes}
    counted = {
        f"before{number}": {"totalCount": len(_between(repository, own[f"since{number}"], own[f"until{number}"]))}
        for number in range(2)
        if f"before{number}:" in line
    }
    return {"history": history, **counted} | ({"bots": _by(commits, own["bots"])} if "bots:" in line else {})


def _totals(repository: Repository, own: Mapping[str, Json]) -> Json:
    answer: dict[str, Json] = {}
    for number in range(sum(name.startswith("since") for name in own)):
        commits = _between(repository, own[f"since{number}"], own[f"until{number}"])
        answer |= {f"all{number}": {"totalCount": len(commits)}, f"bots{number}": _by(commits, own["bots"])}
    return answer


def listed(nodes: Sequence[Json], after: str | None, size: int = 100) -> Json:
    """A page of a connection."""
    start = int(after) if after else 0
    end = min(start + size, len(nodes))
    return {"pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(end)}, "nodes": list(nodes[start:end])}


def _dates(days: Sequence[dt.date]) -> Json:
    newest = sorted(days, reverse=True)
    return {
        "pageInfo": {"hasNextPage": len(newest) > 100, "endCursor": None},
        "nodes": [{"createdAt": f"{day}T23:30:00Z"} for day in newest[:100]],
    }


def weeks(gains: Mapping[dt.date, int]) -> list[dict[str, Json]]:
    """Star history, the newest week first, from the week of the first gain to the week of today."""
    start = TODAY - dt.timedelta(days=(TODAY.weekday() + 1) % 7)
    first = min(gains, default=TODAY)
    found = []
    while start + dt.timedelta(days=6) >= first:
        days = [gains.get(start + dt.timedelta(days=n), 0) for n in range(7)]
        moment = int(dt.datetime.combine(start, dt.time(), dt.UTC).timestamp())
        found.append({"week": moment, "total": sum(days), "days": days})
        start -= dt.timedelta(days=7)
    return found


@contextmanager
def serve(stub: Stub) -> Iterator[Stub]:
    """Serve a stub on 127.0.0.1 for the length of a `with`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stub.headers = dict(self.headers)
            self._send(stub.rest(self.path.removeprefix("/api.github.com")))

        def do_POST(self) -> None:
            stub.headers = dict(self.headers)
            assert self.path == "/api.github.com/graphql"
            self._send(stub.graphql(self.rfile.read(int(self.headers["Content-Length"])).decode()))

        def _send(self, response: Response) -> None:
            status, headers, text = response
            content = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    stub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def named(*names: str) -> dict[str, Repository]:
    """Repositories that differ in their names and ids alone."""
    found = {}
    for number, name in enumerate(names):
        repository = Repository()
        repository.counters |= {"nameWithOwner": name, "databaseId": number, "id": f"R_{number}"}
        repository.rest |= {"full_name": name, "id": number}
        found[name] = repository
    return found


SETTLED: Mapping[str, object] = {
    "activity": "2026-11-21",
    "contributors_before": "read",
    "issues_read": "2026-11-21",
    "merged_read": "2026-11-21",
    "commits_before": "read",
    "star_history": "2026-11-21",
    "months": "2026-10",
}
"""Notes of a repository of which nothing but its counters is due."""


def settled(name: str, **state: object) -> Ask:
    """A repository of which only what is left out of its notes (None) is due."""
    notes = {key: value for key, value in {**SETTLED, **state}.items() if value is not None}
    return Ask(name, "", notes, newest={"stars": TODAY - dt.timedelta(days=1)})


def fetch(
    stub: Stub, *asks: Ask, token: str | None = "t0ken", today: dt.date = TODAY
) -> list[Answer | Failure]:  # the token is nobody's
    """All that the source makes of a stub."""
    with serve(stub):
        door = Door(Outside(agent="frogspotter", token=token, stand_in=stub.address))
        outcomes = list(github.fetch(asks, door, today))
        door.close()
    assert {(one.source, one.target) for one in outcomes} <= {("github", "")}
    return outcomes


def answers(outcomes: Sequence[Answer | Failure], project: str | None = None) -> list[Answer]:
    """The answers, of one project or of all."""
    return [one for one in outcomes if isinstance(one, Answer) and project in (None, one.project)]


def failures(outcomes: Sequence[Answer | Failure], project: str | None = None) -> list[Failure]:
    """The failures, of one project or of all."""
    return [one for one in outcomes if isinstance(one, Failure) and project in (None, one.project)]


def values(outcomes: Sequence[Answer | Failure], signal: str, project: str | None = None) -> dict[dt.date, float]:
    """One signal by day."""
    return {
        one.day: one.value
        for answer in answers(outcomes, project)
        for one in answer.observations
        if one.signal == signal
    }
