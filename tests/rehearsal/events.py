"""What happens in a repository, and which workflows it starts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.rehearsal.workflow import RehearsalError, Workflow

USUAL_TYPES: Final = {  # docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
    "pull_request": ("opened", "synchronize", "reopened"),
    "issues": None,  # any
    "workflow_dispatch": None,
    "schedule": None,
    "push": None,
}
FILTERS: Final = frozenset({"types", "branches", "branches-ignore", "paths", "paths-ignore", "inputs", "tags"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: what a run is started by, and what it then sees."""

    name: str
    ref: str  # "refs/heads/main", "refs/pull/7/merge"
    sha: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "octocat"
    changed: tuple[str, ...] = ()  # files, for the events that are filtered by path
    head_ref: str = ""
    base_ref: str = ""
    foreign: bool = False  # of a fork: no secret, and a token that only reads

    @property
    def action(self) -> str:
        """What of an issue or pull request: opened, edited…"""
        return str(self.payload.get("action", ""))


def starts(workflow: Workflow, event: Event) -> bool:
    """Whether an event starts a workflow. Raises RehearsalError for a filter that is not played."""
    if event.name not in workflow.on:
        return False
    filters = workflow.on[event.name]
    if event.name == "schedule":
        return any(one["cron"] == event.payload["schedule"] for one in filters)
    if unknown := set(filters) - FILTERS:
        raise RehearsalError(f"{workflow.file}: {event.name} with {', '.join(sorted(unknown))} is not played")
    types = filters.get("types", USUAL_TYPES[event.name])
    return (types is None or event.action in types) and _on_branch(filters, event) and _touching(filters, event)


def _on_branch(filters: Mapping[str, Any], event: Event) -> bool:
    """Whether branch or tag are among those wanted; who names only one kind does not want the other."""
    if event.ref.startswith("refs/tags/"):
        wanted = filters.get("tags", [] if "branches" in filters else ["**"])
        return _listed(event.ref.removeprefix("refs/tags/"), wanted)
    branch = event.base_ref or event.ref.removeprefix("refs/heads/")
    wanted = filters.get("branches", [] if "tags" in filters else ["**"])
    return _listed(branch, wanted) and not _listed(branch, filters.get("branches-ignore", []))


def _touching(filters: Mapping[str, Any], event: Event) -> bool:
    """Whether a file is among those wanted, and one is not among those that do not count."""
    wanted, ignored = filters.get("paths", ["**"]), filters.get("paths-ignore", [])
    if not {"paths", "paths-ignore"} & set(filters):
        return True
    return any(_listed(file, wanted) for file in event.changed) and not all(
        _listed(file, ignored) for file in event.changed
    )


def _listed(name: str, patterns: Sequence[str]) -> bool:
    """As GitHub reads filters: later patterns win, one with `!` takes away."""
    found = False
    for pattern in patterns:
        if re.fullmatch(_pattern(pattern.removeprefix("!")), name):
            found = not pattern.startswith("!")
    return found


def _pattern(text: str) -> str:
    if re.search(r"[?+\[\]\\]", text):
        raise RehearsalError(f"the filter pattern {text!r} is not played")
    return "".join({"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in _parts(text))


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"(\*\*/|\*\*|\*)", text) if part]
