"""A world for each module of scenarios, and copies to play in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.rehearsal.copies import Copy, Rehearsal

NUMBERS = count(1)


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory, web: Path) -> Iterator[Rehearsal]:
    """A world whose sandbox stands on its first day. A module that moves it on, moves all its copies on."""
    assert (web / "@actions" / "expressions").is_dir(), "npm ci --prefix tests/web"
    with Rehearsal(tmp_path_factory.mktemp("rehearsal")) as world:
        yield world


@pytest.fixture
def fresh(rehearsal: Rehearsal) -> Copy:
    """A copy by *Use this template*, as it is then: Pages is off, nothing has run."""
    return rehearsal.copy(f"acme/tracker-{next(NUMBERS)}")


@pytest.fixture(scope="module")
def first(rehearsal: Rehearsal) -> Copy:
    """A copy that has published once; only to be copied and looked at."""
    made = rehearsal.copy("acme/first")
    made.switch_pages_on()
    (run,) = made.commit({"projects.yaml": rehearsal.projects()})
    assert run.conclusion == "success", run.told()
    return made


@pytest.fixture
def published(first: Copy) -> Copy:
    """A copy of its own that has published once."""
    return first.another(f"acme/tracker-{next(NUMBERS)}")
