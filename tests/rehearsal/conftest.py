"""A world for each module of scenarios, and copies to play in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.rehearsal.copies import Copy, Rehearsal
from tests.rehearsal.newcomer import Newcomer, listed

NUMBERS = count(1)


@pytest.fixture(scope="session")
def newcomer(tmp_path_factory: pytest.TempPathFactory, web: Path) -> Iterator[Newcomer]:
    """Somebody who has set up a copy as docs/forking.md says; only to be looked at and copied."""
    assert (web / "@actions" / "expressions").is_dir(), "npm ci --prefix tests/web"
    with Rehearsal(tmp_path_factory.mktemp("newcomer")) as world:
        somebody = Newcomer(world)
        somebody.follow(listed())
        yield somebody


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory, web: Path) -> Iterator[Rehearsal]:
    """A world. Its sandbox stands on the first day; a test that wants another one says so."""
    assert (web / "@actions" / "expressions").is_dir(), "npm ci --prefix tests/web"
    with Rehearsal(tmp_path_factory.mktemp("rehearsal")) as world:
        yield world


@pytest.fixture
def fresh(rehearsal: Rehearsal) -> Copy:
    """A copy by *Use this template*, as it is then: Pages is off, nothing has run. It is the sandbox's first day."""
    _begin(rehearsal)
    return rehearsal.copy(f"acme/tracker-{next(NUMBERS)}")


@pytest.fixture
def published(rehearsal: Rehearsal, newcomer: Newcomer) -> Copy:
    """A copy of its own that has published once, on the sandbox's first day. It is the day after."""
    _begin(rehearsal)
    made = rehearsal.copy(f"acme/tracker-{next(NUMBERS)}", of=newcomer.copy.repository)
    rehearsal.day(1)
    return made


def _begin(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.faults.clear()
    rehearsal.sandbox.forget()
    rehearsal.day(0)
