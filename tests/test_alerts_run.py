"""Alerts in whole runs: told on the day, in page and feed, once; never by a run that is refused or that asks nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

import generate
from groundswell import alert_log
from groundswell.alert_log import Log
from sandbox import tracker
from sandbox.hosts import slack
from sandbox.server import Sandbox, start
from tests.test_feed import NS, faults

TODAY: Final = dt.date(2026, 11, 3)  # no month closes on the way
ADDRESS: Final = "https://example.org/swell"


@dataclass
class Tracked:
    """A tracker of two invented projects, from day to day."""

    folder: Path
    sandbox: Sandbox
    day: int = 0

    def run(self, *options: str, command: tuple[str, ...] = ()) -> Result:
        today = TODAY + dt.timedelta(days=self.day)
        self.sandbox.move_to(today)
        where = ["--projects", str(self.folder / "projects.yaml"), "--history", str(self.history)]
        site = [] if command else ["--site", str(self.folder / "site")]
        line = [*command, *where, *site, "--today", today.isoformat(), "--address", ADDRESS, *options]
        return CliRunner().invoke(generate.app, [*line, *([] if options else ["--stand-in", self.sandbox.address])])

    @property
    def history(self) -> Path:
        return self.folder / "history"

    @property
    def log(self) -> Log:
        return alert_log.load(self.history)

    @property
    def told(self) -> list[str]:
        return [one.title for one in self.log.told]


@dataclass(frozen=True)
class Seen:
    """What a run left behind."""

    status: int
    told: list[str]
    log: bytes
    page: str
    feed: str


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tracked, Mapping[str, Seen]]]:
    """A week in which nothing may be told, a repository that goes, a bad day, and what follows."""
    with pytest.MonkeyPatch.context() as patch, start(today=TODAY, projects=2) as sandbox:
        patch.setenv("GITHUB_TOKEN", "t")
        patch.delenv("GITHUB_REPOSITORY", raising=False)
        here = Tracked(tmp_path_factory.mktemp("alerts"), sandbox)
        rules = "alerts:\n  rules: [repository changed, newly measured, stars crossed a round level, gonne]\n"
        (here.folder / "projects.yaml").write_text(tracker.text(sandbox.world.entries) + rules)
        gone = sandbox.world.entries[0].repository
        seen: dict[str, Seen] = {}

        def look(name: str, *options: str) -> None:
            ended = here.run(*options)
            page, feed = here.folder / "site" / "alerts.html", here.folder / "site" / "feed.xml"
            log = (here.history / alert_log.FILE).read_bytes()
            seen[name] = Seen(ended.exit_code, here.told, log, page.read_text(), feed.read_text())

        look("first")
        here.day = 8
        sandbox.order("missing", target=gone)
        look("once gone")
        here.day = 9
        look("gone")
        look("again")
        here.day = 10
        look("offline", "--offline")
        sandbox.order("status", host="api.github.com", status=500)
        look("refused")
        yield here, seen


def test_a_first_run_tells_nothing_and_a_wrong_rule_is_left_out(days: tuple[Tracked, Mapping[str, Seen]]) -> None:
    _, seen = days
    assert seen["first"].status == 0
    assert seen["first"].told == []
    assert "Nothing was told yet." in seen["first"].page
    assert "A repository is archived, renamed, gone or back." in seen["first"].page
    assert seen["once gone"].told == []


def test_what_is_told_stands_on_the_page_and_in_the_feed_at_one_lasting_address(
    days: tuple[Tracked, Mapping[str, Seen]],
) -> None:
    here, seen = days
    name = here.sandbox.world.entries[0].name
    (one,) = here.log.told
    assert one.title == f"{name} is not on GitHub any more, or not public"
    assert f'id="a-{one.id}"' in seen["gone"].page
    assert list(faults(seen["gone"].feed)) == []
    ids = [entry.text for entry in ET.fromstring(seen["gone"].feed).iter(f"{NS}id")]
    assert f"{ADDRESS}/alerts.html#a-{one.id}" in ids


def test_another_run_of_the_day_and_one_that_asks_nobody_tell_nothing_new(
    days: tuple[Tracked, Mapping[str, Seen]],
) -> None:
    _, seen = days
    assert seen["again"] == seen["gone"]
    assert seen["offline"].log == seen["gone"].log
    assert seen["offline"].told == seen["gone"].told


def test_a_run_that_is_refused_judges_nothing(days: tuple[Tracked, Mapping[str, Seen]]) -> None:
    _, seen = days
    assert seen["refused"].status == generate.REFUSED
    assert seen["refused"].log == seen["gone"].log


def test_what_was_told_goes_to_the_webhook_from_the_environment(
    days: tuple[Tracked, Mapping[str, Seen]], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = days
    here.sandbox.faults.clear()
    here.day = 9
    monkeypatch.setenv("WEBHOOK", slack.ADDRESS)
    ended = here.run(command=("notify",))
    assert (ended.exit_code, ended.output.splitlines()[-1]) == (0, "1 alert sent to the webhook (slack)")
    assert "gonne" in ended.output, "what is wrong in the file is said"
    assert "SlackSecret" not in ended.output
