"""The recipe for a new source in CONTRIBUTING.md: three new files and no edit elsewhere are all that it takes.

It is followed word by word in a copy of the repository: the places of the files and the commands are those of its text.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from groundswell import addresses

ROOT: Final = Path(__file__).parents[1]
KEY: Final = "pebbles"
PROJECT: Final = "lanternworks/brightlantern"
MADE_ANEW: Final = {"docs/metrics.md", "projects.schema.json", "sandbox/projects.yaml"}  # by `make docs`

MODULE: Final = '''\
"""Pebbles: how many pebbles a project has laid on an invented beach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Pebble Beach"
NAMING = Naming(r"[a-z-]{1,40}", "skimmer", "a heap on Pebble Beach")
SIGNALS = (
    Signal(
        "pebbles_laid",
        Kind.STOCK,
        "pebbles",
        lag=0,
        backfill="none",
        docs="https://pebbles.example/docs",
        caveat="The tide takes some of them.",
    ),
)
PACE = {"pebbles.example": 1.0}


class _Heap(BaseModel):
    pebbles: Annotated[int, Field(strict=True, ge=0)]


_HEAP = TypeAdapter(_Heap)


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a heap."""
    for ask in asks:
        try:
            heap = shaped(_HEAP, door.json(f"https://pebbles.example/heaps/{ask.target}"))
        except Unanswered as error:
            yield Failure("pebbles", ask.project, ask.target, str(error))
        else:
            laid = Observation("pebbles_laid", today, heap.pebbles)
            yield Answer("pebbles", ask.project, ask.target, (laid,))
'''
SAMPLE: Final = '''\
"""pebbles.example: heaps of pebbles. Shape: an invention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.world import World

HOST = "pebbles.example"
TARGETS = {"lanternworks/brightlantern": {"pebbles": ("lantern-heap",)}}


@dataclass(frozen=True)
class _Attendant:
    def asked(self, request: Request) -> Asked:
        return Asked(frozenset({request.path.rpartition("/")[2]}))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        return as_json({"pebbles": 73_219})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - a heap is a heap
    """Somebody who answers for the beach."""
    return _Attendant()
'''
TEST: Final = '''\
"""Pebbles: a heap as the beach gives it."""

from __future__ import annotations

import datetime as dt

from groundswell.http import Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import pebbles
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)


def run(reply: Reply) -> list[Answer | Failure]:
    with scripted([reply]) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(pebbles.fetch([Ask("a/b", "heap")], door, TODAY))
        door.close()
    return outcomes


def test_a_heap_is_counted() -> None:
    laid = Observation("pebbles_laid", TODAY, 12)
    assert run(Reply(\'{"pebbles": 12}\')) == [Answer("pebbles", "a/b", "heap", (laid,))]


def test_a_heap_of_words_is_a_failure() -> None:
    assert isinstance(run(Reply(\'{"pebbles": "many"}\'))[0], Failure)
'''
CONTENTS: Final[Mapping[str, str]] = {"groundswell/sources": MODULE, "sandbox/hosts": SAMPLE, "tests": TEST}


@pytest.fixture(scope="module")
def recipe() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return text.partition("\n## Add a source\n")[2].partition("\n## ")[0]


def files_named(recipe: str) -> list[str]:
    steps = re.findall(r"^\d+\. (.*(?:\n   .*)*)", recipe, re.MULTILINE)
    return [name.replace("KEY", KEY) for step in steps for name in re.findall(r"`([\w/]+/\w*KEY\.py)`", step)[:1]]


def commands(recipe: str) -> list[str]:
    """Those of the recipe's block, with the Python that runs this test."""
    (block,) = re.findall(r"```sh\n(.*?)```", recipe, re.DOTALL)
    return [line.replace("KEY", KEY).replace(".venv/bin/python", sys.executable) for line in block.splitlines()]


@pytest.fixture(scope="module")
def copy(recipe: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it is, with the three files."""
    folder = tmp_path_factory.mktemp("copy")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    before = hashes(folder)
    for name in files_named(recipe):
        assert not (folder / name).exists()
        (folder / name).write_text(CONTENTS[str(Path(name).parent)])
    for command in made_from_the_code(recipe):
        run(command, folder)
    after = hashes(folder)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed - MADE_ANEW == set(files_named(recipe))
    return folder


def made_from_the_code(recipe: str) -> list[str]:
    """What `make docs`, which the recipe names first, would run."""
    assert commands(recipe)[0] == "make docs"
    (rule,) = re.findall(r"^docs:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return [line.removeprefix("\t@").replace("$(PY)", sys.executable) for line in rule.splitlines()]


def hashes(folder: Path) -> Mapping[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".pytest_cache" not in path.parts
    }


def run(command: str, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "127.0.0.1"}
    ended = subprocess.run(command.split(), cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def test_the_recipe_names_one_module_one_sample_and_one_test(recipe: str) -> None:
    folders = [str(Path(name).parent) for name in files_named(recipe)]
    assert folders == list(CONTENTS), "each step names its file first, with KEY in the place of the key"


@pytest.mark.needs("git")
def test_the_new_test_and_the_contract_pass(recipe: str, copy: Path) -> None:
    tests = [command for command in commands(recipe) if "pytest" in command]
    assert len(tests) == 2
    for command in tests:
        said = run(f"{command} -q -p no:cacheprovider", copy)
    row = next(line for line in said.splitlines() if line.startswith(KEY))
    assert row.split()[1:].count("said") == len(row.split()) - 2, f"all faults but the harmless one: {row}"


@pytest.mark.needs("git")
def test_the_house_and_the_tracker_file_know_it(copy: Path) -> None:
    run(f"{sys.executable} -m pytest -q -p no:cacheprovider tests/test_house.py", copy)
    assert f"{KEY}: " in (copy / "sandbox" / "projects.yaml").read_text()
    assert '"pebbles"' in (copy / "projects.schema.json").read_text()


@pytest.mark.needs("git")
def test_the_demo_shows_its_value_on_the_page(recipe: str, copy: Path, tmp_path: Path) -> None:
    assert "make demo" in commands(recipe)
    where = f"--site {tmp_path / 'site'} --history {tmp_path / 'history'} --past 0"
    run(f"{sys.executable} -m sandbox.demo {where}", copy)
    page = html.unescape((tmp_path / "site" / addresses.project_page(PROJECT)).read_text())
    row = page.partition("Pebble Beach: pebbles laid")[2].partition("</tr>")[0]
    for part in ("73.2k", ">Pebble Beach</a>", "lantern-heap", "20 Nov 2026", "The tide takes some of them."):
        assert part in row, part
