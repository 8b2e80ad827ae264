"""What can be seen without a token: GraphQL wants one, so each repository is one REST request, of 60 an hour in all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Sequence
from typing import Final

from github.Repository import Repository
from pydantic import BaseModel, StrictBool, StrictInt, TypeAdapter

from groundswell.http import LimitReached, NotFound, Unanswered
from groundswell.models import Answer, Ask, Failure, Observation, RepositoryFacts, RepositoryState
from groundswell.sources.github.activity import ALONE, COMPANIES, COMPARED
from groundswell.sources.github.counters import ANOTHER, GONE, PRIVATE, Seen, last_seen
from groundswell.sources.github.shapes import Amount, FullName, Moment, licence_label, state
from groundswell.sources.github.tickets import OF_ISSUES, OF_MERGED
from groundswell.sources.github.transport import Session

NEED_A_TOKEN: Final = (
    "issues",
    "issues_open",
    "issues_opened",
    "pull_requests",
    "pull_requests_open",
    "pull_requests_merged",
    "pull_requests_opened",
    "releases",
    "discussions",
    "commits",
    "active_contributors",
    *COMPARED,
    *ALONE,
    *COMPANIES,
    *OF_ISSUES,
    *OF_MERGED,
    "sponsors",
)
ONLY_WITH_ONE: Final = "gives these only with a token: set GITHUB_TOKEN"


class _RestLicence(BaseModel):
    spdx_id: str | None
    name: str


class RestRepository(BaseModel):
    """The fields of `GET /repos/{owner}/{repo}` that are read.

    `watchers_count` is the number of stars under an old name, and `open_issues_count` counts pull requests too: neither
    is read. Watchers are `subscribers_count`.
    """

    id: StrictInt
    full_name: FullName
    private: StrictBool
    archived: StrictBool
    disabled: StrictBool
    created_at: Moment
    stargazers_count: Amount
    subscribers_count: Amount
    forks_count: Amount
    description: str | None = None
    homepage: str | None = None
    language: str | None = None
    license: _RestLicence | None = None
    topics: list[str] = []


REPOSITORY: Final = TypeAdapter(RestRepository)


def read(session: Session, asks: Sequence[Ask], today: dt.date) -> Generator[Answer | Failure, None, list[Seen]]:
    """Stars, watchers and forks of every repository, the longest-waiting first; gives back those that were seen."""
    seen: list[Seen] = []
    for ask in sorted(asks, key=last_seen):
        try:
            repository = session.repository(ask.project, REPOSITORY)
        except Unanswered as error:
            yield _failure(ask, error)
            continue
        if repository.private:
            yield Failure("github", ask.project, ask.target, PRIVATE, state=RepositoryState.PRIVATE)
        elif ask.state.get("id", str(repository.id)) != str(repository.id):
            yield Failure("github", ask.project, ask.target, ANOTHER)
        else:
            yield _answer(ask, repository, today)
            yield Failure("github", ask.project, ask.target, ONLY_WITH_ONE, signals=NEED_A_TOKEN)
            created = repository.created_at.date()
            seen.append(Seen(ask, repository.full_name, created, repository.stargazers_count))
    return seen


def _failure(ask: Ask, error: Unanswered) -> Failure:
    if isinstance(error, NotFound):
        return Failure("github", ask.project, ask.target, GONE, state=RepositoryState.GONE)
    return Failure("github", ask.project, ask.target, str(error), deferred=isinstance(error, LimitReached))


def _answer(ask: Ask, repository: Repository, today: dt.date) -> Answer:
    observations = (
        Observation("stars", today, repository.stargazers_count),
        Observation("watchers", today, repository.subscribers_count),
        Observation("forks", today, repository.forks_count),
    )
    return Answer("github", ask.project, ask.target, observations, {"id": str(repository.id)}, facts_of(repository))


def facts_of(repository: Repository) -> RepositoryFacts:
    """All that is not a number; REST does not say when a repository was archived, or that it is empty."""
    licence = repository.license  # None where there is none, whatever its annotation says
    return RepositoryFacts(
        id=str(repository.id),
        name=repository.full_name,
        state=state(archived=repository.archived, disabled=bool(repository.raw_data["disabled"]), empty=False),
        description=repository.description or None,
        homepage=repository.homepage or None,
        language=repository.language or None,
        licence=licence_label(licence.spdx_id, licence.name) if licence else None,
        topics=tuple(repository.topics or ()),
        created=repository.created_at.date(),
    )
