"""Relative-only figures in whole runs: nothing that a run writes depends on a level, and nothing tells one.

The strongest of these facts is that of the first test: the same course at sevenfold height gives the same bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sandbox import figures
from sandbox.server import Sandbox, start
from tests import warm
from tests.owners import month_ends
from tests.test_own_index import fitting, reconstructed

ROOT = Path(__file__).parent.parent
TODAY = dt.date(2026, 11, 20)
PROJECT = "firstfrost/sproutling"
STEM = "firstfrost__sproutling"
ENTRY = f"""\
projects:
  - github: {PROJECT}
    name: Sproutling
    npm: sproutling
"""
OWN = """\
    figures:
      - {key: activated_accounts, from: figures/own.csv, publish: HOW}
      - {key: documentation_visits, from: figures/own.csv, column: docs, publish: HOW}
      - {key: revenue, from: "env:FIGURES_OF_SPROUTLING", unit: euros, publish: HOW}
      - {key: dau, from: "env:FIGURES_OF_SPROUTLING", publish: HOW}
      - {key: mau, from: "https://figures.brightlantern.example/community.csv", publish: HOW}
"""
LEVELS = {"activated_accounts": 48_213, "docs": 918_273, "revenue": 7_318_462_957, "dau": 2_718_281, "mau": 314_159}


def course(key: str, count: int, factor: int) -> list[int]:
    """Whole numbers that grow with some noise and end near the figure's level."""
    chance = np.random.default_rng(len(key))
    growth, noise = (0.10, 0.01) if count < 100 else (0.001, 0.002)  # a month, or a day
    steps = np.arange(1 - count, 1) * growth + noise * chance.normal(size=count)
    return [factor * round(LEVELS[key] * float(np.exp(step))) for step in steps]


def daily(factor: int, *keys: str) -> list[list[str]]:
    days = [TODAY - dt.timedelta(days=n) for n in range(300, -1, -1)]
    columns = [course(key, len(days), factor) for key in keys]
    return [["date", *keys], *([f"{day}", *map(str, row)] for day, *row in zip(days, *columns, strict=True))]


def monthly(factor: int, *keys: str) -> list[list[str]]:
    months = month_ends(TODAY, 26)
    columns = [course(key, len(months), factor) for key in keys]
    return [["date", *keys], *([f"{day}", *map(str, row)] for day, *row in zip(months, *columns, strict=True))]


def text(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


@dataclass
class Tables:
    """What the owner keeps in each of the three places."""

    file: str
    variable: str
    address: str

    @classmethod
    def of(cls, factor: int) -> Tables:
        return cls(
            text(daily(factor, "activated_accounts", "docs")),
            text(_with_dau(factor)),
            text(monthly(factor, "mau")),
        )

    @classmethod
    def corrected(cls, factor: int) -> Tables:
        """The same with a month in each table that turned out to be half as large again."""
        tables = cls.of(factor)
        return cls(*(_corrected(table) for table in (tables.file, tables.variable, tables.address)))

    def broken(self, cell: str) -> Tables:
        """The same with a cell that is no number in each table."""
        return Tables(*(_broken(table, cell) for table in (self.file, self.variable, self.address)))


def _with_dau(factor: int) -> list[list[str]]:
    revenue = {row[0]: row[1] for row in monthly(factor, "revenue")[1:]}
    rows = daily(factor, "dau")[1:]
    there = {row[0] for row in rows}
    earlier = [[day, amount, ""] for day, amount in revenue.items() if day not in there]
    return [["date", "revenue", "dau"], *earlier, *([day, revenue.get(day, ""), dau] for day, dau in rows)]


def _corrected(table: str) -> str:
    rows = [line.split(",") for line in table.splitlines()]
    rows[-20] = [rows[-20][0], *(str(3 * int(cell) // 2) if cell else "" for cell in rows[-20][1:])]
    return text(rows)


def _broken(table: str, cell: str) -> str:
    rows = [line.split(",") for line in table.splitlines()]
    rows[-1] = [rows[-1][0], *([cell] * (len(rows[-1]) - 1))]
    return text(rows)


def _text(name: str, content: bytes) -> str:
    """What can be read in a file: of a picture nothing, of JSON its numbers apart from each other."""
    if name.endswith(".png"):
        return ""
    text = re.sub(r' viewBox="[^"]*"', "", content.decode())
    return json.dumps(json.loads(text), ensure_ascii=False) if name.endswith(".json") else text


@dataclass
class Wrote:
    """All that a run left behind."""

    files: Mapping[str, bytes]
    said: str
    status: int

    @property
    def all(self) -> str:
        return "\n".join([*(_text(name, content) for name, content in self.files.items()), self.said])

    @property
    def metrics(self) -> Mapping[str, Any]:
        metrics: Mapping[str, Any] = json.loads(self.files[f"site/data/projects/{STEM}.json"])["metrics"]
        return metrics


def _whatever_the_hour(path: Path) -> bytes:
    """A file, of the record of runs without what the time and the runs before it have decided: one number a line."""
    if path.name != "runs.csv":
        return path.read_bytes()
    rows = list(csv.DictReader(path.read_text().splitlines()))
    chance = {"seconds", "points_left", "requests_left"}
    assert rows
    assert chance <= rows[0].keys()
    return "".join(f"{key}: {cell}\n" for row in rows for key, cell in row.items() if key not in chance).encode()


class Owner:
    """A tracker of one project, whose owner brings figures."""

    def __init__(self, folder: Path, sandbox: Sandbox, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.sandbox, self.patch = folder, sandbox, patch

    def run(self, entry: str, tables: Tables) -> Wrote:
        (self.folder / "figures").mkdir(parents=True, exist_ok=True)
        (self.folder / "projects.yaml").write_text(entry)
        (self.folder / "figures/own.csv").write_text(tables.file)
        self.patch.setattr(figures, "table", lambda _place, _entries, _today: tables.address)
        environment = {**os.environ, "GITHUB_TOKEN": "invented", "NO_PROXY": "127.0.0.1"}
        environment["FIGURES_OF_SPROUTLING"] = tables.variable
        where = ["--projects", "projects.yaml", "--history", "history", "--site", "site", "--today", str(TODAY)]
        ended = warm.run([*where, "--stand-in", self.sandbox.address, "--chatty"], environment, self.folder)
        found = {
            str(path.relative_to(self.folder)): _whatever_the_hour(path)
            for part in ("site", "history")
            for path in sorted((self.folder / part).rglob("*"))
            if path.is_file()
        }
        said = re.sub(r"\d+ of 1000 points are left until \S+", "", ended.stdout + ended.stderr)
        return Wrote(found, "\n".join(sorted(said.splitlines())), ended.returncode)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(today=TODAY) as running:
        yield running


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as found:
        yield found


RELATIVE, ABSOLUTE = ENTRY + OWN.replace("HOW", "relative"), ENTRY + OWN.replace("HOW", "absolute")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, patch: pytest.MonkeyPatch) -> Mapping[str, Wrote]:
    """The same day: with relative figures, with sevenfold ones, with none; with broken tables after a good day."""

    def owner(name: str) -> Owner:
        return Owner(tmp_path_factory.mktemp(name), sandbox, patch)

    first, second = owner("first"), owner("second")
    found = {
        "relative": first.run(RELATIVE, Tables.of(1)),
        "sevenfold": second.run(RELATIVE, Tables.of(7)),
        "none": owner("none").run(ENTRY, Tables.of(1)),
    }
    found["corrected"] = first.run(RELATIVE, Tables.corrected(1))
    found["sevenfold, corrected"] = second.run(RELATIVE, Tables.corrected(7))
    found["broken"] = first.run(RELATIVE, Tables.of(1).broken("€48213.77"))
    found["broken otherwise"] = second.run(RELATIVE, Tables.of(7).broken("=7318462957+0"))
    return found


def test_whatever_a_run_writes_is_the_same_at_sevenfold_levels(runs: Mapping[str, Wrote]) -> None:
    one, seven = runs["relative"], runs["sevenfold"]
    assert one.status == seven.status == 0, one.said
    assert list(one.files) == list(seven.files)
    assert [name for name in one.files if one.files[name] != seven.files[name]] == []
    assert one.said == seven.said


def test_a_correction_of_the_past_tells_no_level(runs: Mapping[str, Wrote]) -> None:
    one, seven = runs["corrected"], runs["sevenfold, corrected"]
    assert one.status == seven.status == 0, one.said
    assert [name for name in one.files if one.files[name] != seven.files[name]] == []
    assert one.said == seven.said
    assert one.files[f"history/{STEM}.csv"] != runs["relative"].files[f"history/{STEM}.csv"]
    assert max(numbers(one.all) - numbers(runs["none"].all)) < 1_000


def test_whatever_is_said_of_broken_tables_does_not_tell_what_is_in_them(runs: Mapping[str, Wrote]) -> None:
    one, other = runs["broken"], runs["broken otherwise"]
    assert one.status == other.status == 0, one.said
    assert [name for name in one.files if one.files[name] != other.files[name]] == []
    assert one.said == other.said
    assert "line 302: expected a number" in one.all
    assert "48213" not in one.all


def test_the_figures_are_there(runs: Mapping[str, Wrote]) -> None:
    for name in ("activated_accounts", "documentation_visits", "revenue", "dau", "mau"):
        found = runs["relative"].metrics[f"own_{name}"]
        assert found["value"] is None
        assert found["relative"] is True
        assert found["missing"] is None
        assert found["growth"]["direction"] == "rising", name
        assert 95 < found["index"] < 115
    assert b"The owner's own figures" in runs["relative"].files[f"site/projects/{STEM}.html"].replace(b"&#39;", b"'")


def test_after_a_broken_table_the_last_figures_stay(runs: Mapping[str, Wrote]) -> None:
    assert runs["broken"].metrics["own_mau"]["index"] == runs["relative"].metrics["own_mau"]["index"]


_NUMBER = re.compile(r"(?<![\w.#-])(\d{1,3}(?:[,\u202f' ]\d{3})+|\d+)(\.\d+)?(?:e([+-]?\d+))?\u00a0?(k|M|bn)?(?![\w-])")
_SCALES = {"": 1.0, "k": 1e3, "M": 1e6, "bn": 1e9}
_DATES = re.compile(r"\d{4}-\d{2}(?:-\d{2})?|\b20[12]\d\b")


def numbers(written: str) -> set[float]:
    """Every number in a text, however it is written; dates left out."""
    found = set()
    for whole, part, power, scale in _NUMBER.findall(_DATES.sub(" ", written)):
        digits = re.sub(r"[^\d]", "", whole)
        found.add(float(f"{digits}{part or ''}e{power or 0}") * _SCALES[scale or ""])
    return found


def test_numbers_are_found_however_they_are_written() -> None:
    assert numbers("48,213 48213.5 48.2k 7.32bn 4.8e4 2026-11-20 in 2026") == {48213, 48213.5, 48200, 7.32e9, 48000}


def test_no_number_as_large_as_a_level_is_added_anywhere(runs: Mapping[str, Wrote]) -> None:
    """Of the levels, of their sums, means, differences over a month and thousandths there is none below 1,000."""
    added = numbers(runs["relative"].all) - numbers(runs["none"].all)
    assert len(added) > 100
    assert max(added) < 1_000


def test_with_levels_shown_the_same_search_finds_them(
    tmp_path: Path, sandbox: Sandbox, patch: pytest.MonkeyPatch, runs: Mapping[str, Wrote]
) -> None:
    """So that the search above proves something; and `publish: absolute` shows all. The day after, the owner has
    another mind: then the levels go.
    """
    owner = Owner(tmp_path, sandbox, patch)
    shown = owner.run(ABSOLUTE, Tables.of(1))
    assert shown.status == 0, shown.said
    added = numbers(shown.all) - numbers(runs["none"].all)
    for key in LEVELS:
        count = 301 if key in ("activated_accounts", "docs", "dau") else 26
        assert course(key, count, 1)[-1] in added, key
    assert shown.metrics["own_mau"]["value"] == course("mau", 26, 1)[-1]
    hidden = owner.run(RELATIVE, Tables.of(1))
    assert hidden.status == 0, hidden.said
    history = {name: content for name, content in hidden.files.items() if name.startswith("history/")}
    assert max(numbers("".join(content.decode() for content in history.values())) - numbers(runs["none"].all)) < 1_000
    assert hidden.files[f"site/projects/{STEM}.html"] == runs["relative"].files[f"site/projects/{STEM}.html"]


# --- Whoever has all that is published tries to get the levels back --------------------------------------------------


def test_no_level_is_singled_out_by_all_that_is_published(runs: Mapping[str, Wrote]) -> None:
    """Every base from 200 on fits the kept index as well as the true one; ratios of points are no levels either."""
    table = runs["relative"].files[f"history/{STEM}.csv"].decode().splitlines()
    head = table[0].split(",")
    for at, name in enumerate(head):
        if name.startswith("figures."):
            assert name.endswith(".index")
            points = [float(cell) for row in table[1:] if (cell := row.split(",")[at])]
            assert fitting(points[-60:], 0.5, 1_200)[-1_000:] == list(range(201, 1_201))
            levels = {level for key in LEVELS for level in (*course(key, 301, 1), *course(key, 26, 1))}
            assert not levels & reconstructed(points, 10_000_000)


def test_no_width_of_an_interval_gives_a_level(runs: Mapping[str, Wrote]) -> None:
    """A Poisson count of F has a half-width of 1.96·sqrt(φ/F0 + φ/F1). With no φ beside it, and at any whole φ that
    a count might have, the width leads to none of the levels.
    """
    for key, found in runs["relative"].metrics.items():
        if key.startswith("own_"):
            growth = found["growth"]
            assert growth["dispersion"] is None
            assert growth["start"] is None
            half = (np.log1p(growth["high"]) - np.log1p(growth["low"])) / 2
            level = 2 * (1.96 / half) ** 2
            assert all(abs(phi * level / one - 1) > 0.001 for one in LEVELS.values() for phi in (1, 2))
