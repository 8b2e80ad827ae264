"""A project that somebody proposes in an issue: checked, and answered with what is wrong or with an entry.

It goes in two halves. `judge` reads and asks, with a token that may write nothing, and gives a verdict. `take` writes
the entry of a verdict into `projects.yaml`, in a job that may write, and trusts the verdict no further than that it is
one entry, for the repository and of the words that the issue itself says. The text of an issue comes from the file of
its event alone; it is never part of a command.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from groundswell import (
    additions,
    addresses,
    card_text,
    config,
    discover,
    existence,
    form,
    preview,
    preview_text,
    sources,
)
from groundswell.config import ConfigError
from groundswell.config_shape import DEFAULT_CATEGORY, REPOSITORY, folded
from groundswell.discover import Found, NobodyAnswered, Package, quoted
from groundswell.existence import Standing
from groundswell.form import Wish, WrongForm
from groundswell.gather import outside
from groundswell.http import Door
from groundswell.markdown import block, bounded, bullets, code, plain
from groundswell.models import GroundswellError, Naming, Project
from groundswell.preview import Change, Seen, Sources

MOST_BYTES: Final = 5_000_000  # of an event's file
LONGEST_TEXT: Final = 12_000  # bytes of a verdict's text; it goes from job to job in a variable of the environment
MOST_LINES: Final = 60  # of an entry
LONGEST_LINE: Final = 1_000
AT_HOME: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})  # who may have several proposals open
NOT_READABLE: Final = (
    "Nothing can be added to the list of this tracker, which is wrong itself. Its owner must mend it first:"
)


SPARED_NOW: Final = "is left to the tracker's own run for the rest of this hour"


class Outcome(StrEnum):
    """What became of a proposal."""

    WRONG = "wrong"
    TRACKED = "tracked"  # already
    WAITING = "waiting"  # the same person has another one open, or GitHub cannot be asked now
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first half's word to the second."""

    number: int  # of the issue
    outcome: Outcome
    repository: str = ""  # as GitHub writes it now
    lines: tuple[str, ...] = ()  # of the entry, its dash in column 0
    text: str = ""  # Markdown: the answer, or what the entry brings


class NoProposal(GroundswellError):
    """The event is not one of an issue that proposes a project."""


class BadVerdict(GroundswellError):
    """A verdict is not one that the issue can have led to."""


# --- The event -------------------------------------------------------------------------------------------------------


class _Person(BaseModel):
    login: str = Field(max_length=100)


class _Issue(BaseModel):
    number: int = Field(gt=0)
    body: str | None = None
    user: _Person
    author_association: str = ""
    pull_request: object = None


class _Event(BaseModel):
    issue: _Issue


@dataclass(frozen=True, slots=True)
class Issue:
    """What is read of an issue. Its text is from outside."""

    number: int
    body: str
    author: str
    at_home: bool  # the author belongs to the tracker


_EVENT: Final = TypeAdapter(_Event)


def read_event(path: Path) -> Issue:
    """The issue that an event is about. Raises NoProposal."""
    if path.stat().st_size > MOST_BYTES:
        raise NoProposal("the event is larger than any of an issue's")
    try:
        issue = _EVENT.validate_json(path.read_bytes()).issue
    except ValidationError:
        raise NoProposal("the event is not one of an issue") from None
    if issue.pull_request is not None:
        raise NoProposal("the event is one of a pull request")
    return Issue(issue.number, issue.body or "", issue.user.login, issue.author_association in AT_HOME)


# --- The first half --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desk:
    """What a proposal is judged with."""

    projects: Path
    sources: Sources
    load: Callable[[Path], config.Config]  # the list, with all of its rules
    stand_in: str | None
    today: dt.date
    others: Callable[[str], Sequence[int]]  # person → the open proposals of theirs, by number

    @property
    def namings(self) -> Mapping[str, Naming]:
        """What may be named."""
        return sources.namings(self.sources)


def judge(issue: Issue, desk: Desk) -> Verdict:
    """Look at a proposal, ask for what it names, and say what is to be answered."""
    try:
        wish = form.read(issue.body, desk.namings)
        tracked = additions.tracked(desk.projects, desk.namings)
    except WrongForm as wrong:
        return Verdict(issue.number, Outcome.WRONG, text=_mend(wrong.faults))
    except ConfigError as error:
        return Verdict(issue.number, Outcome.WRONG, text=_list(NOT_READABLE, map(plain, map(str, error.mistakes))))
    if (earlier := None if issue.at_home else _earlier(issue, desk)) is not None:
        text = (
            f"You have another proposal open, #{earlier}. When it is closed, edit the text above, and it is looked at."
        )
        return Verdict(issue.number, Outcome.WAITING, text=text)
    with TemporaryDirectory() as scratch:
        return _judged(issue, wish, tracked, desk, Path(scratch))


def _earlier(issue: Issue, desk: Desk) -> int | None:
    return min((number for number in desk.others(issue.author) if number < issue.number), default=None)


def _judged(issue: Issue, wish: Wish, tracked: Sequence[Project], desk: Desk, scratch: Path) -> Verdict:
    door = Door(outside(config.Tracker(), desk.sources, desk.stand_in, minutes=preview.MINUTES))
    asked = Project(wish.repository, "", "")
    spared = existence.is_spared(door)
    standing = Standing(None, None, SPARED_NOW) if spared else existence.standings([asked], door)[asked.id]
    now = standing.name
    if now is not None and re.fullmatch(REPOSITORY, now):
        wish = replace(wish, repository=now)  # as GitHub writes it, also after a rename
    if (
        known := next((one.id for one in tracked if one.id.casefold() == wish.repository.casefold()), None)
    ) is not None:
        return Verdict(issue.number, Outcome.TRACKED, known, text=_tracked_already(known, _site(desk)))
    if standing.why:
        text = f"This could not be looked at just now: GitHub {plain(standing.why)}. Edit the text above in an hour."
        return Verdict(issue.number, Outcome.WAITING, wish.repository, text=text)
    found, notes = _packages(wish, tracked, desk, door)
    door.close()
    try:
        seen = _look(wish, found, desk, scratch / "first")
        if doubtful := _not_there(seen, wish):
            found = _in_doubt(found, doubtful)
            seen = _look(wish, found, desk, scratch / "second")
    except ConfigError as error:
        return Verdict(issue.number, Outcome.WRONG, wish.repository, text=_mend(_about_entry(error)))
    wrong = [one for one in seen.remarks if one.mistake]
    if wrong:
        return Verdict(issue.number, Outcome.WRONG, wish.repository, text=_mend(map(_remark, wrong)))
    text = bounded(_brings(seen, [*notes, *seen.notes], desk), LONGEST_TEXT)
    return Verdict(issue.number, Outcome.ACCEPTED, wish.repository, tuple(entry(wish, found)), text)


def _site(desk: Desk) -> str | None:
    """The address of the site, where the list can be used and tells it."""
    try:
        return desk.load(desk.projects).tracker.address
    except ConfigError:
        return None


def _packages(wish: Wish, tracked: Sequence[Project], desk: Desk, door: Door) -> tuple[Found, list[str]]:
    """The packages that are named, or else those that the repository is known to publish."""
    if wish.packages:
        named = (Package(key, name, (0, 0, 0), "") for key, names in wish.packages.items() for name in names)
        return Found(wish.repository, tuple(named), {}, ()), []
    taken = {
        (key, folded(name)): one.id for one in tracked for key, names in one.targets.items() for name in names if name
    }
    try:
        found = discover.find(wish.repository, door, form.namings_here(desk.namings), taken)
    except NobodyAnswered as error:
        return Found(wish.repository, (), {}, ()), [f"Its packages could not be looked up: {error}."]
    return found, list(found.warnings)


def entry(wish: Wish, found: Found) -> list[str]:
    """The lines of the entry, its dash in column 0."""
    first, *rest = discover.entry(found)
    words = [f"  category: {quoted(wish.category)}"] if wish.category else []
    words += [f"  tags: [{', '.join(map(quoted, wish.tags))}]"] if wish.tags else []
    return [first, *words, *rest]


def _look(wish: Wish, found: Found, desk: Desk, scratch: Path) -> Seen:
    """Look ahead at the list with the entry in it. Raises ConfigError when it cannot stand there."""
    scratch.mkdir()
    changed = scratch / desk.projects.name
    shutil.copyfile(desk.projects, changed)
    additions.add(changed, entry(wish, found), desk.namings)
    change = Change(changed, desk.load(changed), desk.projects)
    return preview.look(change, desk.sources, desk.stand_in, desk.today, scratch / "history")


def _not_there(seen: Seen, wish: Wish) -> Mapping[tuple[str, str], str]:
    """Packages that were looked up, and that their registry does not have: nobody asked for them by name."""
    if wish.packages:
        return {}
    return {one.named: one.text for one in seen.remarks if one.mistake and one.named is not None}


def _in_doubt(found: Found, doubtful: Mapping[tuple[str, str], str]) -> Found:
    packages = (replace(one, doubt=doubtful.get((one.source, one.name), one.doubt)) for one in found.packages)
    return replace(found, packages=tuple(packages))


# --- What is said ----------------------------------------------------------------------------------------------------


def _mend(faults: Iterable[str]) -> str:
    said = _list("This cannot be added yet:", faults)
    return f"{said}\n\nEdit the text above (⋯ → Edit), and it is looked at again."


def _list(title: str, lines: Iterable[str]) -> str:
    return bounded(f"{title}\n\n{bullets(lines, MOST_LINES)}", LONGEST_TEXT)


def _about_entry(error: ConfigError) -> list[str]:
    return [plain(one.text) for one in error.mistakes]


def _remark(remark: existence.Remark) -> str:
    about = f"{remark.named[0]} {code(remark.named[1])}: " if remark.named else f"{code(remark.project)}: "
    return about + plain(remark.text)


def _tracked_already(project: str, address: str | None) -> str:
    where = f": {address}/{addresses.project_page(project)}" if address else ""
    return f"{code(project)} is tracked already{where}. You may close this; to change its entry, open a pull request."


def _brings(seen: Seen, notes: Sequence[str], desk: Desk) -> str:
    parts = []
    if warnings := [_remark(one) for one in seen.remarks if not one.mistake]:
        parts.append(_list("To be looked at:", warnings))
    if notes:
        parts.append("\n".join(f"- {plain(note)}" for note in notes))
    around = preview_text.setting(config.Tracker(), desk.sources, desk.today)
    parts += [card_text.card_text(card, around) for card in seen.cards]
    return "\n\n".join(parts)


# --- From job to job -------------------------------------------------------------------------------------------------


class _Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int = Field(gt=0)
    outcome: Outcome
    repository: str = Field(max_length=200)
    lines: list[str] = Field(max_length=MOST_LINES)
    text: str = Field(max_length=LONGEST_TEXT + 200)


_VERDICT: Final = TypeAdapter(_Verdict)


def packed(verdict: Verdict) -> str:
    """A verdict on one line of plain letters."""
    return json.dumps(asdict(verdict), ensure_ascii=True)


def unpacked(text: str) -> Verdict:
    """The verdict again. Raises BadVerdict for anything else."""
    try:
        found = _VERDICT.validate_json(text)
    except ValidationError:
        raise BadVerdict("the first job handed over something that is no verdict") from None
    return Verdict(found.number, found.outcome, found.repository, tuple(found.lines), found.text)


# --- The second half -------------------------------------------------------------------------------------------------


def take(issue: Issue, verdict: Verdict, projects: Path, namings: Mapping[str, Naming], door: Door) -> None:
    """Write the entry of an accepted verdict into the list. GitHub is asked only when the name is another one now.

    Raises BadVerdict, and writes nothing, when the entry is not one of the words that the issue says; ConfigError when
    the list has changed so that it cannot stand there any more.
    """
    _check(issue, verdict, namings, door)
    additions.add(projects, verdict.lines, namings)


def _check(issue: Issue, verdict: Verdict, namings: Mapping[str, Naming], door: Door) -> None:
    if verdict.outcome is not Outcome.ACCEPTED or verdict.number != issue.number:
        raise BadVerdict("the verdict is not that this issue is accepted")
    try:
        wish = form.read(issue.body, namings)
    except WrongForm:
        raise BadVerdict("the issue is not one that can be accepted") from None
    if any(len(line) > LONGEST_LINE or not line.isprintable() for line in verdict.lines):
        raise BadVerdict("the entry has a line that cannot stand in the list")
    project = _alone(verdict.lines, namings)
    if project.id.casefold() != wish.repository.casefold():
        asked = Project(wish.repository, "", "")
        if existence.standings([asked], door)[asked.id].name != project.id:
            raise BadVerdict("the entry is of another repository than the issue")
    if project.figures or project.events or project.name != project.id.partition("/")[2]:
        raise BadVerdict("the entry says more than a form can")
    named = {key: set(names) for key, names in project.targets.items() if key != "github"}
    if not named.keys() <= form.namings_here(namings).keys():
        raise BadVerdict("the entry names a source that a form cannot")
    if wish.packages and named != {key: set(names) for key, names in wish.packages.items()}:
        raise BadVerdict("the entry names other packages than the issue")
    if project.category != (wish.category or DEFAULT_CATEGORY) or project.tags != wish.tags:
        raise BadVerdict("the entry has other words than the issue")


def _alone(lines: Sequence[str], namings: Mapping[str, Naming]) -> Project:
    """The one project of an entry."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "entry.yaml"
        path.write_text("\n".join(["projects:", *(f"  {line}" for line in lines), ""]), encoding="utf-8")
        try:
            loaded = config.load(path, namings)
        except ConfigError:
            raise BadVerdict("the entry is none") from None
        keys = yaml.safe_load(path.read_text(encoding="utf-8")).keys()
    if len(loaded.projects) != 1 or loaded.mistakes or keys != {"projects"}:
        raise BadVerdict("the entry is not one project")
    return loaded.projects[0]


def entry_text(verdict: Verdict) -> str:
    """The entry, to be copied."""
    return block([f"  {line}" for line in verdict.lines], "yaml")
