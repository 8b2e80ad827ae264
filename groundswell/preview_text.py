"""What a change of `projects.yaml` would bring, as Markdown: for the summary of a job, and for a pull request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from groundswell import card_text, sources, wording
from groundswell.config import Mistake, Tracker
from groundswell.differences import Changed, Differences, Named
from groundswell.markdown import bounded, bullets, code, plain
from groundswell.models import Project
from groundswell.pages.setting import Setting
from groundswell.preview import Change, Seen, Sources

MOST_LINES: Final = 50  # of a list
NOTICE: Final = "A look ahead at a change that is proposed. These pages are not published, and hold what is new alone."


def refused(mistakes: Sequence[Mistake]) -> str:
    """The summary of a list that cannot be used at all."""
    return bounded("\n\n".join(["## projects.yaml is wrong", _list(_said(mistakes))]) + "\n")


def summary(seen: Seen, change: Change, all_sources: Sources, today: dt.date) -> str:
    """All of it: what is wrong, what is to be looked at, what changes, and the cards."""
    return bounded("\n\n".join(_parts(seen, change, setting(change.tracked.tracker, all_sources, today))) + "\n")


def setting(tracker: Tracker, all_sources: Sources, today: dt.date) -> Setting:
    """What the cards are set in."""
    return Setting(ahead(tracker), today, sources.labels(all_sources), sources.signals(all_sources))


def ahead(tracker: Tracker) -> Tracker:
    """The tracker as pages say it that are at no address, and are not the tracker's own."""
    return replace(tracker, address=None, notice=NOTICE)


def _parts(seen: Seen, change: Change, around: Setting) -> Iterator[str]:
    yield f"## projects.yaml: {_title(seen)}"
    if seen.mistakes:
        yield f"### To be mended\n\n{_list(_said(seen.mistakes))}"
    if seen.warnings:
        yield f"### To be looked at\n\n{_list(_said(seen.warnings))}"
    if changes := list(_changes(seen.differences)):
        yield f"### What changes\n\n{_list(changes)}"
    if levels := list(_levels(change.tracked.projects)):
        yield f"### Levels that are shown\n\n{_list(levels)}"
    if seen.tables:
        parts = [f"{code(card.project.id)}:\n\n{card_text.own_figures(card)}" for card in seen.tables]
        yield "\n\n".join(["### Own figures that change", *parts])
    if seen.notes:
        yield _list(map(plain, seen.notes))
    if seen.cards:
        day = wording.date(around.as_of)
        yield f"First numbers, read on {day} for this look alone. The tracker's own run reads them again, and goes on."
    for card in seen.cards:
        yield card_text.card_text(card, around)


def _title(seen: Seen) -> str:
    differences = seen.differences
    parts = [
        f"{len(found)} {word}"
        for found, word in (
            (differences.added, "added"),
            (differences.removed, "removed"),
            (differences.changed, "changed"),
        )
        if found
    ]
    what = ", ".join(parts) or "the projects stay as they are"
    return f"{what}; {wording.several(len(seen.mistakes), 'mistake')}"


def _said(mistakes: Iterable[Mistake]) -> Iterator[str]:
    for one in mistakes:
        where = f"line {one.line}" if one.line else "in all"
        yield f"{code(one.file)}, {where}: {plain(f'{one.entry}: {one.text}' if one.entry else one.text)}"


def _changes(differences: Differences) -> Iterator[str]:
    for project in differences.added:
        named = [_name((key, name)) for key, names in project.targets.items() for name in names if name]
        yield f"new: {code(project.id)}{_with(named)}"
    for project in differences.removed:
        yield f"no longer tracked: {code(project.id)}. Its history is kept."
    yield from map(_changed, differences.changed)


def _changed(one: Changed) -> str:
    parts = [f"new: {_name(named)}" for named in one.added] + [f"gone: {_name(named)}" for named in one.removed]
    return f"changed: {code(one.after.id)}{_with([*parts, *one.others])}"


def _name(named: Named) -> str:
    return f"{named[0]} {code(named[1])}"


def _with(parts: Sequence[str]) -> str:
    return f", {wording.listing(parts, most=12)}" if parts else ""


def _levels(projects: Iterable[Project]) -> Iterator[str]:
    for project in projects:
        if keys := [figure.key for figure in project.figures if not figure.relative]:
            yield f"{code(project.id)}: its page shows the owner's own levels of {plain(wording.listing(keys, 20))}"


def _list(lines: Iterable[str]) -> str:
    return bullets(lines, MOST_LINES)
