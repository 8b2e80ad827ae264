"""Tracker files: the text of a `projects.yaml` that names invented projects."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from sandbox import figures, hosts
from sandbox.entry import Entry, Event
from sandbox.gallery import DESCRIPTION, NOTICE, PROJECTS, TITLE, TODAY
from sandbox.model import DAY_ZERO
from sandbox.places import PLACES

FILE: Final = Path(__file__).parent / "projects.yaml"
HEAD: Final = "# The invented projects of sandbox/gallery.py; `python -m sandbox.tracker` writes this file.\n"


def text(entries: Sequence[Entry], title: str = TITLE, description: str = DESCRIPTION) -> str:
    """A tracker file that names these projects, those that were renamed by their former name."""
    lines = ["tracker:", f"  title: {_quoted(title)}", f"  description: {_quoted(description)}", "  license: CC-BY-4.0"]
    lines += [f"  notice: {_quoted(NOTICE)}", "", "projects:"]
    added = hosts.targets(hosts.load())
    for entry in entries:
        lines += _entry(entry, added.get(entry.repository, {}))
    return "\n".join(lines) + "\n"


def _entry(entry: Entry, added: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield f"  - github: {entry.listed}"
    yield f"    name: {_quoted(entry.name)}"
    yield f"    category: {_quoted(entry.category)}"
    if entry.tags:
        yield f"    tags: [{', '.join(map(_quoted, entry.tags))}]"
    packages = {"pypi": entry.pypi, "npm": entry.npm}
    places = {key: tuple(package.name for package in named) for key, named in packages.items()}
    for key, names in (places | dict(PLACES.get(entry.repository, {})) | dict(added)).items():
        quoted = [_quoted(name) for name in names]
        if quoted:
            yield f"    {key}: {quoted[0] if len(quoted) == 1 else '[' + ', '.join(quoted) + ']'}"
    if entry.events:
        yield "    events:"
        for event in entry.events:
            yield from _event(event)
    yield from figures.lines(entry.figures)


def _event(event: Event) -> Iterator[str]:
    yield f"      - day: {dt.date.fromordinal(DAY_ZERO + event.day)}"
    yield f"        title: {_quoted(event.title)}"
    if event.link:
        yield f"        link: {_quoted(event.link)}"


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # every JSON string is a YAML string


if __name__ == "__main__":
    FILE.write_text(HEAD + text(PROJECTS), encoding="utf-8")
    for place, table in figures.files(PROJECTS, TODAY).items():
        (FILE.parent / place).write_text(table, encoding="utf-8")
