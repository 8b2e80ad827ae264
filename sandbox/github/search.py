"""`search(type: ISSUE)`: how many issues or pull requests of one repository a search text finds.

Known qualifiers: repo, is, type, state, created. A former name of a repository finds nothing, as on GitHub.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sandbox.github.errors import GitHubError
from sandbox.model import SECONDS, moment
from sandbox.world import World

TICKETS: Final[Mapping[str, str]] = {"issue": "issues", "pr": "pulls", "pull-request": "pulls"}
STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "open": ("OPEN",),
    "closed": ("CLOSED", "MERGED"),
    "merged": ("MERGED",),
    "unmerged": ("OPEN", "CLOSED"),
}
LATEST: Final = 2**60
SPAN: Final = re.compile(r"(?P<before><=|>=|<|>)?(?P<first>[^.]+)(?:\.\.(?P<last>[^.]+))?")


@dataclass
class _Wanted:
    repository: str | None = None
    tickets: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=lambda: {"OPEN", "CLOSED", "MERGED"})
    start: int = 0
    stop: int = LATEST  # both belong to it


def repositories(text: str) -> frozenset[str]:
    """The repositories that a search text names, in lower case."""
    return frozenset(word[5:].strip('"').lower() for word in text.split() if word.startswith("repo:"))


def issue_count(world: World, text: str) -> int:
    """How many the search text finds. Raises GitHubError when it says something that is not known here."""
    wanted = _Wanted()
    for word in text.split():
        _qualify(wanted, word)
    if wanted.repository is None:
        raise GitHubError("SANDBOX", "the sandbox searches in one repository: say repo:owner/name")
    project = world.repository(wanted.repository, follow=False)
    if project is None:
        return 0
    total = 0
    for name in wanted.tickets or set(TICKETS.values()):
        tickets = project.series.issues if name == "issues" else project.series.pulls
        opened = tickets.opened[tickets.places(project.now, wanted.states)]
        total += int(((opened >= wanted.start) & (opened <= wanted.stop)).sum())
    return total


def _qualify(wanted: _Wanted, word: str) -> None:
    name, _, value = word.partition(":")
    value = value.strip('"')
    if name == "repo":
        wanted.repository = value
    elif name in ("is", "type") and value in TICKETS:
        wanted.tickets.add(TICKETS[value])
    elif name in ("is", "state") and value in STATES:
        wanted.states &= set(STATES[value])
    elif name == "created":
        wanted.start, wanted.stop = _span(value)
    else:
        raise GitHubError("SANDBOX", f"the sandbox does not know the search word {word!r}")


def _span(text: str) -> tuple[int, int]:
    parts = SPAN.fullmatch(text)
    if parts is None:
        raise GitHubError("SANDBOX", f"the sandbox does not know the span of time {text!r}")
    start, stop = _day(parts["first"])
    if parts["last"] is not None:
        return start, _day(parts["last"])[1]
    spans = {None: (start, stop), ">=": (start, LATEST), ">": (stop + 1, LATEST), "<=": (0, stop), "<": (0, start - 1)}
    return spans[parts["before"]]


def _day(text: str) -> tuple[int, int]:
    """The first and the last second of a day, or twice the same of a moment."""
    if text == "*":
        return 0, LATEST
    try:
        if len(text) == 10:
            start = moment(dt.date.fromisoformat(text).toordinal())
            return start, start + SECONDS - 1
        when = int(dt.datetime.fromisoformat(text).timestamp())
    except ValueError:
        raise GitHubError("SANDBOX", f"the sandbox does not know the day {text!r}") from None
    return when, when
