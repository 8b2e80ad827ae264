"""What scenarios look at when it is over."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from typing import Final

from sandbox import gallery
from tests.rehearsal.copies import Copy
from tests.rehearsal.runs import Run

PUBLISH: Final = "publish.yml"
FILE: Final = f".github/workflows/{PUBLISH}"
PROJECT: Final = "generated-0001__invented-0001.csv"  # the second project, with a package on PyPI and one on npm
Rows = Mapping[str, Mapping[str, str]]  # day → column → value


def rows(data: Mapping[str, str], file: str = PROJECT) -> Rows:
    """A history, whole: every line has every cell, and no day comes twice or before an earlier one."""
    header, *lines = csv.reader(io.StringIO(data[file]))
    assert all(len(line) == len(header) for line in lines)
    days = [line[0] for line in lines]
    assert days == sorted(set(days))
    return {line[0]: dict(zip(header, line, strict=True)) for line in lines}


def whole(copy: Copy) -> Mapping[str, Rows]:
    """Every table of the branch `data`, each whole, and every JSON file beside them can be read."""
    data = copy.data
    for name, text in data.items():
        assert not name.rpartition("/")[2].startswith("."), f"{name} is what a run was just writing"
        if name.endswith(".json"):
            json.loads(text)
    return {name: rows(data, name) for name in data if name.endswith(".csv") and "__" in name}


def filled(tables: Mapping[str, Rows]) -> set[tuple[str, str, str, str]]:
    """Every value that is there: file, day, column, value."""
    return {
        (file, when, column, value)
        for file, table in tables.items()
        for when, cells in table.items()
        for column, value in cells.items()
        if value
    }


def values(copy: Copy) -> set[tuple[str, str, str, str]]:
    """Every value of a copy's history that was read."""
    return filled(whole(copy))


def day(number: int) -> str:
    """A day, counted from the sandbox's first."""
    return (gallery.TODAY + dt.timedelta(days=number)).isoformat()


def as_of(copy: Copy) -> str:
    """The day of the site that is published."""
    found: str = json.loads((copy.site / "data" / "scorecard.json").read_text())["as_of"]
    return found


def commits(copy: Copy) -> int:
    """How many times the history was pushed."""
    return int(copy.repository.git("rev-list", "--count", "data"))


def errors(run: Run) -> list[str]:
    """What a run marks as wrong."""
    return [one.message for one in run.annotations if one.level == "error"]


def by_schedule(copy: Copy) -> Run:
    """The run of a new day."""
    run = copy.schedule(PUBLISH)
    assert run is not None
    return run
