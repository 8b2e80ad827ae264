"""ecosyste.ms: how many repositories and packages depend on a package, for any registry that it follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "ecosyste.ms"
NAMING = Naming(
    r"[a-z0-9][a-z0-9.-]{0,60}/[A-Za-z0-9@_~][A-Za-z0-9@_~:./+-]{0,213}",
    "pypi/polars",
    "a package with its registry before it, as packages.ecosyste.ms names them",
)
_DOCS: Final = "https://packages.ecosyste.ms/docs"
_CREDIT: Final = "packages.ecosyste.ms, CC BY-SA 4.0"
SIGNALS = (
    Signal(
        "dependent_repositories",
        Kind.STOCK,
        "repositories",
        lag=0,
        backfill="none",
        docs=_DOCS,
        caveat="Public repositories alone, forks and abandoned ones among them, counted anew about once a month.",
        credit=_CREDIT,
    ),
    Signal(
        "dependent_packages",
        Kind.STOCK,
        "packages",
        lag=0,
        backfill="none",
        docs=_DOCS,
        caveat="Packages of the same registry alone, whether anybody uses them or not.",
        credit=_CREDIT,
    ),
)
PACE = {"packages.ecosyste.ms": 1.0}

PACKAGE: Final = "https://packages.ecosyste.ms/api/v1/registries/{}/packages/{}"
LARGE: Final = 20  # a level from which nobody falls to exactly 0 overnight


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a package, unless today's levels are there already."""
    for ask in asks:
        if all(ask.newest.get(signal.key) == today for signal in SIGNALS):
            yield Answer("ecosystems", ask.project, ask.target, ())
            continue
        registry, _, package = ask.target.partition("/")
        try:
            levels = parse(door.json(PACKAGE.format(_named(registry), quote(package, safe="@"))))
        except Unanswered as error:
            yield Failure("ecosystems", ask.project, ask.target, str(error))
        else:
            yield from _outcomes(ask, levels, today)


def _outcomes(ask: Ask, levels: Mapping[str, int | None], today: dt.date) -> Iterator[Answer | Failure]:
    reasons = {key: reason for key, level in levels.items() if (reason := _unusable(level, ask.state.get(key)))}
    usable = {key: level for key, level in levels.items() if level is not None and key not in reasons}
    if usable:  # each level is noted too: against it the next one is held
        observations = tuple(Observation(key, today, level) for key, level in usable.items())
        yield Answer("ecosystems", ask.project, ask.target, observations, state=usable)
    for key, reason in reasons.items():
        yield Failure("ecosystems", ask.project, ask.target, reason, signals=(key,))


def _unusable(level: int | None, before: object) -> str | None:
    if level is None:
        return "does not count this for the package's registry"
    if level == 0 and isinstance(before, int) and before >= LARGE:
        return f"gave 0 where there were {before} before"
    return None


_Level = Annotated[int, Field(strict=True, ge=0)]


def _named(registry: str) -> str:
    """A registry as ecosyste.ms names it, by its host; the ending .org may be left out."""
    return registry if "." in registry else f"{registry}.org"


class _Package(BaseModel):
    name: str
    dependent_repos_count: _Level | None
    dependent_packages_count: _Level | None


_PACKAGE: Final = TypeAdapter(_Package)


def parse(answer: object) -> Mapping[str, int | None]:
    """Signal → level; None where the answer has `null`. Raises Broken."""
    package = shaped(_PACKAGE, answer)
    return {
        "dependent_repositories": package.dependent_repos_count,
        "dependent_packages": package.dependent_packages_count,
    }
