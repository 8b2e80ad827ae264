"""Notify: what was told arrives once, is tried again when it does not, and the secret address stands nowhere."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from pathlib import Path
from typing import Final

import pytest

import generate
from groundswell import alert_log, closing, config, notify
from groundswell.alert_log import Alert, Log
from groundswell.config_alerts import Alerts
from groundswell.http import Broken, Door, Outside
from groundswell.models import Project
from groundswell.notify import FILE, TRIED_DAYS, Notified, Outcome
from groundswell.own_repository import OwnRepository
from sandbox.github.issues import TRACKER
from sandbox.hosts import discord, receiver, slack, teams
from sandbox.server import Sandbox
from tests.cards import HOSTILE
from tests.closed import two

DAY: Final = dt.date(2026, 11, 20)
ADDRESSES: Final = (slack.ADDRESS, teams.ADDRESS, discord.WEBHOOK, receiver.ADDRESS)
SECRETS: Final = ("SlackSecret", "TeamsSecret", "DiscordSecret", "ReceiverSecret")
KELP: Final = Project("tidewater/kelp", "Kelp", "Databases")


def told(folder: Path, *days: int, title: str = "Kelp: stars reached 10,000") -> None:
    """Alerts of so many days after the first."""
    alerts = []
    for number, after in enumerate(days):
        day = DAY + dt.timedelta(days=after)
        made = alert_log.name(day, number)
        alerts.append(Alert(made, day, "tidewater/kelp", "Kelp", "level", "stars", f"{title} ({number})", "10,002."))
    alert_log.save(folder, Log(as_of=DAY, told=tuple(alerts)))


def run(
    folder: Path,
    sandbox: Sandbox,
    address: str = slack.ADDRESS,
    after: int = 0,
    *,
    digest: bool = False,
    token: str = "t",
) -> Outcome:
    """One run so many days after the first."""
    tracker = config.Tracker(title="Test", address="https://example.org/swell")
    tracked = config.Config(tracker, (KELP,), {}, config.Gate(), (), Alerts(digest=digest))
    outside = Outside(token=token, stand_in=sandbox.address, minutes=5)
    door = Door(outside)
    day = DAY + dt.timedelta(days=after)
    outcome = notify.notify(folder, tracked, day, door, address, lambda: OwnRepository(TRACKER, outside))
    door.close()
    return outcome


def bodies(sandbox: Sandbox) -> list[str]:
    return [seen.body for seen in sandbox.log if seen.method == "POST" and seen.host != "api.github.com"]


def notes(folder: Path) -> Notified:
    return notify.load(folder)


# --- The webhook -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES, ids=["slack", "teams", "discord", "json"])
def test_what_was_told_arrives_once(tmp_path: Path, sandbox: Sandbox, address: str) -> None:
    told(tmp_path, 0, 0)
    outcome = run(tmp_path, sandbox, address)
    assert outcome.failed == ()
    assert outcome.done[0].startswith("2 alerts sent to the webhook (")
    (body,) = bodies(sandbox)
    assert "(0)" in body.replace("\\\\", "")
    before = (tmp_path / FILE).read_bytes()
    assert run(tmp_path, sandbox, address) == run(tmp_path, sandbox, address, 1) == Outcome((), ())
    assert len(bodies(sandbox)) == 1
    assert (tmp_path / FILE).read_bytes() == before


def test_alerts_from_before_there_was_a_webhook_are_not_for_it(tmp_path: Path, sandbox: Sandbox) -> None:
    told(tmp_path, -3, -1, 0, 1)
    run(tmp_path, sandbox)
    (body,) = bodies(sandbox)
    assert "(2)" in body
    assert "(1)" not in body
    assert "(3)" not in body
    assert run(tmp_path, sandbox, after=1).done == ("1 alert sent to the webhook (slack)",)


def test_without_a_webhook_nothing_is_asked_or_noted_and_a_later_one_begins_anew(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    told(tmp_path, 0)
    assert run(tmp_path, sandbox, "") == Outcome((), ())
    assert not (tmp_path / FILE).exists()
    run(tmp_path, sandbox)
    run(tmp_path, sandbox, "", after=1)
    assert notes(tmp_path).since is None
    told(tmp_path, 0, 1, 2)
    assert run(tmp_path, sandbox, after=2).done == ("1 alert sent to the webhook (slack)",)


@pytest.mark.parametrize(
    ("fault", "settings"),
    [
        ("status", {"status": 429, "retry_after": "0", "times": 2}),
        ("status", {"status": 500, "times": 2}),
        ("delay", {"seconds": 0.2}),
    ],
    ids=["429 with Retry-After", "500", "slow"],
)
def test_a_passing_fault_is_waited_for(
    tmp_path: Path, sandbox: Sandbox, fault: str, settings: dict[str, str | int | float]
) -> None:
    told(tmp_path, 0)
    sandbox.order(fault, host=slack.HOST, **settings)
    assert run(tmp_path, sandbox).done == ("1 alert sent to the webhook (slack)",)


@pytest.mark.parametrize(
    ("fault", "settings", "words"),
    [
        ("status", {"status": 429, "retry_after": "3600"}, "429 (too many requests"),
        ("status", {"status": 429}, "429 (too many requests"),
        ("status", {"status": 503}, "answered 503"),
        ("reset", {}, "could not be reached"),
        ("redirect", {"to": "http://127.0.0.1:1/elsewhere"}, "a redirect, which is not followed"),
        ("body", {"status": 400, "text": "invalid_payload", "type": "text/html"}, "(400: invalid_payload)"),
        ("body", {"status": 410, "text": "channel_is_archived", "type": "text/html"}, "(410: channel_is_archived)"),
    ],
    ids=["429 for an hour", "429", "503", "reset", "redirect", "refused", "gone"],
)
def test_what_is_not_taken_is_said_and_tried_again_by_the_next_run(
    tmp_path: Path, sandbox: Sandbox, fault: str, settings: dict[str, str | int | float], words: str
) -> None:
    told(tmp_path, 0)
    sandbox.order(fault, host=slack.HOST, **settings)
    (line,) = run(tmp_path, sandbox).failed
    assert line.startswith("1 alert not sent, since the webhook ")
    assert words in line
    assert line.endswith("the next runs try again, until 2026-11-27")
    sandbox.faults.clear()
    assert run(tmp_path, sandbox, after=1).done == ("1 alert sent to the webhook (slack)",)


@pytest.mark.parametrize(("fault", "tries"), [("status", 4), ("reset", 1)])
def test_a_fault_that_is_told_is_tried_again_and_silence_is_not(
    tmp_path: Path, sandbox: Sandbox, fault: str, tries: int
) -> None:
    """Who says nothing may have taken it: within a run it is not sent twice."""
    told(tmp_path, 0)
    sandbox.order(fault, host=slack.HOST)
    run(tmp_path, sandbox)
    assert len(bodies(sandbox)) == tries


def test_a_redirect_is_not_followed_anywhere(tmp_path: Path, sandbox: Sandbox) -> None:
    told(tmp_path, 0)
    sandbox.order("redirect", host=slack.HOST, to=f"{sandbox.address}/{receiver.HOST}/take/x")
    run(tmp_path, sandbox)
    assert {seen.host for seen in sandbox.log} == {slack.HOST}


def test_after_a_week_it_is_given_up_by_name_and_once(tmp_path: Path, sandbox: Sandbox) -> None:
    told(tmp_path, 0)
    sandbox.order("status", host=slack.HOST, status=503)
    run(tmp_path, sandbox)
    assert "not sent" in run(tmp_path, sandbox, after=TRIED_DAYS).failed[0]
    (line,) = run(tmp_path, sandbox, after=TRIED_DAYS + 1).failed
    assert line == (
        "the webhook took none of these in 7 days, they are given up: “Kelp: stars reached 10,000 (0)” (2026-11-20)"
    )
    sandbox.faults.clear()
    assert run(tmp_path, sandbox, after=TRIED_DAYS + 2) == Outcome((), ())


def test_what_was_sent_before_a_refusal_is_not_sent_again(tmp_path: Path, sandbox: Sandbox) -> None:
    told(tmp_path, *[0] * 40)
    sent: list[str] = []

    class Second(Door):
        def deliver(self, address: str, message: str) -> None:  # noqa: ARG002
            if len(sent) == 1:
                raise Broken("refused the message (400)")
            sent.append(message)

    tracked = config.Config(config.Tracker(), (KELP,), {}, config.Gate(), (), Alerts())
    door = Second(Outside(stand_in=sandbox.address))
    outcome = notify.notify(tmp_path, tracked, DAY, door, teams.ADDRESS, no_repository)
    assert outcome.done == ("20 alerts sent to the webhook (teams)",)
    assert outcome.failed[0].startswith("20 alerts not sent")
    assert len(notes(tmp_path).handled) == 20
    run(tmp_path, sandbox, teams.ADDRESS)
    (body,) = bodies(sandbox)
    first = {one for one in range(40) if f"({one})" in sent[0]}
    assert len(first) == 20
    assert {one for one in range(40) if f"({one})" in body} == set(range(40)) - first
    assert len(notes(tmp_path).handled) == 40


def no_repository() -> OwnRepository:
    raise AssertionError("nobody asked for it")


@pytest.mark.parametrize("content", [b"{", b'{"format": 2}', b"\xff"], ids=str)
def test_when_it_cannot_be_read_what_was_sent_nothing_is_and_it_is_said(
    tmp_path: Path, sandbox: Sandbox, content: bytes
) -> None:
    told(tmp_path, 0)
    (tmp_path / FILE).write_bytes(content)
    (line,) = run(tmp_path, sandbox).failed
    assert "notified.json cannot be read" in line
    assert bodies(sandbox) == []
    assert (tmp_path / FILE).read_bytes() == content


def test_a_broken_log_of_alerts_is_said(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / alert_log.FILE).write_text("{")
    (line,) = run(tmp_path, sandbox).failed
    assert "alerts.json cannot be read" in line


def test_a_host_on_a_private_network_is_not_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(tmp_path, 0)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.0.0.7", 443))])
    tracked = config.Config(config.Tracker(), (KELP,), {}, config.Gate(), (), Alerts())
    (line,) = notify.notify(tmp_path, tracked, DAY, Door(Outside()), receiver.ADDRESS, no_repository).failed
    assert "stands on a private network, which is not asked" in line


# --- The secret ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES, ids=["slack", "teams", "discord", "json"])
@pytest.mark.parametrize("fault", ["reset", "status", "echo", "redirect", "none"])
def test_the_address_stands_in_no_line_log_error_or_file(
    tmp_path: Path, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, address: str, fault: str
) -> None:
    caplog.set_level(logging.DEBUG, "groundswell")
    caplog.set_level(logging.ERROR, "urllib3")
    told(tmp_path, 0)
    if fault == "echo":
        secret = next(one for one in SECRETS if one in address)
        said = json.dumps({"message": f"no such thing: {address} ({secret}0123456789)"})
        sandbox.order("body", host=address.split("/")[2].removesuffix(":443"), status=400, text=said)
    elif fault != "none":
        sandbox.order(fault, host=address.split("/")[2].removesuffix(":443"))
    outcome = run(tmp_path, sandbox, address)
    seen = "\n".join([*outcome.done, *outcome.failed, caplog.text, repr(outcome)])
    seen += "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert bool(outcome.failed) is (fault != "none")
    assert not [one for one in SECRETS if one in seen], seen


def test_the_command_takes_the_address_from_the_environment_and_prints_it_nowhere(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "projects.yaml").write_text("projects: [{github: tidewater/kelp}]\n")
    history = tmp_path / "history"
    told(history, 0)
    line = ["generate.py", "notify", "--projects", str(tmp_path / "projects.yaml"), "--history", str(history)]
    monkeypatch.setattr(sys, "argv", [*line, "--today", DAY.isoformat(), "--stand-in", sandbox.address])
    monkeypatch.setenv("GITHUB_REPOSITORY", TRACKER)

    def command(address: str) -> tuple[object, str, str]:
        monkeypatch.setenv("WEBHOOK", address)
        with pytest.raises(SystemExit) as ended:
            generate.main()
        said = capsys.readouterr()
        assert "Secret" not in said.out + said.err
        return ended.value.code, said.out, said.err

    sandbox.order("status", host=slack.HOST, status=404, message="no_service")
    status, _, said = command(f"{slack.ADDRESS}\n")
    assert status == 1
    assert "1 alert not sent, since the webhook has nothing at that address any more (404: no_service)" in said
    sandbox.faults.clear()
    assert command(slack.ADDRESS) == (0, "1 alert sent to the webhook (slack)\n", "")
    assert command("") == (0, "Nothing new to hand on.\n", "")


# --- The month -------------------------------------------------------------------------------------------------------


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A history with one closed month."""
    closing.keep(tmp_path, two(DAY, names={"up/riser": "@torvalds <b>#1</b> [x](y)", "down/faller": HOSTILE}))
    return tmp_path


def tickets(sandbox: Sandbox) -> list[dict[str, object]]:
    found: list[dict[str, object]] = sandbox.world.desk.plain()[TRACKER]["tickets"]
    return found


def test_a_closed_month_is_told_in_one_issue(closed: Path, sandbox: Sandbox) -> None:
    outcome = run(closed, sandbox, "", digest=True)
    assert outcome.failed == ()
    (ticket,) = tickets(sandbox)
    assert outcome.done[0].startswith("October 2026 is told in issue #")
    assert str(ticket["title"]).startswith("October 2026: ")
    body = str(ticket["body"])
    assert body.startswith("<!-- groundswell:month-2026-10 -->\n")
    assert "[The whole edition](https://example.org/swell/2026-10/)" in body
    assert "### Intent" in body
    assert run(closed, sandbox, "", digest=True) == run(closed, sandbox, "", after=9, digest=True) == Outcome((), ())
    assert len(tickets(sandbox)) == 1


def test_an_issue_that_is_there_already_is_found_again_also_when_it_was_closed(closed: Path, sandbox: Sandbox) -> None:
    run(closed, sandbox, "", digest=True)
    with OwnRepository(TRACKER, Outside(token="t", stand_in=sandbox.address)) as own:
        ticket = own.find("month-2026-10")
        assert ticket is not None
        own.close(ticket)
    (closed / FILE).unlink()
    assert run(closed, sandbox, "", digest=True).done[0].startswith(f"October 2026 is told in issue #{ticket.number}")
    assert len(tickets(sandbox)) == 1


def test_names_in_a_digest_call_nobody_and_are_no_markup(closed: Path, sandbox: Sandbox) -> None:
    run(closed, sandbox, "", digest=True)
    body = str(tickets(sandbox)[0]["body"])
    assert "@torvalds" not in body
    assert "torvalds" in body
    assert "<b>" not in body.replace("\\<b", "")
    assert "[x](y)" not in body
    assert "<script>" not in body.replace("\\<script", "")


def test_without_the_word_in_the_file_no_issue_is_opened(closed: Path, sandbox: Sandbox) -> None:
    assert run(closed, sandbox, "") == Outcome((), ())
    assert tickets(sandbox) == []


def test_a_month_that_is_long_over_is_not_told_any_more(closed: Path, sandbox: Sandbox) -> None:
    assert run(closed, sandbox, "", after=notify.DIGEST_DAYS + 1, digest=True) == Outcome((), ())
    assert tickets(sandbox) == []


def test_an_issue_that_cannot_be_opened_is_said_and_tried_again(closed: Path, sandbox: Sandbox) -> None:
    sandbox.order("status", host="api.github.com", path="/issues", status=403, message="Resource not accessible")
    (line,) = run(closed, sandbox, "", digest=True).failed
    assert line.startswith("October 2026 is not told in an issue: ")
    sandbox.faults.clear()
    assert run(closed, sandbox, "", after=1, digest=True).done[0].startswith("October 2026 is told in issue #")


def test_the_webhook_does_not_keep_the_month_from_being_told(closed: Path, sandbox: Sandbox) -> None:
    told(closed, 0)
    sandbox.order("status", host=slack.HOST, status=500)
    outcome = run(closed, sandbox, digest=True)
    assert len(outcome.failed) == len(outcome.done) == 1
