"""Whether what an entry names is there, and is what it is taken for: a question each, and only so many.

GitHub says what became of a repository; ecosyste.ms (https://packages.ecosyste.ms/docs, CC BY-SA 4.0) says which
repository a package's own page names. Whether a package is there, the first numbers of its source say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from groundswell.config_yaml import shown
from groundswell.differences import Named
from groundswell.discover import REGISTRIES, is_on_github, is_repository
from groundswell.http import LEFT_TO_STARS, Door, Forbidden, NotFound, Unanswered, shaped
from groundswell.models import Failure, Project, RepositoryState

MOST_REPOSITORIES: Final = 40  # that one change has asked for, each a request of the tracker's hour
MOST_PACKAGES: Final = 40  # whose page is looked at
PAGE: Final = "https://packages.ecosyste.ms/api/v1/registries/{}/packages/{}"
_WITHOUT_ORG: Final = ("cran.r-project",)  # registries that have a dot in their name without their ending .org
_NOT_THERE: Final = re.compile(
    r"of that (?:name|code|number|title)\b|does not show this repository|\(404\)|has closed this"
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about what an entry names. A mistake refuses the change; all else is for whoever decides about it."""

    project: str
    named: Named | None  # None is the repository itself
    text: str
    mistake: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What GitHub says of a repository."""

    name: str | None  # as it is now; None when nobody could say
    state: RepositoryState | None
    why: str = ""  # nobody could say


class _Repository(BaseModel):
    full_name: str
    private: bool = False
    archived: bool = False
    disabled: bool = False


class _Limit(BaseModel):
    limit: int
    remaining: int


class _Limits(BaseModel):
    resources: dict[str, _Limit]


class _Package(BaseModel):
    repository_url: str | None = None


_REPOSITORY: Final = TypeAdapter(_Repository)
_LIMITS: Final = TypeAdapter(_Limits)
_PACKAGE: Final = TypeAdapter(_Package)


def is_spared(door: Door) -> bool:
    """Whether more than half of GitHub's limit for the hour is used, so that the rest is left to the tracker's own run.

    Asking costs nothing of it. When GitHub does not say, nobody knows better.
    """
    try:
        limits = shaped(_LIMITS, door.github("/rate_limit")).resources
    except Unanswered:
        return False
    found = (limits[resource] for resource in ("core", "graphql") if resource in limits)
    return any(one.remaining < LEFT_TO_STARS * one.limit for one in found)


# --- Repositories ----------------------------------------------------------------------------------------------------


def standings(projects: Sequence[Project], door: Door) -> Mapping[str, Standing]:
    """What GitHub says of the first MOST_REPOSITORIES; a question each."""
    return {project.id: _standing(project.id, door) for project in projects[:MOST_REPOSITORIES]}


def _standing(name: str, door: Door) -> Standing:
    try:
        found = shaped(_REPOSITORY, door.github(f"/repos/{name}"))
    except NotFound:
        return Standing(None, RepositoryState.GONE)
    except Forbidden:
        return Standing(None, RepositoryState.DISABLED)
    except Unanswered as error:
        return Standing(None, None, str(error))
    if found.private:
        return Standing(None, RepositoryState.PRIVATE)
    states = ((found.disabled, RepositoryState.DISABLED), (found.archived, RepositoryState.ARCHIVED))
    return Standing(found.full_name, next((state for is_so, state in states if is_so), RepositoryState.ACTIVE))


_SAID: Final[Mapping[RepositoryState, tuple[str, bool]]] = {  # what is said of a state, and whether it is a mistake
    RepositoryState.GONE: ("GitHub shows no such repository: deleted, private or misspelt", True),
    RepositoryState.PRIVATE: ("this repository is private: nothing of it may be shown", True),
    RepositoryState.DISABLED: ("GitHub has closed this repository", True),
    RepositoryState.ARCHIVED: ("this repository is archived: nothing in it will change any more", False),
    RepositoryState.EMPTY: ("this repository is empty: there is nothing in it yet", False),
}


def of_repositories(
    found: Mapping[str, Standing], tracked: Sequence[Project], *, new: Sequence[Project]
) -> Iterator[Remark]:
    """What is to be said of new repositories: gone, private, archived, renamed, or tracked already under that name."""
    ids = {project.id.casefold(): project.id for project in tracked}
    names: dict[str, str] = {}  # as they are now → the entry that had it first
    for project in new:
        standing = found.get(project.id)
        if standing is None:
            continue
        if standing.state is not None and standing.state in _SAID:
            text, mistake = _SAID[standing.state]
            yield Remark(project.id, None, text, mistake)
        if standing.why:
            yield Remark(project.id, None, f"not verified: GitHub {standing.why}")
        if standing.name is None:
            continue
        now = standing.name.casefold()
        other = names.setdefault(now, project.id)
        if now == project.id.casefold():
            continue
        if now in ids or other != project.id:
            twice = ids.get(now, other)
            yield Remark(project.id, None, f"the same repository as {shown(twice)}, which it is called now", True)
        else:
            yield Remark(project.id, None, f"is now called {shown(standing.name)}: write that name")


def empty(project: str) -> Remark:
    """What is to be said of a repository with nothing in it."""
    return Remark(project, None, _SAID[RepositoryState.EMPTY][0])


# --- What is named for them ------------------------------------------------------------------------------------------


def of_failure(failure: Failure, label: str) -> Remark | None:
    """What is to be said of a source that gave nothing for a target: it is not there, or nobody could say."""
    if failure.signals or failure.source == "github":
        return None  # the target is there, and one of its figures is not; or GitHub was asked for it already
    named = (failure.source, failure.target)
    if failure.deferred or not _NOT_THERE.search(failure.reason):
        return Remark(failure.project, named, f"not verified: {label} {failure.reason}")
    return Remark(failure.project, named, f"{label} {failure.reason}", mistake=True)


def whose(wanted: Sequence[tuple[Project, Named]], found: Mapping[str, Standing], door: Door) -> Iterator[Remark]:
    """Packages whose own page names another repository: of the first MOST_PACKAGES that ecosyste.ms can be asked for.

    Its silence says nothing: it may not know a package yet, and its service is no reason to refuse one.
    """
    askable = [(project, named, place) for project, named in wanted if (place := _place(*named)) is not None]
    for project, named, place in askable[:MOST_PACKAGES]:
        try:
            url = shaped(_PACKAGE, door.json(PAGE.format(*place))).repository_url
        except NotFound:
            continue
        except Unanswered as error:
            yield Remark(project.id, named, f"not verified whose it is: ecosyste.ms {error}")
            return
        standing = found.get(project.id)
        names = {project.id, (standing.name if standing else None) or project.id}
        if url and is_on_github(url) and not any(is_repository(url, name) for name in names):
            yield Remark(project.id, named, f"its own page names another repository: {shown(url)}")


def _place(source: str, name: str) -> tuple[str, str] | None:
    """Registry and package as ecosyste.ms names them; None for a source that is none of its registries."""
    for registry, (key, called) in REGISTRIES.items():
        before, _, behind = called("\0").partition("\0")
        if key == source and name.startswith(before):
            whole = "." in registry and registry not in _WITHOUT_ORG
            package = name[len(before) :].removesuffix(behind)
            if source == "docker" and "/" not in package:
                package = f"library/{package}"
            return registry if whole else f"{registry}.org", quote(package, safe="@")
    return None
