"""`python -m benchmarks.year`: a year of daily runs on generated projects, and what becomes of the history by it.

Every day is what a workflow does: `.ci/history open` brings the branch `data` from a bare repository, `generate.py`
asks the sandbox and makes the site, `.ci/history save` commits and pushes. At the end stand the checks: every day is
there as it was observed, nothing of the past was lost or rewritten but what a source gives anew, the branch is small
when packed, and the last runs cost hardly more than the tenth.

What a run costs is told in seconds of the processor, since that holds on a busy machine too, and as a runner has it: in
a process of its own, with no page there before. The pages write nothing into the history. So that a year is bearable,
they are made around the tenth run, at the end, and some times between; on the other days the same flow runs without.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime as dt
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest import mock

import typer

import generate
from groundswell import history, sources, terminal
from groundswell.models import Kind
from sandbox import generated, tracker
from sandbox.entry import Entry
from sandbox.gallery import TODAY
from sandbox.model import generator
from sandbox.server import Sandbox
from sandbox.world import World

ROOT: Final = Path(__file__).parent.parent
BRANCH: Final = "data"
DAYS: Final = "days.jsonl"  # the runs that are done, beside the repository: with --keep, a year may be gone on with
MOST_MEGABYTES: Final = 6.0  # of the branch, packed, after a year of 100 projects
MOST_SLOWER: Final = 1.5  # times what the tenth run cost
TENTH: Final = 10  # the run that the last is compared with
AROUND: Final = 5  # runs whose median stands for one: one alone may have had its week's turn, or a month to close
BETWEEN: Final = 60  # days from one look at the branch to the next, and from one run with pages to the next
MOST_SAID: Final = 50  # faults, each in a line
MEGABYTE: Final = 1_000_000
INDEXES: Final = frozenset({".idx", ".bitmap", ".rev"})
GIVEN_AGAIN: Final = frozenset({Kind.FLOW, Kind.PERIOD})  # what a source tells of the past, and may tell otherwise

Cells = Mapping[str, str]  # column → what stands there; blanks left out


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV of the history: its head, and its lines by day, unread."""

    head: tuple[str, ...]
    rows: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> Table:
        """The table of a file's text."""
        head, *lines = text.splitlines()
        return cls(tuple(next(csv.reader([head]))[1:]), dict(line.split(",", 1) for line in lines))

    def cells(self, day: str) -> Cells:
        """What stands in a row; nothing when there is no such row."""
        cells = self.rows[day].split(",") if day in self.rows else [""] * len(self.head)
        return {name: cell for name, cell in zip(self.head, cells, strict=True) if cell}


@dataclass(frozen=True, slots=True)
class Day:
    """One run."""

    number: int
    day: dt.date
    work: float | None  # seconds of the processor, of all its processes; None of a run without pages
    points: int
    requests: int  # of GitHub's REST
    others: int  # requests of all other hosts
    size: int  # bytes of the history's files


@dataclass
class Ledger:
    """What was observed on each day, and what became of it since."""

    seen: dict[tuple[str, str], int] = field(default_factory=dict)  # project's file and day → stars, as the sandbox had
    tables: dict[str, Table] = field(default_factory=dict)  # as the last run left them
    faults: list[str] = field(default_factory=list)
    given_again: Counter[str] = field(default_factory=Counter)  # signal → cells of the past that a source corrected

    def take(self, folder: Path, day: dt.date, sandbox: Sandbox, kinds: Mapping[str, Kind]) -> None:
        """Compare the history with what it was a run before, and with what was there to be seen on the day."""
        self._see(day, sandbox)
        for path in _tables(folder):
            fresh = Table.of(path.read_text(encoding="utf-8"))
            since = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["observed_since"]
            if path.stem in self.tables:
                self._compare(path.stem, self.tables[path.stem], fresh, since, kinds)
            self.tables[path.stem] = fresh

    def recall(self, folder: Path, days: Sequence[Day], sandbox: Sandbox) -> None:
        """What was there to be seen on the days that are done, and the tables as they were left."""
        for one in days:
            sandbox.move_to(one.day)
            self._see(one.day, sandbox)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            git(folder, "clone", "--quiet", "--depth=1", "--branch", BRANCH, f"file://{folder}/origin.git", place)
            for path in _tables(Path(place)):
                self.tables[path.stem] = Table.of(path.read_text(encoding="utf-8"))

    def _see(self, day: dt.date, sandbox: Sandbox) -> None:
        for entry in sandbox.world.entries:
            project = sandbox.world.repository(entry.repository)
            assert project is not None
            self.seen[history.stem(entry.repository), day.isoformat()] = project.series.stars.level(project.now)

    def _compare(self, name: str, old: Table, new: Table, since: Mapping[str, str], kinds: Mapping[str, Kind]) -> None:
        for day in old.rows:
            if old.head == new.head and old.rows[day] == new.rows.get(day):
                continue
            after = new.cells(day)
            for column, value in old.cells(day).items():
                if column not in after:
                    self.faults.append(f"{name}: {column} of {day} is lost")
                elif float(after[column]) != float(value):
                    signal = column.partition(":")[0]
                    if kinds[signal] in GIVEN_AGAIN:
                        self.given_again[signal] += 1
                    elif column in since and day >= since[column]:
                        self.faults.append(f"{name}: {column} of {day} was {value} and is {after[column]}")

    def missing(self) -> Iterator[str]:
        """Days that are not there as they were observed."""
        for (name, day), stars in self.seen.items():
            there = self.tables[name].cells(day).get("github.stars") if name in self.tables else None
            if there is None or float(there) != stars:
                yield f"{name}: {day} had {stars} stars, and the history says {there or 'nothing'}"


def _tables(folder: Path) -> list[Path]:
    """The CSV files of projects and registries, each with its notes beside it."""
    return sorted(path for path in folder.glob("*.csv") if path.with_suffix(".json").exists())


# --- The days --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Year:
    """A tracker of generated projects, its bare repository, and the sandbox that it asks."""

    folder: Path
    sandbox: Sandbox
    ledger: Ledger

    @classmethod
    def begin(cls, folder: Path, sandbox: Sandbox) -> tuple[Year, list[Day]]:
        """With an empty repository, and a checkout of it in which the workflow's steps run; or where it was left."""
        if (folder / DAYS).exists():
            year, days = cls(folder, sandbox, Ledger()), [read(one) for one in (folder / DAYS).read_text().splitlines()]
            year.ledger.recall(folder, days, sandbox)
            return year, days
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
        git(folder, "init", "--quiet", "--initial-branch=main", "checkout")
        git(folder / "checkout", "remote", "add", "origin", f"file://{folder / 'origin.git'}")
        (folder / "projects.yaml").write_text(tracker.text(sandbox.world.entries), encoding="utf-8")
        return cls(folder, sandbox, Ledger()), []

    def run(self, number: int, day: dt.date, *, pages: bool) -> Day:
        """One day, as the workflow does it. Raises CalledProcessError when a step fails."""
        self.sandbox.move_to(day)
        self.sandbox.forget()
        there = self.folder / "checkout" / "history"
        shutil.rmtree(there, ignore_errors=True)
        self._keep("open", day)
        work = None
        if pages:
            work = self._generate(day, there)
        else:
            self._without_pages(day, there)
        self._keep("save", day)
        self.ledger.take(there, day, self.sandbox, {name: one.kind for name, one in SIGNALS.items()})
        size = sum(path.stat().st_size for path in there.rglob("*") if path.is_file() and ".git" not in path.parts)
        graph = [seen for seen in self.sandbox.log if seen.path.endswith("/graphql")]
        rest = [seen for seen in self.sandbox.log if seen.host == "api.github.com" and seen not in graph]
        others = len(self.sandbox.log) - len(graph) - len(rest)
        return Day(number, day, work, sum(seen.points for seen in graph), len(rest), others, size)

    def _keep(self, command: str, day: dt.date) -> None:
        moment = f"{day}T06:00:00Z"
        dated = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment, "TRIES_AFTER": "0"}
        subprocess.run(
            [ROOT / ".ci" / "history", command, "history"],
            cwd=self.folder / "checkout",
            env=environment(**dated),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def _generate(self, day: dt.date, there: Path) -> float:
        """The whole run, from no page; gives the seconds of work."""
        with tempfile.TemporaryDirectory(dir=self.folder) as site:
            where = ("--projects", self.projects, "--history", there, "--site", Path(site) / "site")
            asked = ("--stand-in", self.sandbox.address, "--today", day.isoformat())
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                [sys.executable, ROOT / "generate.py", *where, *asked],
                cwd=ROOT,
                env=environment(**TOKEN),
                capture_output=True,
                text=True,
                check=False,
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            sys.stderr.write(done.stdout + done.stderr)
            done.check_returncode()
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def _without_pages(self, day: dt.date, there: Path) -> None:
        """The same flow in this process, up to the pages."""
        context = typer.Context(typer.main.get_command(generate.app))
        with (
            context,
            mock.patch.dict(os.environ, environment(**TOKEN), clear=True),
            mock.patch("generate.render.write"),
        ):
            generate.publish(
                context,
                projects=self.projects,
                memory=there,
                site=self.folder / "site",
                today=dt.datetime.combine(day, dt.time()),
                stand_in=self.sandbox.address,
            )

    @property
    def projects(self) -> Path:
        """The tracker's file."""
        return self.folder / "projects.yaml"


TOKEN: Final = {"GITHUB_TOKEN": "invented", "NO_PROXY": "127.0.0.1"}
SIGNALS: Final = sources.signals(sources.load())


def read(line: str) -> Day:
    """A day as it is kept beside the repository."""
    kept = json.loads(line)
    return Day(**{**kept, "day": dt.date.fromisoformat(kept["day"])})


def environment(**further: str) -> dict[str, str]:
    """This process's, without what a workflow on GitHub, or git, would be told by it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GIT_"))}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **further}


def git(where: Path, *arguments: str) -> str:
    """What git says."""
    command = ["git", "-C", str(where), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    return done.stdout.strip()


# --- What came of it -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What holds after the last day."""

    days: tuple[Day, ...]
    commits: int
    packed: int  # bytes of the branch's pack after `git gc`
    shallow: int  # bytes of the pack that a fresh clone of the newest commit alone gets
    faults: tuple[str, ...]
    given_again: Mapping[str, int]

    @property
    def slower(self) -> float | None:
        """Times that the last runs cost what those around the tenth did; None where there was no such week."""
        tenth, last = (
            [day.work for day in self.days if day.work is not None and first <= day.number < first + AROUND]
            for first in (_week_of_tenth(), len(self.days) - AROUND + 1)
        )
        return statistics.median(last) / statistics.median(tenth) if len(self.days) >= TENTH + AROUND else None


def _week_of_tenth() -> int:
    return TENTH - AROUND // 2


def with_pages(number: int, days: int) -> bool:
    """Whether a run makes the pages too."""
    return _week_of_tenth() <= number < _week_of_tenth() + AROUND or number > days - AROUND or number % BETWEEN == 0


def outcome(year: Year, days: Sequence[Day]) -> Outcome:
    """Pack the branch, clone it, and hold all that was observed against what is in it."""
    origin = year.folder / "origin.git"
    commits = int(git(origin, "rev-list", "--count", BRANCH))
    git(origin, "gc", "--quiet", "--prune=now")
    clone = year.folder / f"clone-{len(days)}"
    git(year.folder, "clone", "--quiet", "--depth=1", "--branch", BRANCH, f"file://{origin}", str(clone))
    for path in _tables(clone):  # what is asked now is what anybody would get
        year.ledger.tables[path.stem] = Table.of(path.read_text(encoding="utf-8"))
    return Outcome(
        tuple(days),
        commits,
        _packs(origin),
        _packs(clone / ".git"),
        (*year.ledger.faults, *year.ledger.missing()),
        dict(year.ledger.given_again),
    )


def _packs(repository: Path) -> int:
    """What is sent and kept; the indexes beside it are made anew wherever it arrives."""
    found = (path for path in (repository / "objects").rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in found if path.suffix not in INDEXES)


def too_much(found: Outcome) -> list[str]:
    """What does not hold, a line each."""
    told = list(found.faults)
    if found.commits != len(found.days):
        told.append(f"{found.commits} commits of {len(found.days)} days")
    if found.packed > MOST_MEGABYTES * MEGABYTE:
        told.append(f"{found.packed / MEGABYTE:.2f} MB packed; at most {MOST_MEGABYTES:.0f} are allowed")
    if found.slower is not None and found.slower > MOST_SLOWER:
        told.append(f"the last runs cost {found.slower:.2f} times the tenth; at most {MOST_SLOWER} are allowed")
    return told


HEAD: Final = ("Run", "Day", "Seconds of work", "Points", "REST requests", "Other requests", "History, KB")


def line(one: Day) -> str:
    """A day as a row of the table."""
    cells = (
        *(str(one.number), str(one.day), "–" if one.work is None else f"{one.work:.1f}"),
        *(str(one.points), str(one.requests), str(one.others), f"{one.size / 1000:,.0f}"),
    )
    return f"| {' | '.join(cells)} |"


def summary(found: Outcome) -> list[str]:
    """The end of the table, in words."""
    corrected = ", ".join(f"{signal} {count:,}" for signal, count in sorted(found.given_again.items())) or "none"
    slower = found.slower
    return [
        f"{len(found.days)} days, {found.commits} commits",
        f"the branch is {found.packed / MEGABYTE:.2f} MB packed, its newest commit {found.shallow / MEGABYTE:.2f} MB",
        f"cells of the past that a source gave anew: {corrected}",
        "too few days to compare runs" if slower is None else f"the last runs cost {slower:.2f} times the tenth",
    ]


def simulate(
    folder: Path, sandbox: Sandbox, days: int, last: dt.date, with_pages: Callable[[int, int], bool] = with_pages
) -> Iterator[Day | Outcome]:
    """Each day as soon as it is done, and now and then what has come of it: at the end in any case."""
    year, done = Year.begin(folder, sandbox)
    for number in range(len(done) + 1, days + 1):
        day = last - dt.timedelta(days=days - number)
        done.append(year.run(number, day, pages=with_pages(number, days)))
        with (folder / DAYS).open("a") as file:
            file.write(json.dumps(dataclasses.asdict(done[-1]), default=str) + "\n")
        yield done[-1]
        if number % BETWEEN == 0 or number == days:
            yield outcome(year, done)


# git finds what to compare a file with by the last letters of its name: numbered names that end alike would make packs
# that are four times as large as those of the names that people give.
_PARTS: Final = (
    *("ar", "bel", "cor", "dra", "el", "fin", "gra", "hol", "in", "jor", "ka"),
    *("lum", "mor", "nex", "pol", "quan", "ros", "sil", "tor", "um", "vec", "wen"),
)


def named(entries: Sequence[Entry], seed: int = 1) -> tuple[Entry, ...]:
    """The projects under names like those that people give."""
    chance = generator(seed, "names")

    def word() -> str:
        return "".join(_PARTS[place] for place in chance.integers(len(_PARTS), size=int(chance.integers(2, 4))))

    owners: dict[str, str] = {}
    for entry in entries:
        owners.setdefault(entry.repository.partition("/")[0], word())
    return tuple(
        dataclasses.replace(entry, repository=f"{owners[entry.repository.partition('/')[0]]}/{word()}-{word()}")
        for entry in entries
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, a row as soon as it is known. The exit status is 1 when something does not hold."""
    parser = argparse.ArgumentParser("python -m benchmarks.year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="a folder in which all stays; gone on with if it has a beginning"
    )
    chosen = parser.parse_args(arguments)
    first = TODAY - dt.timedelta(days=chosen.days - 1)
    terminal.out.quiet = True
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    with (
        Sandbox(World(named(generated.mix(chosen.projects)), first)) as sandbox,
        tempfile.TemporaryDirectory(prefix="groundswell-year-") as temporary,
    ):
        folder = chosen.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        faults: list[str] = []
        for one in simulate(folder, sandbox, chosen.days, TODAY):
            faults = [] if isinstance(one, Day) else too_much(one)
            print(*([line(one)] if isinstance(one, Day) else summary(one)), *faults[:MOST_SAID], sep="\n", flush=True)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
