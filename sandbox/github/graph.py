"""The graph: an invented project as the objects of GitHub's schema, field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from sandbox.github.connections import Graph, Order, connection, counted, page
from sandbox.github.errors import GitHubError
from sandbox.model import Tickets, day_of, moment
from sandbox.project import Project, Release, iso, node_id, number_of, ticket_id
from sandbox.team import Commit, Person

ABOUT: Final = "__names"
"""The key under which an object keeps the names of its repository, for faults that are meant for one alone."""

SITE: Final = "https://github.com"
COLOURS: Final = {"Python": "#3572A5", "Go": "#00ADD8", "Rust": "#dea584", "TypeScript": "#3178c6", "C": "#555555"}
LICENCES: Final = {
    "MIT": "MIT License",
    "Apache-2.0": "Apache License 2.0",
    "BSD-3-Clause": 'BSD 3-Clause "New" or "Revised" License',
    "MPL-2.0": "Mozilla Public License 2.0",
}
REFUSED: Final = "Resource not accessible by integration"


def repository(project: Project) -> Graph:
    """A repository, without its owner."""
    return {**_identity(project), **_facts(project), **_state(project), **_interest(project), **_work(project)}


def _identity(project: Project) -> Graph:
    return {
        ABOUT: project.names,
        "__typename": "Repository",
        "id": project.node_id,
        "databaseId": project.number,
        "name": project.repository.partition("/")[2],
        "nameWithOwner": project.repository,
        "url": f"{SITE}/{project.repository}",
        "parent": None,
    }


def _facts(project: Project) -> Graph:
    entry = project.entry
    return {
        "description": entry.story,
        "homepageUrl": f"https://{entry.name.lower().replace(' ', '-')}.example",
        "createdAt": iso(moment(project.series.first, 36_000)),
        "updatedAt": iso(project.now),
        "diskUsage": 900 + number_of(project.repository) % 90_000,
        "primaryLanguage": _language(entry.language),
        "licenseInfo": _licence(entry.licence),
        "fundingLinks": [{"platform": "GITHUB", "url": f"{SITE}/sponsors/{entry.repository.partition('/')[0]}"}]
        if entry.sponsors is not None
        else [],
        "repositoryTopics": lambda first=None, after=None: connection(
            len(entry.topics), lambda place: _topic(entry.topics[place]), first, after
        ),
    }


def _state(project: Project) -> Graph:
    return {
        "archivedAt": None if project.archived is None else iso(project.archived),
        "isArchived": project.archived is not None,
        "visibility": "PUBLIC",
        **dict.fromkeys(("isDisabled", "isEmpty", "isFork", "isLocked", "isMirror", "isPrivate", "isTemplate"), False),
        **dict.fromkeys(("hasDiscussionsEnabled", "hasIssuesEnabled"), True),
        "hasSponsorshipsEnabled": project.series.sponsors is not None,
    }


def _interest(project: Project) -> Graph:
    return {
        "stargazerCount": lambda: project.series.stars.level(project.now),
        "stargazers": _nobody_may,
        "forkCount": lambda: project.series.forks.until(project.now),
        "forks": lambda order_by=None, first=None, after=None: _forks(project, order_by, first, after),
        "watchers": lambda first=None, after=None: counted(project.series.watchers.level(project.now)),  # noqa: ARG005
        "mentionableUsers": lambda first=None, after=None: counted(project.series.commits.people(project.now)),  # noqa: ARG005
    }


def _work(project: Project) -> Graph:
    last = _last_commit(project)
    return {
        "pushedAt": None if last is None else iso(last.when),
        "issues": lambda **asked: _tickets(project, project.series.issues, _issue, **asked),
        "pullRequests": lambda **asked: _tickets(project, project.series.pulls, _pull, **asked),
        "discussions": lambda first=None, after=None: counted(  # noqa: ARG005
            project.series.discussions.until(project.now)
        ),
        "releases": lambda order_by=None, first=None, after=None: connection(
            len(project.releases), lambda place: _release(project, project.releases[place]), first, after, order_by
        ),
        "latestRelease": lambda: _latest(project),
        "defaultBranchRef": lambda: None if last is None else _branch(project, last),
        "refs": lambda ref_prefix, order_by=None, first=None, after=None: _refs(
            project, ref_prefix, order_by, first, after
        ),
    }


def _nobody_may(**_asked: object) -> Graph:
    raise GitHubError("FORBIDDEN", REFUSED)


# --- Owner, language, licence, topics --------------------------------------------------------------------------------


def owner(project: Project) -> Graph:
    """The person or organization that a repository belongs to, with the sponsors that the repository's entry names."""
    login = project.repository.partition("/")[0]
    number = number_of(login)
    sponsors = 0 if project.series.sponsors is None else project.series.sponsors.level(project.now)
    return {
        ABOUT: project.names,
        "__typename": "User" if project.entry.by_user else "Organization",
        "id": node_id("U" if project.entry.by_user else "O", number),
        "databaseId": number,
        "login": login,
        "name": login.title(),
        **({"company": None} if project.entry.by_user else {}),
        "url": f"{SITE}/{login}",
        "avatarUrl": lambda size=None: f"https://avatars.githubusercontent.com/u/{number}?s={size or 460}&v=4",
        "createdAt": iso(moment(project.series.first - 200, 40_000)),
        "hasSponsorsListing": project.series.sponsors is not None,
        "sponsors": lambda first=None, after=None: counted(sponsors),  # noqa: ARG005
        "sponsorshipsAsMaintainer": lambda active_only=True, include_private=False, first=None, after=None: (  # noqa: ARG005
            counted(sponsors if include_private else sponsors - sponsors // 5)
        ),
    }


def _language(name: str) -> Graph:
    return {"id": node_id("LA", number_of(name)), "name": name, "color": COLOURS.get(name)}


def _licence(spdx: str | None) -> Graph | None:
    if spdx is None:
        return None
    identity = node_id("LI", number_of(spdx))
    return {"id": identity, "key": spdx.lower(), "name": LICENCES[spdx], "spdxId": spdx, "url": None}


def _topic(name: str) -> Graph:
    number = number_of(name)
    topic = {"id": node_id("TO", number), "name": name}
    return {"id": node_id("RT", number), "topic": topic, "url": f"{SITE}/topics/{name}"}


def _forks(project: Project, order: Order | None, first: int | None, after: str | None) -> Graph:
    def fork(place: int) -> Graph:
        when = int(project.series.forks.moments(place, place + 1)[0])
        number = number_of(f"{project.repository} fork {place}")
        name = f"somebody-{number}/{project.repository.partition('/')[2]}"
        return {"id": node_id("R", number), "nameWithOwner": name, "createdAt": iso(when), "isFork": True}

    return connection(project.series.forks.until(project.now), fork, first, after, order)


# --- Issues and pull requests ----------------------------------------------------------------------------------------


def _tickets(
    project: Project,
    tickets: Tickets,
    make: Callable[[Project, Tickets, int], Graph],
    states: Sequence[str] | None = None,
    order_by: Order | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Graph:
    wanted = tickets.places(project.now, states)
    if order_by is not None and order_by["field"] == "UPDATED_AT":
        wanted = wanted[np.argsort(tickets.touched(project.now, wanted), kind="stable")]
    return connection(len(wanted), lambda place: make(project, tickets, int(wanted[place])), first, after, order_by)


def _issue(project: Project, tickets: Tickets, place: int) -> Graph:
    return {
        **_ticket(project, tickets, place, "issues", "I"),
        "author": lambda: _opener(project.series.voices.opened_issue(place)),
        "comments": lambda first=None, after=None: _comments(project, place, first, after),
    }


def _pull(project: Project, tickets: Tickets, place: int) -> Graph:
    ticket = _ticket(project, tickets, place, "pull", "PR")
    merged = ticket["state"] == "MERGED"
    return {
        **ticket,
        "author": lambda: _opener(project.series.voices.opened_pull(place)),
        "isDraft": False,
        "merged": merged,
        "mergedAt": ticket["closedAt"] if merged else None,
    }


def _ticket(project: Project, tickets: Tickets, place: int, folder: str, kind: str) -> dict[str, Any]:
    state = tickets.state(place, project.now)
    number = 2 * place + (2 if kind == "PR" else 1)  # both are counted in one row; they take turns here
    return {
        ABOUT: project.names,
        "__typename": "PullRequest" if kind == "PR" else "Issue",
        "id": ticket_id(kind, project.number, place),
        "number": number,
        "state": state,
        "createdAt": iso(int(tickets.opened[place])),
        "updatedAt": lambda: iso(int(tickets.touched(project.now, np.array([place]))[0])),
        "closed": state != "OPEN",
        "closedAt": None if state == "OPEN" else iso(int(tickets.ended[place])),
        "url": f"{SITE}/{project.repository}/{folder}/{number}",
    }


def issue_by_place(project: Project, place: int) -> Graph | None:
    """The issue at a place, if it was opened yet."""
    tickets = project.series.issues
    return _issue(project, tickets, place) if place < tickets.arrivals.until(project.now) else None


def _comments(project: Project, place: int, first: int | None, after: str | None) -> Graph:
    found = project.series.voices.comments(place, project.now)

    def comment(at: int) -> Graph:
        one = found[at]
        identity = node_id("IC", number_of(f"{project.repository} {place} {at}"))
        return {"id": identity, "createdAt": iso(one.when), "author": lambda: _opener(one.author)}

    return connection(len(found), comment, first, after)


def _opener(somebody: Person | None) -> Graph | None:
    """Who did something on GitHub: always an account, though its commits may be under an address that belongs to none.

    An app is a `Bot` whose login lacks the "[bot]" that its commits carry.
    """
    if somebody is None:
        return None
    if somebody.name.endswith("[bot]"):
        login = somebody.name.removesuffix("[bot]")
        return {
            "__typename": "Bot",
            "id": node_id("BOT", number_of(login)),
            "login": login,
            "url": f"{SITE}/apps/{login}",
        }
    login = somebody.login or somebody.name.lower().replace("release robot", "release-bot")
    return _user(replace(somebody, login=login))


# --- Releases --------------------------------------------------------------------------------------------------------


def _release(project: Project, release: Release) -> Graph:
    number = number_of(f"{project.repository} {release.tag}")
    latest = _newest(project)
    return {
        "id": node_id("RE", number),
        "name": release.tag,
        "tagName": release.tag,
        "createdAt": iso(release.when - 300),
        "publishedAt": iso(release.when),
        "isDraft": False,
        "isPrerelease": release.prerelease,
        "isLatest": latest is not None and latest.tag == release.tag,
        "url": f"{SITE}/{project.repository}/releases/tag/{release.tag}",
        "releaseAssets": lambda name=None, first=None, after=None: _assets(project, release, name, first, after),
    }


def _assets(project: Project, release: Release, name: str | None, first: int | None, after: str | None) -> Graph:
    age = max(0, day_of(project.now) - day_of(release.when))
    files = [f"{project.entry.name.lower()}-{release.tag}-{system}.tar.gz" for system in ("linux", "macos", "windows")]
    files = [file for file in files if name in (None, file)]

    def asset(place: int) -> Graph:
        number = number_of(files[place])
        daily = project.entry.stars // 400 * (3 - place)
        return {"id": node_id("RA", number), "name": files[place], "downloadCount": daily * age}

    return connection(len(files), asset, first, after)


def _newest(project: Project) -> Release | None:
    return next((release for release in reversed(project.releases) if not release.prerelease), None)


def _latest(project: Project) -> Graph | None:
    newest = _newest(project)
    return None if newest is None else _release(project, newest)


# --- Branches and commits --------------------------------------------------------------------------------------------


def _last_commit(project: Project) -> Commit | None:
    made = project.series.commits.window(project.now)
    return project.series.commits.at(made[-1]) if made else None


def _branch(project: Project, last: Commit) -> Graph:
    identity = node_id("REF", project.number)
    return {"id": identity, "name": "main", "prefix": "refs/heads/", "target": _commit(project, last)}


def _refs(project: Project, prefix: str, order: Order | None, first: int | None, after: str | None) -> Graph:
    last = _last_commit(project)
    tags = [release.tag for release in project.releases]
    names = tags if prefix.startswith("refs/tags") else ["main"] if last is not None else []

    def ref(place: int) -> Graph:
        identity = node_id("REF", number_of(f"{project.repository} {prefix}{names[place]}"))
        return {"id": identity, "name": names[place], "prefix": prefix, "target": last and _commit(project, last)}

    return connection(len(names), ref, first, after, order)


def _commit(project: Project, commit: Commit) -> Graph:
    return {
        "__typename": "Commit",
        "id": f"C_{commit.oid}",
        "oid": commit.oid,
        "abbreviatedOid": commit.oid[:7],
        "url": f"{SITE}/{project.repository}/commit/{commit.oid}",
        "authoredDate": lambda: iso(commit.when - 60),
        "committedDate": lambda: iso(commit.when),
        "author": lambda: _actor(commit),
        "authors": lambda first=None, after=None: connection(1, lambda _: _actor(commit), first, after),
        "history": lambda **asked: _history(project, **asked),
    }


def _actor(commit: Commit) -> Graph:
    author = commit.author
    return {"name": author.name, "email": author.email, "date": iso(commit.when), "user": _user(author)}


def _user(person: Person) -> Graph | None:
    if person.login is None:
        return None
    number = number_of(person.login)
    return {
        "__typename": "User",
        "id": node_id("U", number),
        "databaseId": number,
        "login": person.login,
        "name": person.name,
        "company": person.company,
        "url": f"{SITE}/{person.login}",
        "avatarUrl": lambda size=None: f"https://avatars.githubusercontent.com/u/{number}?s={size or 460}&v=4",
    }


def _history(
    project: Project,
    author: Graph | None = None,
    since: str | None = None,
    until: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Graph:
    log = project.series.commits
    window = log.window(project.now, _moment(since), _moment(until))
    emails = None if author is None else author.get("emails")
    places: Sequence[int] = window if emails is None else log.by(frozenset(emails), window)
    offset = 0 if after is None else _offset(after)
    end = min(len(places), offset + (first or 0))
    wanted = places[len(places) - end : len(places) - offset]
    head = log.oid(log.window(project.now)[-1])

    def nodes() -> list[Graph]:
        return [_commit(project, commit) for commit in reversed(log.made(wanted))]

    return page(len(places), offset, end, nodes, lambda place: f"{head} {place - 1}")


def _moment(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        raise GitHubError("INVALID_TIMESTAMP", f"`{text}` is not an ISO 8601 time.") from None
    return int(when.replace(tzinfo=when.tzinfo or dt.UTC).timestamp())


def _offset(after: str) -> int:
    _, _, place = after.rpartition(" ")
    if not place.isdecimal():
        raise GitHubError("INVALID_CURSOR_ARGUMENTS", f"`{after}` does not appear to be a valid cursor.")
    return int(place) + 1
