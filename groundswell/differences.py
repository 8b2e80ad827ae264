"""What a change of `projects.yaml` brings, and on which line it stands: projects, and what is named for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell.config_shape import folded
from groundswell.config_yaml import Page
from groundswell.models import Project

Named = tuple[str, str]  # a source's key, and what is named for it
_TOLD: Final[Mapping[str, str]] = {  # attribute of a project → what it is called in the file
    "id": "the spelling of its repository",
    "name": "its name",
    "category": "its category",
    "tags": "its tags",
    "events": "its events",
    "figures": "its own figures",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """A project that was there before and is another now."""

    before: Project
    after: Project

    @property
    def added(self) -> tuple[Named, ...]:
        """What is named for it anew."""
        return _beyond(self.after, self.before)

    @property
    def removed(self) -> tuple[Named, ...]:
        """What is no longer named for it."""
        return _beyond(self.before, self.after)

    @property
    def others(self) -> tuple[str, ...]:
        """What else of it changed, in words."""
        return tuple(words for name, words in _TOLD.items() if getattr(self.before, name) != getattr(self.after, name))


@dataclass(frozen=True, slots=True)
class Differences:
    """What a list of projects has that another had not, and the other way round."""

    added: tuple[Project, ...]
    removed: tuple[Project, ...]
    changed: tuple[Changed, ...]

    @property
    def touched(self) -> tuple[Project, ...]:
        """Projects that were there before, and of which there is more to be read now."""
        return tuple(one.after for one in self.changed if one.added or one.before.figures != one.after.figures)

    @property
    def new_targets(self) -> tuple[tuple[Project, Named], ...]:
        """What is named anew, with the project that it is named for: of the new projects first."""
        fresh = [(project, named) for project in self.added for named in named_for(project)]
        return (*fresh, *((one.after, named) for one in self.changed for named in one.added))


def between(before: Sequence[Project], after: Sequence[Project]) -> Differences:
    """What leads from one list to the other. A project is known by its repository, in whatever case it is written."""
    old = {project.id.casefold(): project for project in before}
    new = {project.id.casefold(): project for project in after}
    return Differences(
        added=tuple(project for key, project in new.items() if key not in old),
        removed=tuple(project for key, project in old.items() if key not in new),
        changed=tuple(Changed(old[key], project) for key, project in new.items() if key in old and project != old[key]),
    )


def named_for(project: Project) -> list[Named]:
    """All that is named for a project, its repository left out: that one is what it is known by."""
    return [(key, name) for key, names in project.targets.items() for name in names if name and key != "github"]


def line_of(page: Page, project: str, named: Named | None = None) -> int:
    """The line of a project's repository in the file, or of what is named for it; 0 when it does not stand there."""
    value = page.value.get("projects") if isinstance(page.value, dict) else None
    for index, entry in enumerate(value if isinstance(value, list) else []):
        if not isinstance(entry, dict) or str(entry.get("github", "")).casefold() != project.casefold():
            continue
        if named is None:
            return page.line(("projects", index, "github"))
        key, name = named
        given = entry.get(key)
        place = next((n for n, one in enumerate(given) if one == name), None) if isinstance(given, list) else None
        return page.line(("projects", index, key) if place is None else ("projects", index, key, place))
    return 0


def _beyond(one: Project, other: Project) -> tuple[Named, ...]:
    known = {(key, folded(name)) for key, name in named_for(other)}
    return tuple((key, name) for key, name in named_for(one) if (key, folded(name)) not in known)
