"""`python -m benchmarks.build`: how long it takes to make the site, and how much memory.

Each size is built from nothing, and again after one new day. Beside it, in the same run and on the same machine, stands
what one plain matplotlib chart costs: machines differ, and a busy one makes everything slow, so the ratio to that chart
is what can be compared. Seconds of work are those of all processes together; seconds are those that somebody waits.

Without `--shared` the projects are simulated, 252 weeks of five signals each; with it they are those of
best-of-ml-python. The command that is measured is `generate.py --offline`, as a fork runs it.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np

ROOT: Final = Path(__file__).parent.parent
SIZES: Final = (100, 1_000, 5_000)
WEEKS: Final = 252
SEED: Final = 20_261_125
LAST: Final = dt.date(2026, 11, 22)
MOST_FIRST: Final = 60.0  # seconds on two cores, of the real list from nothing
MOST_AGAIN: Final = 20.0  # and again with one new day
MOST_MEGABYTES: Final = 1_500
CHARTS: Final = 20  # that the cost of one is the mean of
LOOK: Final = 0.05  # seconds between two looks at the memory
MEGABYTE: Final = 2**20

REAL: Final = "best-of-ml-python_history.csv.gz"
REAL_LAST: Final = dt.date(2025, 10, 30)
RENAMES: Final = {
    "star_count": "github.stars",
    "fork_count": "github.forks",
    "watchers_count": "github.watchers",
    "open_issue_count": "github.issues_open",
    "release_count": "github.releases",
    "conda_total_downloads": "conda.downloads",
    "dockerhub_pulls": "docker.pulls",
    "pypi_monthly_downloads": "pypi.downloads_last_month",
}
SIMULATED: Final = {  # signal → usual level, and gain a week as a share of it
    "github.stars": (3_000, 0.004),
    "github.forks": (400, 0.002),
    "github.watchers": (60, 0.001),
    "github.issues_open": (90, 0.002),
    "pypi.downloads_last_month": (40_000, 0.003),
}

Row = tuple[str, str, str, str]  # date, project, metric, value


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took."""

    seconds: float
    work: float  # seconds of all its processes
    largest: float  # megabytes of its largest process, at its largest
    together: float  # of all its processes at once; what they share counts for each


@dataclass(frozen=True, slots=True)
class Measured:
    """One build."""

    name: str
    projects: int
    cost: Cost
    chart: float  # seconds of work for one plain chart, drawn before and after

    @property
    def charts(self) -> float:
        """Plain charts that could have been drawn with the work of one project."""
        return self.cost.work / self.projects / self.chart


# --- What is measured ------------------------------------------------------------------------------------------------


def plain_chart() -> float:
    """Seconds of work to draw 252 weeks as anybody would: a new figure, one line, saved as SVG."""
    from matplotlib import pyplot  # noqa: PLC0415 - nothing else here may pay for it

    mpl.use("svg")
    values = np.cumsum(np.random.default_rng(SEED).poisson(20, WEEKS))
    started = 0.0
    for number in range(CHARTS + 1):
        if number == 1:  # the first one pays for finding fonts
            started = time.process_time()
        figure, axes = pyplot.subplots(figsize=(6, 3))
        axes.plot(values)
        figure.savefig(io.StringIO(), format="svg")
        pyplot.close(figure)
    return (time.process_time() - started) / CHARTS


def run(*arguments: str) -> Cost:
    """Run generate.py, and look at the memory of all its processes meanwhile. Raises CalledProcessError."""
    started = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "generate.py", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    watch = Watch(child.pid)
    watch.start()
    _, said = child.communicate()
    seconds = time.monotonic() - started
    watch.end()
    if child.returncode:
        sys.stderr.write(said.decode())
        raise subprocess.CalledProcessError(child.returncode, ["generate.py", *arguments])
    return Cost(seconds, watch.work, watch.largest, watch.together)


@dataclass(slots=True)
class Watch:
    """Looks at the memory and the work of a process and of all below it, until it is told to end.

    The work is not what the system has of children that ended: those of a process that nobody waits for are not in it.
    """

    pid: int
    largest: float = 0.0
    together: float = 0.0
    _worked: dict[int, float] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def work(self) -> float:
        """Seconds of all processes that were seen; what one did after it was looked at last is not known."""
        return sum(self._worked.values())

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK):
            family = list(_family(self.pid))
            self._worked |= {pid: work for pid in family if (work := _worked(pid)) is not None}
            sizes = [_resident(pid) for pid in family]
            self.largest = max([self.largest, *sizes])
            self.together = max(self.together, sum(sizes))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = children.read_text().split()
        except OSError:  # it has ended
            continue
        for child in below:
            yield from _family(int(child))


def _worked(pid: int) -> float | None:
    """Seconds of work of a process by itself; None when it has ended."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    """Megabytes."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:  # it has ended
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


# --- What is built ---------------------------------------------------------------------------------------------------


def simulated(projects: int) -> Iterator[Row]:
    """Weekly rows of projects that grow, always the same ones, and one more day for all."""
    chance = np.random.default_rng(SEED)
    days = [*(LAST - dt.timedelta(weeks=week) for week in range(WEEKS - 1, -1, -1)), LAST + dt.timedelta(days=1)]
    dates = [day.isoformat() for day in days]
    for number in range(projects):
        for signal, (usual, growth) in SIMULATED.items():
            level = usual * chance.lognormal(0, 1.2)
            gains = chance.poisson(level * growth * np.exp(np.linspace(-1, 0, len(days))))
            for date, value in zip(dates, (level + np.cumsum(gains)).round().astype(int).tolist(), strict=True):
                yield date, f"simulated/project-{number:05}", signal, str(value)


def real(shared: Path) -> Iterator[Row]:
    """The rows of the real list whose metrics have a signal here."""
    with gzip.open(shared / "data" / REAL, "rt", encoding="utf-8", newline="") as file:
        for date, project, metric, value in list(csv.reader(file))[1:]:
            if metric in RENAMES:
                yield date, project, RENAMES[metric], value


def build(name: str, rows: Iterator[Row], last: dt.date, folder: Path) -> Iterator[Measured]:
    """Build from all rows before the last day, then again with those of the last day."""
    folder.mkdir(parents=True)
    old, new, projects = folder / "old.csv", folder / "new.csv", folder / "projects.yaml"
    with old.open("w", newline="") as before, new.open("w", newline="") as today:
        writers = csv.writer(before, lineterminator="\n"), csv.writer(today, lineterminator="\n")
        for writer in writers:
            writer.writerow(("date", "project", "metric", "value"))
        for row in rows:
            writers[row[0] == last.isoformat()].writerow(row)
    yesterday = (last - dt.timedelta(days=1)).isoformat()
    places = "--history", str(folder / "history")
    run("import-history", str(old), "--write-projects", str(projects), *places)
    offline = "--offline", "--projects", str(projects), *places, "--site", str(folder / "site"), "--today"
    count = projects.read_text().count("\n  - github:")
    yield _measured(f"{name}, from nothing", count, lambda: run(*offline, yesterday))
    run("import-history", str(new), *places)
    yield _measured(f"{name}, one new day", count, lambda: run(*offline, last.isoformat()))


def _measured(name: str, projects: int, measure: Callable[[], Cost]) -> Measured:
    before = plain_chart()
    cost = measure()
    return Measured(name, projects, cost, (before + plain_chart()) / 2)


# --- The table -------------------------------------------------------------------------------------------------------

HEAD: Final = (
    *("Built", "Projects", "Seconds", "Seconds of work", "Seconds a project"),
    *("MB, largest process", "MB, all at once", "Plain chart, ms", "Plain charts a project"),
)


def line(one: Measured) -> str:
    """One build as a row of the table."""
    cost = one.cost
    cells = (
        *(one.name, f"{one.projects:,}", f"{cost.seconds:.1f}", f"{cost.work:.1f}"),
        *(f"{cost.seconds / one.projects:.4f}", f"{cost.largest:,.0f}", f"{cost.together:,.0f}"),
        *(f"{1000 * one.chart:.1f}", f"{one.charts:.2f}"),
    )
    return f"| {' | '.join(cells)} |"


def too_much(first: Measured, again: Measured) -> list[str]:
    """What is more than the real list may take."""
    told = []
    if first.cost.seconds > MOST_FIRST:
        told.append(f"{first.name}: {first.cost.seconds:.1f} s; at most {MOST_FIRST:.0f} s are allowed")
    if again.cost.seconds > MOST_AGAIN:
        told.append(f"{again.name}: {again.cost.seconds:.1f} s; at most {MOST_AGAIN:.0f} s are allowed")
    told += [
        f"{one.name}: {one.cost.together:,.0f} MB; at most {MOST_MEGABYTES:,} MB are allowed"
        for one in (first, again)
        if one.cost.together > MOST_MEGABYTES
    ]
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, a row as soon as it is known. The exit status is 1 when the real list takes too much."""
    parser = argparse.ArgumentParser("python -m benchmarks.build", description=__doc__)
    parser.add_argument("--shared", type=Path, metavar="DIR", help="folder of real figures")
    parser.add_argument(
        "--projects", type=int, nargs="+", default=SIZES, metavar="N", help="sizes of what is simulated"
    )
    chosen = parser.parse_args(arguments)
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="groundswell-build-") as folder:
        if chosen.shared:
            found = _shown(build("best-of-ml-python", real(chosen.shared), REAL_LAST, Path(folder) / "real"))
            faults = too_much(found[0], found[1])
            print(*faults, sep="\n")
            return int(bool(faults))
        for size in chosen.projects:
            _shown(build("simulated", simulated(size), LAST + dt.timedelta(days=1), Path(folder) / str(size)))
    return 0


def _shown(found: Iterator[Measured]) -> list[Measured]:
    kept = []
    for one in found:
        print(line(one), flush=True)
        kept.append(one)
    return kept


if __name__ == "__main__":
    sys.exit(main())
