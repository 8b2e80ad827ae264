"""Histories of older formats are brought up to today's, step by step, before anything else reads them.

The README of a history says the format of all its files. What the steps make of them is first written whole into a
folder beside them, `.format-2.new`; that it is called `.format-2` from then on decides it; then each file takes its
place, the README last. A run that is ended at any moment leaves the history as it was, or one that the next run brings
to its end. On the branch `data` the old one stays reachable: it is the commit before.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from groundswell import VERSION, gate, history
from groundswell.history import FORMAT, README, BrokenHistory
from groundswell.models import GroundswellError

_SAYS: Final = re.compile(r"^Format (\d{1,4})\b", re.MULTILINE)
_STAGED: Final = re.compile(r"\.format-(\d{1,4})(\.new)?")
_NOTES: Final = ("*__*.json", f"{history.MARKET}.json")


class NewerHistory(GroundswellError):
    """A later version has written this history. Nothing of it is read or written."""


@dataclass(frozen=True, slots=True)
class Migration:
    """What a format changes in one kind of file. A file that has its new form already stays as it is."""

    to: int  # the format that this leads to, from the one before
    files: tuple[str, ...]  # patterns of their names
    what: str  # as a sentence, for the person who watches the run
    why: str
    change: Callable[
        [str], str
    ]  # of a file's text; ValueError, TypeError, KeyError or AttributeError: it has not the old form


def bring_up(directory: Path) -> tuple[Migration, ...]:
    """Bring a history to today's format, whole or not at all. Gives the steps that were taken.

    Raises NewerHistory for one that a later version has written, and BrokenHistory when a file cannot be brought up:
    then nothing is written.
    """
    if not directory.is_dir():
        return ()
    formats = {*_formats(directory), *(number for number, _ in _staged(directory))}
    if formats and max(formats) > FORMAT:
        raise NewerHistory(
            f"The history in {directory} has format {max(formats)}: a later version of Groundswell has written it, and "
            f"this one ({VERSION}) reads formats up to {FORMAT}. Take that version in again, as docs/forking.md says, "
            "or go on from a commit of the branch data that is old enough. Nothing was read or written."
        )
    _finish(directory)
    formats = set(_formats(directory))
    due = tuple(step for step in MIGRATIONS if formats and step.to > min(formats))
    if due:
        _finish_with(directory, _changed(directory, due))
    return due


def _formats(directory: Path) -> Iterator[int]:
    """Every format that a file of the history says it has. A README that was edited, or is not there, says none."""
    readme = directory / "README.md"
    said = _SAYS.search(readme.read_text(encoding="utf-8", errors="replace")) if readme.is_file() else None
    if said is not None:
        yield int(said[1])
    for path in _files(directory, _NOTES):
        try:
            notes = json.loads(path.read_bytes())
        except ValueError:
            continue  # whoever loads it says what is wrong with it
        if isinstance(notes, dict) and isinstance(notes.get("format"), int):
            yield notes["format"]


def _files(directory: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in directory.glob(pattern) if path.is_file()})


def _changed(directory: Path, due: Iterable[Migration]) -> dict[str, str]:
    """Name → the new text of every file that a step changes."""
    texts: dict[str, str] = {}
    for step in due:
        for path in _files(directory, step.files):
            name = path.relative_to(directory).as_posix()
            try:  # what a step meets may be anything
                texts[name] = step.change(texts[name] if name in texts else path.read_text(encoding="utf-8"))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise BrokenHistory(
                    f"{path} cannot be brought to format {step.to} ({error!r}). Bring it back from an earlier commit "
                    "of the branch data, or remove it. Nothing was written."
                ) from None
    return texts


# --- Whole or not at all ---------------------------------------------------------------------------------------------


def _staged(directory: Path) -> list[tuple[int, Path]]:
    """Folders of an earlier run that was ended while it brought the history up."""
    found = ((_STAGED.fullmatch(path.name), path) for path in sorted(directory.iterdir()))
    return [(int(name[1]), path) for name, path in found if name is not None and path.is_dir()]


def _finish_with(directory: Path, texts: dict[str, str]) -> None:
    fresh = directory / f".format-{FORMAT}.new"
    for name, text in {**texts, "README.md": README}.items():
        place = fresh / name
        place.parent.mkdir(parents=True, exist_ok=True)
        history.write_whole(place, text)
    for name in texts:
        _must_load(fresh, name)
    fresh.replace(directory / f".format-{FORMAT}")
    _finish(directory)


def _must_load(fresh: Path, name: str) -> None:
    """What was made must be what today's program reads; a step that makes something else changes nothing."""
    if name == gate.FILE:
        gate.load(fresh)
    elif "/" not in name:
        history.load(fresh, Path(name).stem)


def _finish(directory: Path) -> None:
    """Bring to its end what a run that was ended had decided, and forget what it had not."""
    for _, staged in _staged(directory):
        if staged.suffix == ".new":
            shutil.rmtree(staged)
            continue
        files = sorted(path for path in staged.rglob("*") if path.is_file())
        for path in sorted(files, key=lambda path: path.name == "README.md"):
            path.replace(directory / path.relative_to(staged))
        shutil.rmtree(staged)


# --- The steps -------------------------------------------------------------------------------------------------------


def _lower_bounds(text: str) -> str:
    notes = json.loads(text)
    if notes["format"] >= 2:
        return text
    bounds = {name: [days] if isinstance(days, str) else days for name, days in notes.get("at_least", {}).items()}
    return _json({**notes, "at_least": bounds, "format": 2})


def _best_of_weeks(text: str) -> str:
    published = json.loads(text)
    if published["format"] >= 2:
        return text
    projects = {name: {**shown, "lost": {}, "jumped": None} for name, shown in published["projects"].items()}
    return _json({"as_of": published["as_of"], "names": published["metrics"], "projects": projects, "format": 2})


def _json(whole: Any) -> str:
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


MIGRATIONS: Final = (
    Migration(
        2,
        _NOTES,
        "every lower bound has its own day",
        "one day for a column lost the bounds before it, and growth was taken from them; some histories of format 1 "
        "have one day and some have a list",
        _lower_bounds,
    ),
    Migration(
        2,
        (gate.FILE,),
        "what was published is remembered signal by signal, with the last day of what was lost",
        "a decay whose every step is small crept past the gate; today's gate could not read what format 1 kept, and "
        "stopped every run",
        _best_of_weeks,
    ),
)
