"""Messages: alerts as each medium wants them, with nothing in them that it would take for its own signs.

A medium is an entry in MEDIA. What it documents as its limits is kept here: what does not fit in one message goes into
the next. Texts hold names from outside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from groundswell import wording
from groundswell.alert_log import Alert
from groundswell.config import Tracker
from groundswell.models import GroundswellError
from groundswell.pages import told

LONGEST_TITLE: Final = 200  # characters of an alert's title in a message, and …
LONGEST_TEXT: Final = 500  # … of its text: short enough that any one alert fits everywhere, also with its escapes
LONGEST_LINK: Final = 300  # a longer one is left out
LONGEST_ADDRESS: Final = 2000  # characters of a webhook's
DEFAULT_PORT: Final = 443
_DISCORD_SIGNS: Final = re.compile(r"([\\*_~`|>#\-+\[\]()<@:.])")


class NoWebhook(GroundswellError):
    """What the secret holds is no address that a message can go to. It is never repeated."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent at once."""

    body: str  # JSON
    alerts: tuple[Alert, ...]  # that it tells


Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Medium:
    """How messages of a kind are written."""

    hosts: tuple[str, ...]  # that want it; a leading dot stands for any name before it
    write: Callable[[Sequence[Alert], Tracker], Body]
    fits: Callable[[Body, Sequence[Alert]], bool]  # whether the other side takes so much at once


# --- Which medium ----------------------------------------------------------------------------------------------------


def medium_of(address: str, named: str | None) -> str:
    """The medium that projects.yaml names, or the one that the address's host wants. Raises NoWebhook."""
    host = urlsplit(address).hostname or ""
    if host.endswith(".webhook.office.com") or host == "outlook.office.com":
        raise NoWebhook(
            "WEBHOOK is the address of an Office 365 connector, which Microsoft has retired: make a workflow "
            '("Send webhook alerts to a channel") and put its address there'
        )
    for name, medium in MEDIA.items():
        if any(host == one or (one.startswith(".") and host.endswith(one)) for one in medium.hosts):
            return named or name
    return named or "json"


def checked(address: str) -> str:
    """An address that a message may go to, without the port that goes without saying. Raises NoWebhook, which does not
    say the address.
    """
    wrong = NoWebhook("WEBHOOK is not an https address: put the whole address there, as the other side shows it")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    odd = re.search(r"[^!-~]|[\\<>\"^`{|}#]", address) or parts.username is not None or len(address) > LONGEST_ADDRESS
    if parts.scheme != "https" or not host or odd or port == 0:
        raise wrong
    return parts._replace(netloc=host).geturl() if port == DEFAULT_PORT and ":" not in host else address


def messages(alerts: Sequence[Alert], tracker: Tracker, medium: str) -> Iterator[Message]:
    """All alerts, in as few messages as the medium takes."""
    how, batch = MEDIA[medium], list[Alert]()
    for one in alerts:
        longer = [*batch, one]
        if batch and not how.fits(how.write(longer, tracker), longer):
            yield _message(how, batch, tracker)
            longer = [one]
        batch = longer
    if batch:
        yield _message(how, batch, tracker)


def _message(how: Medium, batch: Sequence[Alert], tracker: Tracker) -> Message:
    return Message(json.dumps(how.write(batch, tracker)), tuple(batch))


# --- Parts of all ----------------------------------------------------------------------------------------------------


def link(one: Alert, tracker: Tracker) -> str:
    """Where an alert stands; nothing for a tracker that does not know its address."""
    where = f"{tracker.address}/{told.place(one)}" if tracker.address else ""
    return where if len(where) <= LONGEST_LINK else ""


def _head(alerts: Sequence[Alert], tracker: Tracker) -> str:
    return f"{_cut(tracker.title, 80)}: {wording.several(len(alerts), 'alert')}"


def _cut(text: str, most: int) -> str:
    """On one line, and of a length."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def _size(body: Body) -> int:
    """Bytes that it takes on its way."""
    return len(json.dumps(body))


# --- Slack: blocks (docs.slack.dev, "Sending messages using incoming webhooks", "Block Kit") --------------------------

SLACK_BLOCKS: Final = 50  # of a message
SLACK_SECTION: Final = 3000  # characters of a section
SLACK_HEADER: Final = 150  # characters of a header


def _slack(alerts: Sequence[Alert], tracker: Tracker) -> Body:
    head = _head(alerts, tracker)
    sections = [
        {"type": "section", "text": {"type": "mrkdwn", "text": _slack_text(one, tracker), "verbatim": True}}
        for one in alerts
    ]
    return {
        "text": _slack_safe(head),
        "blocks": [{"type": "header", "text": {"type": "plain_text", "text": head[:SLACK_HEADER]}}, *sections],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _slack_text(one: Alert, tracker: Tracker) -> str:
    title = _slack_cut(one.title, LONGEST_TITLE, SLACK_SECTION // 4)
    text, where = _slack_cut(one.text, LONGEST_TEXT, SLACK_SECTION // 2), link(one, tracker)
    return f"<{_slack_safe(where)}|{title}>\n{text}" if where else f"{title}\n{text}"


def _slack_cut(text: str, most: int, longest: int) -> str:
    """At most so many characters, and with its escapes at most so many more."""
    cut = _cut(text, most)
    while len(safe := _slack_safe(cut)) > longest:
        cut = _cut(cut, len(cut) * 3 // 4)
    return safe


def _slack_safe(text: str) -> str:
    """Slack's own three signs; with `verbatim` nothing else becomes a link or calls anybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _slack_fits(body: Body, alerts: Sequence[Alert]) -> bool:
    return len(alerts) < SLACK_BLOCKS and all(len(one["text"]["text"]) <= SLACK_SECTION for one in body["blocks"])


# --- Teams: an adaptive card for a workflow (learn.microsoft.com, "Create incoming webhooks with Workflows") ----------

TEAMS_BYTES: Final = 24_000  # of a message; Teams takes 28 KB, with what the workflow adds
TEAMS_ALERTS: Final = 20  # of a card: more is not read


def _teams(alerts: Sequence[Alert], tracker: Tracker) -> Body:
    """Texts stand in text runs, which know no Markdown."""
    head = {"type": "TextRun", "text": _head(alerts, tracker), "weight": "Bolder", "size": "Medium"}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [_rich([head]), *(part for one in alerts for part in _teams_parts(one, tracker))],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _teams_parts(one: Alert, tracker: Tracker) -> Iterator[Body]:
    title: Body = {"type": "TextRun", "text": _cut(one.title, LONGEST_TITLE), "weight": "Bolder"}
    if where := link(one, tracker):
        title["selectAction"] = {"type": "Action.OpenUrl", "url": where}
    yield {**_rich([title]), "spacing": "Medium", "separator": True}
    yield {**_rich([{"type": "TextRun", "text": _cut(one.text, LONGEST_TEXT)}]), "spacing": "None"}


def _rich(runs: Sequence[Body]) -> Body:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _teams_fits(body: Body, alerts: Sequence[Alert]) -> bool:
    return len(alerts) <= TEAMS_ALERTS and _size(body) <= TEAMS_BYTES


# --- Discord: content (discord.com/developers, "Execute Webhook") -----------------------------------------------------

DISCORD_CONTENT: Final = 2000  # characters, of which those beyond the first plane count twice
_NO_PREVIEWS: Final = 4  # the flag SUPPRESS_EMBEDS


def _discord(alerts: Sequence[Alert], tracker: Tracker) -> Body:
    parts = [f"**{_discord_safe(_head(alerts, tracker))}**"]
    for one in alerts:
        where = link(one, tracker)
        lines = (
            f"**{_discord_safe(_cut(one.title, LONGEST_TITLE))}**",
            _discord_safe(_cut(one.text, LONGEST_TEXT)),
            f"<{where}>" if where else "",
        )
        parts.append("\n".join(filter(None, lines)))
    return {"content": "\n\n".join(parts), "allowed_mentions": {"parse": []}, "flags": _NO_PREVIEWS}


def _discord_safe(text: str) -> str:
    """Every sign that could begin a style, a link, a list or a mention stands for itself."""
    return _DISCORD_SIGNS.sub(r"\\\1", text)


def _discord_fits(body: Body, _: Sequence[Alert]) -> bool:
    return len(body["content"].encode("utf-16-le", errors="surrogatepass")) // 2 <= DISCORD_CONTENT


# --- Plain JSON ------------------------------------------------------------------------------------------------------

JSON_ALERTS: Final = 100


def _json(alerts: Sequence[Alert], tracker: Tracker) -> Body:
    return {
        "format": 1,
        "tracker": {"title": tracker.title, "address": tracker.address},
        "alerts": [
            {
                "id": one.id,
                "day": one.day.isoformat(),
                "project": one.project,
                "name": one.name,
                "kind": one.kind,
                "subject": one.subject,
                "title": one.title,
                "text": one.text,
                "link": link(one, tracker) or None,
            }
            for one in alerts
        ],
    }


MEDIA: Final[Mapping[str, Medium]] = {
    "slack": Medium(("hooks.slack.com", "hooks.slack-gov.com"), _slack, _slack_fits),
    "teams": Medium(
        (".logic.azure.com", ".api.powerplatform.com", "api.powerautomate.com", ".api.powerautomate.com"),
        _teams,
        _teams_fits,
    ),
    "discord": Medium(
        ("discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"), _discord, _discord_fits
    ),
    "json": Medium((), _json, lambda _, alerts: len(alerts) <= JSON_ALERTS),
}
