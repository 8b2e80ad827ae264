"""GitHub's REST answers: repositories, their stars' history, releases and traffic, the limits.

Star history: docs.github.com/en/rest/activity/starring#get-repository-star-history. Weeks begin on Sunday (UTC here),
the newest comes first, days still to come are 0, and only stars that are still held count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import numpy as np

from sandbox.exchange import Request, Response, as_json
from sandbox.faults import Fault
from sandbox.github import orders
from sandbox.github.meter import Meter
from sandbox.github.releases import releases
from sandbox.github.traffic import traffic
from sandbox.model import day_of, moment
from sandbox.project import Project, iso, week_start
from sandbox.world import World

WEEKS: Final = 30  # on a page at most
LAST_PAGE: Final = 100
NEWER_VERSION: Final = "2026-03-10"  # of the API, from which /rate_limit gives no `rate` any more
DOCS: Final = "https://docs.github.com/rest"
REPOSITORY: Final = re.compile(r"/(?:repos/([^/]+/[^/]+)|repositories/(\d+))(?:/(.+?))?/?")


@dataclass(frozen=True)
class Rest:
    """Answers REST requests on one day, within a limit."""

    world: World
    meters: dict[bool, Meter]  # with a token, and without
    graphql: Meter

    def answer(self, request: Request, authenticated: bool, faults: Sequence[Fault]) -> Response:
        """The answer to a request; each is charged with one, except for /rate_limit."""
        meter, cap = self.meters[authenticated], orders.cap(faults, "requests")
        if request.path == "/rate_limit":
            return self._limits(request, meter, cap, orders.cap(faults, "points"))
        reading = meter.charge(1, cap)
        if reading is None:
            message = _message("API rate limit exceeded for installation.", 403)
            return message.with_headers(meter.read(cap).headers())
        found = self.world.desk.answer(request, self.world.now) or self._found(request, faults)
        return Response(found.status, found.body, {**found.headers, **reading.headers()}, 1)

    def _limits(self, request: Request, meter: Meter, cap: int | None, points: int | None) -> Response:
        core = meter.read(cap).plain()
        resources = {"core": core, "graphql": self.graphql.read(points).plain()}
        newer = request.headers.get("x-github-api-version", "") >= NEWER_VERSION
        return as_json({"resources": resources} if newer else {"resources": resources, "rate": core})

    def _found(self, request: Request, faults: Sequence[Fault]) -> Response:
        named = REPOSITORY.fullmatch(request.path)
        if request.method not in ("GET", "HEAD") or named is None:
            return _message("Not Found", 404)
        name, number, what = named.groups()
        project = self.world.by_number(int(number)) if number else self.world.repository(name)
        answering = ANSWERS.get(what)
        if project is None or answering is None or _is_missing(project, faults):
            return _message("Not Found", 404)
        if name and name.lower() != project.repository.lower():
            return _moved(project, what, request)
        return answering(project, request, faults)


def _is_missing(project: Project, faults: Sequence[Fault]) -> bool:
    return bool(orders.of(faults, "missing", project.names))


def _moved(project: Project, what: str | None, request: Request) -> Response:
    address = f"{request.address}/repositories/{project.number}{f'/{what}' if what else ''}"
    if request.query:
        address += f"?{urlencode(request.query)}"
    body = {"message": "Moved Permanently", "url": address, "documentation_url": DOCS}
    return as_json(body, 301, {"Location": address})


def _message(text: str, status: int) -> Response:
    return as_json({"message": text, "documentation_url": DOCS, "status": str(status)}, status)


def _repository(project: Project, _request: Request, faults: Sequence[Fault]) -> Response:
    owner, _, name = project.repository.partition("/")
    stars = project.series.stars.level(project.now)
    altered = orders.altered(faults, project.names)
    pulls, issues = (
        len(tickets.places(project.now, ("OPEN",))) for tickets in (project.series.pulls, project.series.issues)
    )
    facts = {
        "id": project.number,
        "node_id": project.node_id,
        "name": name,
        "full_name": project.repository,
        "private": altered.get("isPrivate", False),
        "visibility": str(altered.get("visibility", "PUBLIC")).lower(),
        "owner": {"login": owner, "type": "User" if project.entry.by_user else "Organization"},
        "html_url": f"https://github.com/{project.repository}",
        "description": project.entry.story,
        "fork": False,
        "archived": altered.get("isArchived", project.archived is not None),
        "disabled": altered.get("isDisabled", False),
        "created_at": iso(moment(project.series.first, 36_000)),
        "stargazers_count": stars,
        "watchers_count": stars,  # GitHub's own: these are the stars again
        "subscribers_count": project.series.watchers.level(project.now),
        "forks_count": project.series.forks.until(project.now),
        "open_issues_count": issues + pulls,  # GitHub's own: pull requests count too
        "topics": list(project.entry.topics),
        "default_branch": "main",
    }
    return as_json(facts)


def _refused(_project: Project, _request: Request, _faults: Sequence[Fault]) -> Response:
    return _message("Resource not accessible by integration", 403)


def _star_count(project: Project, _request: Request, _faults: Sequence[Fault]) -> Response:
    return as_json({"count": project.series.stars.level(project.now)})


def _star_history(project: Project, request: Request, _faults: Sequence[Fault]) -> Response:
    page, size = (_whole(request.query.get(name), usual) for name, usual in (("page", 1), ("per_page", WEEKS)))
    if page is None or size is None or not 1 <= page <= LAST_PAGE or size < 1:
        return _message("Validation Failed", 422)
    weeks = _weeks(project)
    size = min(size, WEEKS)
    last = max(1, -(-len(weeks) // size))
    links = {"next": page + 1, "last": last} if page < last else {}
    links |= {"first": 1, "prev": min(page - 1, last)} if page > 1 else {}
    where = f"{request.address}/repositories/{project.number}/stargazers/history"
    link = ", ".join(f'<{where}?per_page={size}&page={to}>; rel="{name}"' for name, to in links.items())
    return as_json(weeks[(page - 1) * size : page * size], headers={"Link": link} if link else {})


def _weeks(project: Project) -> list[dict[str, object]]:
    """One entry for each week since the repository was made, the newest first."""
    held = project.series.stars.held(project.now)
    first = project.series.first - week_start(project.series.first)
    rest = -(first + len(held)) % 7
    days = np.concatenate([np.zeros(first, np.int64), held, np.zeros(rest, np.int64)]).reshape(-1, 7)
    newest = week_start(day_of(project.now))
    return [
        {"week": moment(newest - 7 * place), "total": int(week.sum()), "days": week.tolist()}
        for place, week in enumerate(days[::-1])
    ]


def _whole(text: str | None, usual: int) -> int | None:
    if text is None:
        return usual
    return int(text) if text.isdecimal() else None


ANSWERS: Final[dict[str | None, Callable[[Project, Request, Sequence[Fault]], Response]]] = {
    None: _repository,
    "stargazers": _refused,
    "subscribers": _refused,
    "stargazers/count": _star_count,
    "stargazers/history": _star_history,
    "releases": releases,
    "traffic/views": traffic("views"),
    "traffic/clones": traffic("clones"),
}
"""What is known of a repository, by the path that follows its name."""
