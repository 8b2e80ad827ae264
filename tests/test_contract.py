"""What holds for every source: it is documented and tested, and no fault of its site harms another or becomes a number.

Every source meets every fault that its site can have, in a whole run: asked over HTTP, kept, and published. The matrix
of sources × faults is printed at the end: in each cell what became of it, and whether the page says why.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from groundswell import addresses, config, gather, render, sources, stages, wire
from groundswell.history import History, load
from groundswell.http import Door, Outside
from groundswell.models import Failure, Project
from groundswell.pages import shown
from groundswell.sources.github import transport
from sandbox.github import traffic
from sandbox.server import Sandbox, start

ROOT = Path(__file__).parent.parent
TODAY = dt.date(2026, 11, 20)
SOURCES = sources.load()
GALLERY = config.load(ROOT / "sandbox" / "projects.yaml", sources.namings(SOURCES))
FAULTS: Mapping[str, tuple[str, Mapping[str, str | int | float]]] = {
    "slow drip": ("drip", {"bytes": 1024}),
    "endless drip": ("drip", {"bytes": 1, "pause": 0.2}),
    "timeout": ("delay", {"seconds": 1.5}),
    "reset": ("reset", {}),
    "429": ("html", {"status": 429}),
    "429, Retry-After": ("status", {"status": 429, "retry_after": 1}),
    "500": ("status", {"status": 500}),
    "HTML": ("html", {"status": 200}),
    "cut off": ("truncated", {}),
    "broken JSON": ("broken", {}),
    "wrong type": ("wrong-type", {}),
    "null": ("null", {}),
    "empty list": ("empty", {}),
    "negative": ("negative", {}),
    "huge": ("huge", {"megabytes": 25}),
    "redirect": ("redirect", {}),
}
HARMLESS = "slow drip"  # late, but whole
WHOLE, SAID = "whole", "said"  # in the matrix: all values are there; none is, and the page says why


def one_of_each(projects: Sequence[Project]) -> tuple[Project, ...]:
    """A few projects that together name one target for each source."""
    left, found = set(SOURCES), []
    for project in projects:
        first = {key: names[:1] for key, names in project.targets.items() if key in left and names}
        if first.keys() - {"github"} or "github" in first:
            found.append(dataclasses.replace(project, targets=first))
            left -= first.keys()
    return tuple(found)


PROJECTS = one_of_each(GALLERY.projects)
TRACKED = dataclasses.replace(GALLERY, projects=PROJECTS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(today=TODAY) as running:
        yield running


@pytest.fixture(scope="module")
def matrix(pytestconfig: pytest.Config) -> Iterator[dict[str, dict[str, str]]]:
    """Source → fault → what became of it; printed when all tests are through."""
    cells: dict[str, dict[str, str]] = defaultdict(dict)
    yield cells
    lines = ["", f"{'':15}" + "".join(f"{fault:>17}" for fault in FAULTS)]
    lines += [f"{key:15}" + "".join(f"{cells[key].get(fault, ''):>17}" for fault in FAULTS) for key in sorted(cells)]
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n".join(lines))


@pytest.mark.parametrize("key", SOURCES)
def test_a_source_says_all_that_the_page_shows(key: str) -> None:
    source = SOURCES[key]
    assert source.LABEL
    assert re.fullmatch(source.NAMING.pattern, source.NAMING.example) or key == "github"
    assert len({signal.key for signal in source.SIGNALS}) == len(source.SIGNALS) > 0
    for signal in source.SIGNALS:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", signal.key)
        assert signal.unit
        assert signal.backfill
        assert 0 <= signal.lag <= 150
        assert signal.docs.startswith("https://")
        assert signal.caveat.endswith(".")
        assert signal.caveat.count(". ") == 0, "one sentence"
    assert all(seconds > 0 for seconds in source.PACE.values())


@pytest.mark.parametrize("key", SOURCES)
def test_a_source_has_its_test_and_its_place_in_the_demo(key: str) -> None:
    assert list((ROOT / "tests").glob(f"test_source_{key}*.py"))
    assert any(project.targets.get(key) for project in PROJECTS), f"sandbox/projects.yaml names no target for {key}"


@pytest.fixture(scope="module")
def keys(pytestconfig: pytest.Config) -> tuple[str, ...]:
    """The sources that are looked at: all, or the one that was asked for and one beside it."""
    only = pytestconfig.getoption("source")
    return tuple(SOURCES) if only is None else (only, next(key for key in SOURCES if key not in (only, "github")))


Value = tuple[str, str, dt.date, float]  # project, column, day, value


@dataclasses.dataclass
class Run:
    """What a run came to: what it kept, what failed, and the site."""

    values: dict[str, set[Value]]
    failures: dict[str, list[Failure]]
    site: Path

    def says(self, failure: Failure) -> bool:
        """Whether both the project's page and the health of the data give the reason of a failure."""
        reason = shown.in_words(failure.reason)
        pages = (addresses.project_page(failure.project), "health.html")
        return all(reason in html.unescape((self.site / page).read_text()) for page in pages)


def run(sandbox: Sandbox, folder: Path, *keys: str) -> Run:
    """A first run of these sources, with fresh limits: asked, kept, read back from the files, published."""
    sandbox.move_to(TODAY)
    books = {project.id: History(project.id) for project in PROJECTS}
    outside = Outside(
        "groundswell (+https://example.org)",
        "invented",
        sources.paces(SOURCES),
        sandbox.address,
        contact="tests@example.org",
        owner=traffic.OWNER,
        owners_token=traffic.TOKEN,
    )
    door = Door(outside)
    asks = {key: asks for key, asks in gather.plan(PROJECTS, SOURCES, books).items() if key in keys}
    gathered = gather.gather(asks, books, SOURCES, door, folder / "history", TODAY, lambda _: None)
    door.close()
    read = {project.id: load(folder / "history", project.id) for project in PROJECTS}
    cards = stages.cards(TRACKED, read, sources.signals(SOURCES), sources.labels(SOURCES), TODAY)
    render.write(folder / "site", cards, TRACKED.tracker, TODAY, SOURCES)
    values: dict[str, set[Value]] = {key: set() for key in keys}
    for project, book in read.items():
        for column, series in book.columns.items():
            pairs = zip(series.days.tolist(), series.values.tolist(), strict=True)
            values[column.partition(".")[0]] |= {(project, column, day, value) for day, value in pairs}
    failures = {key: [one for one in gathered.failures if one.source == key] for key in keys}
    return Run(values, failures, folder / "site")


@dataclasses.dataclass
class Usual:
    """What the sources give on a good day, and the hosts that each asked."""

    run: Run
    hosts: dict[str, set[str]]


@pytest.fixture(scope="module")
def usual(sandbox: Sandbox, keys: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Usual:
    hosts = {}
    for key in keys:
        sandbox.forget()
        run(sandbox, tmp_path_factory.mktemp(key), key)
        hosts[key] = {seen.host for seen in sandbox.log}
    return Usual(run(sandbox, tmp_path_factory.mktemp("usual"), *keys), hosts)


def test_on_a_good_day_every_source_gives_every_target_values(usual: Usual, keys: tuple[str, ...]) -> None:
    for key in keys:
        assert not usual.run.failures[key], key
        targets = {(project.id, target) for project in PROJECTS for target in project.targets.get(key, ())}
        assert {(project, column.partition(":")[2]) for project, column, *_ in usual.run.values[key]} == targets


def be_impatient(patch: pytest.MonkeyPatch) -> None:
    """Wait for an answer for a second, twice."""
    for name in ("USUAL", "STRANGER"):
        short = dataclasses.replace(
            getattr(wire, name), connect=2.0, silence=1.0, answer=2.0, again=1, again_after_silence=1
        )
        patch.setattr(wire, name, short)
    patch.setattr(transport, "TIMEOUT", 1)


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_a_site_harms_another_source_or_becomes_a_number(
    sandbox: Sandbox,
    usual: Usual,
    keys: tuple[str, ...],
    matrix: dict[str, dict[str, str]],
    fault: str,
    half: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Every second source meets the fault, then the others. The run ends, the others are whole, the page says why."""
    kind, settings = FAULTS[fault]
    if kind == "delay" or fault == "endless drip":
        be_impatient(monkeypatch)
    hosts = {host for key in keys[half::2] for host in usual.hosts[key]}
    meeting = [key for key in keys if usual.hosts[key] & hosts]  # two sources may read one site
    for host in hosts:
        sandbox.order(kind, **{"host": host, **settings})
    found = run(sandbox, tmp_path, *keys)
    sandbox.faults.clear()
    for key in keys:
        if key not in meeting or fault == HARMLESS:
            assert found.values[key] == usual.run.values[key], f"{fault} changed {key}"
            assert not found.failures[key], f"{fault} made {key} fail"
            matrix[key].setdefault(fault, WHOLE)
            continue
        assert not found.values[key], f"{fault} of {key} became a number"
        asked = {(project.id, target) for project in PROJECTS for target in project.targets.get(key, ())}
        assert {(one.project, one.target) for one in found.failures[key]} == asked, f"{fault}: {key}"
        assert all(len(one.reason) > 8 for one in found.failures[key]), "a reason is a phrase"
        assert all(map(found.says, found.failures[key])), f"{fault} of {key} is not said: {found.failures[key]}"
        matrix[key][fault] = SAID
