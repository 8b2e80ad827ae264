"""The outside goes away in the middle of a run: nothing that was read is lost, and the next run completes it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
import yaml
from typer.testing import CliRunner, Result

import generate
from groundswell import collect, history, sources
from groundswell.models import Answer, Ask, Failure
from groundswell.pages import shown
from sandbox.exchange import Delivery, Request, Response
from sandbox.github import traffic
from sandbox.server import Sandbox, start
from tests.test_contract import PROJECTS

TODAY: Final = dt.date(2026, 11, 20)
SOURCES: Final = sources.load()
PUBLISHED, REFUSED, NOBODY = 0, 3, 4

Value = tuple[str, str, int, float]  # project, column, day, value


class Stops(Sandbox):
    """A sandbox that is stopped after a number of answers: calls in progress end, and no new one is taken."""

    answers_left: int
    lock: threading.Lock

    def answer(self, request: Request) -> Response:
        with self.lock:
            self.answers_left -= 1
            left = self.answers_left
        if left == -1:
            threading.Thread(target=self.stop, daemon=True).start()
        return super().answer(request) if left >= 0 else Response(0, b"", delivery=Delivery(reset=True))


@dataclass
class Tracker:
    """A tracker with one target for each source, and what its runs read."""

    folder: Path
    read: set[Value] = field(default_factory=set)
    failed: list[Failure] = field(default_factory=list)

    def run(self, address: str) -> Result:
        where = ["--projects", str(self.projects), "--history", str(self.history), "--site", str(self.site)]
        return CliRunner().invoke(generate.app, [*where, "--stand-in", address, "--today", TODAY.isoformat()])

    @property
    def projects(self) -> Path:
        file = self.folder / "projects.yaml"
        entries = [
            {"github": project.id, "name": project.name, "category": project.category}
            | {key: list(names) for key, names in project.targets.items() if key != "github"}
            for project in PROJECTS
        ]
        file.write_text(yaml.safe_dump({"projects": entries}, allow_unicode=True))
        return file

    @property
    def history(self) -> Path:
        return self.folder / "history"

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def kept(self) -> set[Value]:
        return {
            (name, column, day, value)
            for name in (*(project.id for project in PROJECTS), history.MARKET)
            for column, series in history.load(self.history, name).columns.items()
            for day, value in zip(series.days.tolist(), series.values.tolist(), strict=True)
        }


@pytest.fixture
def tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tracker:
    """Every answer that a run takes from a source is noted before the run goes on."""
    noted = Tracker(tmp_path)
    real = collect.collect

    def noting(asks: Mapping[str, Sequence[Ask]], *others: object) -> Iterator[Answer | Failure]:
        for outcome in real(asks, *others):  # type: ignore[arg-type]
            if isinstance(outcome, Failure):
                noted.failed.append(outcome)
            else:
                noted.read |= {
                    (outcome.project, history.column(f"{outcome.source}.{one.signal}", outcome.target), day, one.value)
                    for one in outcome.observations
                    if (day := one.day.toordinal())
                }
            yield outcome

    monkeypatch.setattr(collect, "collect", noting)
    for name, value in {
        "GITHUB_TOKEN": "invented",
        "SEC_CONTACT": "tests@example.org",
        "TRAFFIC_TOKEN": traffic.TOKEN,
        "GITHUB_REPOSITORY": f"{traffic.OWNER}/tracker",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    return noted


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Tracker:
    tracker = Tracker(tmp_path_factory.mktemp("undisturbed"))
    with pytest.MonkeyPatch.context() as patch, start(today=TODAY) as sandbox:
        patch.setenv("GITHUB_TOKEN", "invented")
        patch.setenv("SEC_CONTACT", "tests@example.org")
        patch.setenv("TRAFFIC_TOKEN", traffic.TOKEN)
        patch.setenv("GITHUB_REPOSITORY", f"{traffic.OWNER}/tracker")
        ended = tracker.run(sandbox.address)
    assert ended.exit_code == PUBLISHED, ended.output
    return tracker


def stopping_after(answers: int) -> Sandbox:
    sandbox = start(today=TODAY)
    sandbox.__class__ = Stops
    assert isinstance(sandbox, Stops)
    sandbox.lock, sandbox.answers_left = threading.Lock(), answers
    return sandbox


@pytest.mark.parametrize("answers", [0, 12, 40, 90])
def test_nothing_that_was_read_is_lost_and_the_next_run_completes_it(
    tracker: Tracker, undisturbed: Tracker, answers: int
) -> None:
    sandbox = stopping_after(answers)
    ended = tracker.run(sandbox.address)
    sandbox.stop()
    assert ended.exit_code in ({PUBLISHED, REFUSED} if answers else {NOBODY}), ended.output
    assert tracker.read <= tracker.kept, "all that was read is in the history"
    assert tracker.failed, "the rest has a reason"
    assert bool(tracker.read) == (answers > 0)
    if ended.exit_code == PUBLISHED:
        page = (tracker.site / "health.html").read_text()
        assert all(shown.in_words(one.reason) in page for one in tracker.failed)
    else:
        assert "Nothing is published" in ended.output
        assert not tracker.site.exists()

    with start(today=TODAY) as again:
        completed = tracker.run(again.address)
    assert completed.exit_code == PUBLISHED, completed.output
    assert tracker.kept == undisturbed.kept
