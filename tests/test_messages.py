"""Messages: what each medium is sent, that it takes it, and that no name in it becomes a sign of the medium's own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from groundswell.alert_log import Alert, name
from groundswell.config import Tracker
from groundswell.http import Door, Outside
from groundswell.messages import MEDIA, Message, NoWebhook, checked, medium_of, messages
from sandbox.hosts import discord, receiver, slack, teams
from sandbox.server import Sandbox, start
from tests.cards import HOSTILE

DAY: Final = dt.date(2026, 11, 20)
TRACKER: Final = Tracker(title="Test & tracker", address="https://example.org/swell")
PLACES: Final = {
    "slack": slack.ADDRESS,
    "teams": teams.ADDRESS,
    "discord": discord.WEBHOOK,
    "json": receiver.ADDRESS,
}
SIGNS: Final = (
    "<!channel> @everyone <@U123> [a](http://evil.example) **b** _c_ `d` ~e~ # f\n> g & <at>h</at> https://i.example"
)
LONG: Final = ("&" * 3000, "\U0001f600" * 3000, "*" * 3000, '"\\' * 2000, "x" * 3000, "\ud800" * 700)


def alert(
    number: int = 0, title: str = "Kelp: stars reached 10,000", text: str = "10,002 on 20 November 2026."
) -> Alert:
    return Alert(name(DAY, number, title), DAY, "tidewater/kelp", "Kelp", "level", "stars", title, text)


def sent(medium: str, *alerts: Alert, tracker: Tracker = TRACKER) -> list[Message]:
    return list(messages(alerts, tracker, medium))


def body(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message.body)
    return found


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(projects=1) as running:
        yield running


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("number", [1, 2, 49, 50, 120])
def test_however_many_there_are_each_is_told_once_in_messages_that_are_taken(
    sandbox: Sandbox, medium: str, number: int
) -> None:
    alerts = [alert(n) for n in range(number)]
    made = sent(medium, *alerts)
    assert [one for message in made for one in message.alerts] == alerts
    door = Door(Outside(stand_in=sandbox.address))
    for message in made:
        door.deliver(checked(PLACES[medium]), message.body)
    door.close()
    assert len(made) <= number
    if number > 2:
        assert len(made) < number, "several go into one message"


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("text", [*LONG, HOSTILE, SIGNS], ids=lambda text: ascii(text[:8]))
def test_whatever_a_text_holds_one_alert_fits_into_a_message(sandbox: Sandbox, medium: str, text: str) -> None:
    tracker = Tracker(title=text, address=f"https://example.org/{'x' * 250}")
    door = Door(Outside(stand_in=sandbox.address))
    for message in sent(medium, alert(0, text, text), alert(1, text, text), tracker=tracker):
        door.deliver(checked(PLACES[medium]), message.body)
    door.close()


def test_what_is_taken_can_be_refused(sandbox: Sandbox) -> None:
    """Else the two facts above would say nothing."""
    long = "x" * 3001
    wrong = {
        slack.ADDRESS: {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": long}}]},
        teams.ADDRESS: {"text": "as the connectors of old took it"},
        discord.WEBHOOK: {"content": long},
        receiver.ADDRESS: {"text": "no alerts"},
    }
    door = Door(Outside(stand_in=sandbox.address))
    for address, message in wrong.items():
        with pytest.raises(Exception, match="refused the message"):
            door.deliver(checked(address), json.dumps(message))
    door.close()


def test_slack_has_blocks_with_its_three_signs_escaped_and_nobody_is_called() -> None:
    (message,) = sent("slack", alert(0, SIGNS, SIGNS))
    head, section = body(message)["blocks"]
    assert head == {"type": "header", "text": {"type": "plain_text", "text": "Test & tracker: 1 alert"}}
    assert body(message)["text"] == "Test &amp; tracker: 1 alert"
    text = section["text"]
    assert text["verbatim"] is True
    link, line = text["text"].split("\n")
    assert link.startswith(
        f"<https://example.org/swell/alerts.html#a-{message.alerts[0].id}|&lt;!channel&gt; @everyone"
    )
    for part in (link[1:-1].partition("|")[2], line):
        assert not set("<>") & set(part)
        assert "& " not in part


def test_discord_calls_nobody_shows_no_previews_and_every_sign_stands_for_itself() -> None:
    (message,) = sent("discord", alert(0, SIGNS, SIGNS))
    made = body(message)
    assert made["allowed_mentions"] == {"parse": []}
    assert made["flags"] == 4
    _, title, text, link = [line for line in made["content"].split("\n") if line]
    assert link == f"<https://example.org/swell/alerts.html#a-{message.alerts[0].id}>"
    for part in (title[2:-2], text):
        for place, sign in enumerate(part):
            if sign in "*_~`|>#[]()<@:":
                assert part[place - 1] == "\\", (part[max(0, place - 8) : place + 3], sign)
    assert "https\\://" in text


def test_teams_has_a_card_of_plain_text_runs() -> None:
    (message,) = sent("teams", alert(0, SIGNS, SIGNS))
    (attachment,) = body(message)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert runs[1]["text"] == " ".join(SIGNS.split())
    assert runs[1]["selectAction"]["url"].startswith("https://example.org/swell/alerts.html#a-")
    assert "entities" not in json.dumps(card), "without one, an <at> calls nobody"


def test_plain_json_has_all_of_an_alert() -> None:
    one = alert()
    (message,) = sent("json", one)
    assert body(message) == {
        "format": 1,
        "tracker": {"title": "Test & tracker", "address": "https://example.org/swell"},
        "alerts": [
            {
                "id": one.id, "day": "2026-11-20", "project": "tidewater/kelp", "name": "Kelp", "kind": "level",
                "subject": "stars", "title": one.title, "text": one.text,
                "link": f"https://example.org/swell/alerts.html#a-{one.id}",
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize("medium", MEDIA)
def test_a_tracker_without_an_address_sends_no_link(medium: str) -> None:
    (message,) = sent(medium, alert(), tracker=Tracker(title="T"))
    assert "alerts.html" not in message.body


@pytest.mark.parametrize(
    ("address", "named", "medium"),
    [
        (slack.ADDRESS, None, "slack"),
        (discord.WEBHOOK, None, "discord"),
        (teams.ADDRESS, None, "teams"),
        ("https://default0123.45.environment.api.powerplatform.com/powerautomate/x?sig=y", None, "teams"),
        (receiver.ADDRESS, None, "json"),
        ("https://chat.example.org/hooks/x", "slack", "slack"),
        (f"{discord.WEBHOOK}/slack", "slack", "slack"),
        ("https://hooks.slack.com.evil.example/x", None, "json"),
        ("https://notdiscord.com/x", None, "json"),
        ("https://logic.azure.com.evil.example/x", None, "json"),
    ],
)
def test_the_host_tells_the_medium_unless_the_file_does(address: str, named: str | None, medium: str) -> None:
    assert medium_of(checked(address), named) == medium


@pytest.mark.parametrize(
    "address",
    [
        "", "x", "http://hooks.slack.com/services/T/B/secret", "https://", "https:///secret", "https://u:p@a.example/secret",
        "https://a.example/se cret", "https://a.example/sécret", "https://a.example:99999/secret", "https://[x/secret",
        f"https://a.example/{'x' * 2000}", "https://a.example/\nsecret", "file:///etc/secret", "https://a.example/#secret",
    ],
)  # fmt: skip
def test_what_is_no_https_address_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(NoWebhook) as refusal:
        medium_of(checked(address), None)
    assert "secret" not in str(refusal.value)


def test_the_connectors_that_are_retired_are_named_with_what_to_do() -> None:
    with pytest.raises(NoWebhook, match="make a workflow"):
        medium_of(checked("https://contoso.webhook.office.com/webhookb2/secret"), None)
