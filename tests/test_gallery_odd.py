"""Facts about the gallery's past: it has the mistakes of real lists, each is found, and none of them moves a growth."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from groundswell import history, import_history, sources
from groundswell.models import Card, Oddity, Project
from groundswell.stages import assess
from groundswell.standstill import of_sources
from sandbox import earlier, gallery
from sandbox.server import start

SIGNALS = sources.signals(sources.load())
HOLEY, CALM = "patchworklab/holeycloth", "steadyhand/tallybench"


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Card]:
    """Each project of the gallery as its imported past alone tells of it."""
    folder = tmp_path_factory.mktemp("past")
    with start(today=gallery.TODAY) as sandbox:
        lines = list(earlier.tidy(sandbox.world, 420))
    file = folder / "earlier.csv"
    file.write_text("\n".join(lines) + "\n")
    return {name: card(folder, name) for name in imported(file, folder)}


def imported(file: Path, folder: Path) -> list[str]:
    tidy = import_history.read(file, {signal: signal for signal in earlier.LEVELS}, gallery.TODAY, lambda _: None)
    import_history.into_history(tidy, folder, lambda _: None)
    return sorted(tidy.projects)


def card(folder: Path, name: str) -> Card:
    books = [history.load(folder, path.stem.replace("__", "/", 1)).columns for path in sorted(folder.glob("*__*.csv"))]
    standing = of_sources(books, SIGNALS)
    day = gallery.TODAY - dt.timedelta(days=7)  # the last week that was noted
    project = Project(name, name, "Other", (), {"github": ("",)})
    return assess(project, history.load(folder, name), SIGNALS, {}, {}, day, standing=standing)


def kinds(of: Card, column: str) -> list[Oddity]:
    return [one.kind for one in of.anomalies if one.column == column]


def test_every_mistake_of_the_past_is_found(cards: dict[str, Card]) -> None:
    assert kinds(cards[HOLEY], "github.stars") == [Oddity.ZERO]
    assert kinds(cards[HOLEY], "github.forks") == [Oddity.FLIP]
    assert kinds(cards[HOLEY], "github.issues") == [Oddity.FROZEN]


def test_where_none_was_made_only_the_source_that_stood_still_is_told(cards: dict[str, Card]) -> None:
    assert {one.column: one.kind for one in cards[CALM].anomalies} == {"github.issues": Oddity.FROZEN}


def test_the_mistakes_are_beside_the_line_and_not_on_it(cards: dict[str, Card]) -> None:
    stars = cards[HOLEY].metrics["stars"]
    assert stars.apart.values.tolist() == [0]
    assert stars.series.values.min() > 3_000
