"""Collect into the history: every answer is kept at once, so that a run that is ended early loses nothing it read."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from groundswell import VERSION, collect, corrections, history, sources
from groundswell.config import Tracker
from groundswell.http import Door, Outside
from groundswell.models import OWN, Ask, Correction, Failure, Project, SourceModule
from groundswell.tokens import App


@dataclass(frozen=True, slots=True)
class Gathered:
    """What became of the asking."""

    asked: Mapping[str, int]  # source → targets that it was asked for, those without anything due left out
    failures: tuple[Failure, ...]
    answered: int = 0  # answers with something in them; that a repository is gone is one too
    corrections: tuple[Correction, ...] = ()  # of what was known of days gone by

    @property
    def reached(self) -> bool:
        """Whether anybody outside answered; true also when nobody failed, because nothing was due."""
        return self.answered > 0 or all(failure.deferred or failure.source == OWN for failure in self.failures)


def plan(
    projects: Sequence[Project], all_sources: Mapping[str, SourceModule], books: Mapping[str, history.History]
) -> Mapping[str, Sequence[Ask]]:
    """Source → what it is to be asked for, with what the history knows of each.

    Where somebody keeps the history of whole registries, each that a project names is asked for its total too: last, so
    that a total that fails costs no project its answer.
    """

    def known(project: Project, key: str, target: str) -> Ask:
        return history.known(books[project.id], key, target, [signal.key for signal in all_sources[key].SIGNALS])

    asks = collect.plan(projects, all_sources, known)
    if history.MARKET in books:
        for key, signals in sources.markets(all_sources).items():
            if asks[key]:
                asks[key].append(history.known(books[history.MARKET], key, "", signals))
    return asks


def outside(
    tracker: Tracker,
    all_sources: Mapping[str, SourceModule],
    stand_in: str | None,
    *,
    asks: Mapping[str, Sequence[Ask]] | None = None,
    beside: Mapping[str, Sequence[Ask]] | None = None,
    machine: int = 1,
    machines: int = 1,
    minutes: float | None = None,
) -> Outside:
    """How this run goes outside: under the tracker's own address, with the contact and tokens of its environment.

    `asks` is what it asks, and `beside` what other machines ask in the same run, `machines` with this one.
    """
    repository = os.environ.get("GITHUB_REPOSITORY") or tracker.repository
    address = tracker.address or (f"https://github.com/{repository}" if repository else None)
    return Outside(
        f"groundswell/{VERSION}" + (f" (+{address})" if address else ""),
        os.environ.get("GITHUB_TOKEN") or None,
        sources.paces(all_sources),
        stand_in,
        minutes=minutes,
        contact=_contact(),
        owner=repository.partition("/")[0] if repository else None,
        owners_token=os.environ.get("TRAFFIC_TOKEN") or None,
        pages={key: sum(map(_pages, (*wanted, *(beside or {}).get(key, ())))) for key, wanted in (asks or {}).items()},
        beside=beside or {},
        machine=machine,
        machines=machines,
        tokens=tuple(filter(None, map(str.strip, os.environ.get("TOKENS", "").splitlines()))),
        app=_app(repository),
    )


def _pages(ask: Ask) -> int:
    noted = ask.state.get("pages")
    return noted if isinstance(noted, int) and noted > 0 else 1


def _app(repository: str | None) -> App | None:
    """The GitHub App that the environment names, installed where the tracker is."""
    number, key = os.environ.get("APP_ID"), os.environ.get("APP_PRIVATE_KEY")
    return App(number.strip(), key, repository) if number and key and repository else None


def _contact() -> str | None:
    """An e-mail address for the hosts that want one: what is set, else the one that GitHub has for the owner."""
    owner = os.environ.get("GITHUB_REPOSITORY_OWNER")
    given = os.environ.get("CONTACT") or os.environ.get("SEC_CONTACT")
    return given or (f"{owner}@users.noreply.github.com" if owner else None)


def gather(
    asks: Mapping[str, Sequence[Ask]],
    books: MutableMapping[str, history.History],
    all_sources: Mapping[str, SourceModule],
    door: Door,
    folder: Path,
    today: dt.date,
    advance: Callable[[int], None],
) -> Gathered:
    """Ask the sources; put each answer into its project's book and save that book before the next one is taken.

    What became of a registry's total is kept in its book and counts nowhere else: it is no target of a project.
    """
    failures: list[Failure] = []
    answered = 0
    corrected: list[Correction] = []
    heard: set[tuple[str, str, str]] = set()
    left = {(key, ask.project, ask.target) for key, wanted in asks.items() for ask in wanted}
    for outcome in collect.collect(asks, all_sources, door, today):
        found = () if isinstance(outcome, Failure) else corrections.find(books[outcome.project], outcome, today)
        book = history.append(books[outcome.project], outcome, today)
        books[outcome.project] = corrections.noted(book, found, today)
        corrected += found
        history.save(folder, books[outcome.project])
        if (place := (outcome.source, outcome.project, outcome.target)) in left:
            left.remove(place)
            advance(1)
        if outcome.project == history.MARKET:
            continue
        if isinstance(outcome, Failure):
            failures.append(outcome)
        told = (
            outcome.state is not None if isinstance(outcome, Failure) else bool(outcome.observations or outcome.facts)
        )
        answered += told and outcome.source != OWN  # which is not outside
        if told or isinstance(outcome, Failure):
            heard.add(place)
    return Gathered(Counter(source for source, _, _ in heard), tuple(failures), answered, tuple(corrected))
