"""What holds for every source: it is documented and tested, and no fault of its site harms another or becomes a number.

The matrix of sources × faults is printed (`pytest -s tests/test_contract.py`): what became of the targets of each.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from groundswell import collect, config, http, sources
from groundswell.gather import plan
from groundswell.history import History
from groundswell.http import Door, Outside
from groundswell.models import Answer, Failure
from sandbox.server import Sandbox, start

ROOT = Path(__file__).parent.parent
TODAY = dt.date(2026, 11, 20)
SOURCES = sources.load()
PROJECTS = config.load(ROOT / "sandbox" / "projects.yaml", sources.namings(SOURCES)).projects
ASKED = [key for key in SOURCES if key != "github"]  # which has its own transport, and tests of its own of every fault
HARMLESS = "drip"  # slow, but whole
FAULTS: Mapping[str, tuple[str, Mapping[str, str | int | float]]] = {
    "drip": ("drip", {}),
    "timeout": ("delay", {"seconds": 2.0}),
    "reset": ("reset", {}),
    "429": ("html", {"status": 429}),
    "429 with Retry-After": ("status", {"status": 429, "retry_after": 1}),
    "500": ("status", {"status": 500}),
    "HTML": ("html", {"status": 200}),
    "truncated": ("truncated", {}),
    "broken JSON": ("broken", {}),
    "wrong type": ("wrong-type", {}),
    "null": ("null", {}),
    "empty list": ("empty", {}),
    "negative": ("negative", {}),
    "huge": ("huge", {"megabytes": 25}),
    "redirect": ("redirect", {}),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch, start(today=TODAY) as running:
        patch.setenv("SEC_CONTACT", "tests@example.org")
        yield running


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


Ends = Mapping[str, list[Answer | Failure]]


def outcomes(sandbox: Sandbox, *keys: str) -> Ends:
    """What becomes of every target of the gallery, by source, with fresh limits."""
    sandbox.move_to(TODAY)
    books = {project.id: History(project.id) for project in PROJECTS}
    door = Door(Outside("groundswell (+https://example.org)", "invented", sources.paces(SOURCES), sandbox.address))
    found: dict[str, list[Answer | Failure]] = {key: [] for key in keys}
    asks = {key: asks for key, asks in plan(PROJECTS, SOURCES, books).items() if key in keys}
    for outcome in collect.collect(asks, SOURCES, door, TODAY):
        found[outcome.source].append(outcome)
    door.close()
    return found


@dataclasses.dataclass
class Usual:
    """What the sources give on a good day, and the hosts that each asked."""

    ends: dict[str, list[Answer | Failure]]
    hosts: dict[str, set[str]]


@pytest.fixture(scope="module")
def usual(sandbox: Sandbox) -> Usual:
    found = Usual({}, {})
    for key in ASKED:
        sandbox.forget()
        found.ends |= outcomes(sandbox, key)
        found.hosts[key] = {seen.host for seen in sandbox.log}
    return found


def test_on_a_good_day_every_source_gives_every_target_values(usual: Usual) -> None:
    for key, ends in usual.ends.items():
        assert not [one for one in ends if isinstance(one, Failure)], key
        targets = {(project.id, target) for project in PROJECTS for target in project.targets.get(key, ())}
        assert {(project, target) for project, target, *_ in values(ends)} == targets


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_a_site_harms_another_source_or_becomes_a_number(
    sandbox: Sandbox, usual: Usual, fault: str, half: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second source meets the fault, then the others do."""
    kind, settings = FAULTS[fault]
    if kind == "delay":
        monkeypatch.setattr(http, "TIMEOUT", (2.0, 1.0))
    hosts = {host for key in ASKED[half::2] for host in usual.hosts[key]}
    meeting = [key for key in ASKED if usual.hosts[key] & hosts]  # two sources may read one site
    for host in hosts:
        sandbox.order(kind, **{"host": host, **settings})
    found = outcomes(sandbox, *ASKED)
    sandbox.faults.clear()
    for key, ends in found.items():
        if key not in meeting or fault == HARMLESS:
            assert values(ends) == values(usual.ends[key]), f"{fault} changed {key}"
            continue
        print(f"{fault:22}{key:16}{described(ends)}")
        assert not values(ends), f"{fault} of {key} became a number"
        asked = {(project.id, target) for project in PROJECTS for target in project.targets.get(key, ())}
        assert {(one.project, one.target) for one in ends if isinstance(one, Failure)} == asked
        assert all(len(one.reason) > 8 for one in ends if isinstance(one, Failure)), "a reason is a phrase"


def values(found: list[Answer | Failure]) -> list[tuple[str, str, str, dt.date, float]]:
    answers = [one for one in found if isinstance(one, Answer)]
    return sorted(
        (answer.project, answer.target, one.signal, one.day, one.value)
        for answer in answers
        for one in answer.observations
    )


def described(found: list[Answer | Failure]) -> str:
    reasons = sorted({one.reason for one in found if isinstance(one, Failure)})
    return f"{len(values(found))} values, {len(found)} failures: {reasons[0] if reasons else '–'}"
