"""Notify: hand on what was told: alerts to a webhook, a closed month to an issue of the tracker's own repository.

It runs once the gate has let a run pass. What was handed on is noted in `history/notified.json` after each message;
what was not is tried again by the next runs, for a week. So an alert arrives once, or, when a run is ended between a
message and its note, twice, but it is not lost without a word.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from groundswell import alert_log, digest, editions, messages, wording
from groundswell.alert_log import Alert
from groundswell.config import Config
from groundswell.editions import Edition
from groundswell.history import write_whole
from groundswell.http import Door
from groundswell.models import GroundswellError
from groundswell.own_repository import OwnRepository, Refused
from groundswell.refusals import Unanswered

FILE: Final = "notified.json"
TRIED_DAYS: Final = 7  # that an alert waits for the webhook to take it
DIGEST_DAYS: Final = 31  # after its closing that a month is still told in an issue
MOST_NAMED: Final = 5  # alerts that are named when they are given up


class BrokenNotes(GroundswellError):
    """It cannot be read what was handed on. Nothing is: it would be so twice."""


@dataclass(frozen=True, slots=True)
class Notified:
    """What was handed on."""

    since: dt.date | None = None  # when the webhook was seen first; alerts before are not for it
    handled: tuple[str, ...] = ()  # ids of alerts that were sent, or given up, sorted
    digests: tuple[str, ...] = ()  # months that have their issue: "2026-10", sorted
    format: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, in lines for the output of the run."""

    done: tuple[str, ...]
    failed: tuple[str, ...]


def load(directory: Path) -> Notified:
    """What was handed on so far. Raises BrokenNotes."""
    path = directory / FILE
    if not path.exists():
        return Notified()
    try:
        return TypeAdapter(Notified).validate_json(path.read_bytes(), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        remedy = "bring it back from the branch data, or remove it to begin anew with what is told from now on"
        raise BrokenNotes(f"{path} cannot be read ({where}: {first['msg']}), so nothing is sent: {remedy}") from None


def save(directory: Path, notes: Notified) -> None:
    """Keep what was handed on."""
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(notes), default=dt.date.isoformat, sort_keys=True, indent=1)
    write_whole(directory / FILE, f"{text}\n")


def notify(
    directory: Path, tracked: Config, today: dt.date, door: Door, address: str, own: Callable[[], OwnRepository]
) -> Outcome:
    """Hand on what waits. `address` is the webhook's, or nothing; `own` opens the tracker's own repository."""
    try:
        notes, log = load(directory), alert_log.load(directory)
    except (BrokenNotes, alert_log.BrokenAlerts) as error:
        return Outcome((), (str(error),))
    sent = _Sending(directory, tracked, today, notes)
    if address:
        sent.alerts(log.told, door, address)
    elif notes.since is not None:
        sent.note(replace(notes, since=None, handled=()))  # a later webhook begins anew
    if tracked.alerts.digest:
        sent.month(own)
    return Outcome(tuple(sent.done), tuple(sent.failed))


class _Sending:
    """One run of it: what is noted, done and failed so far."""

    def __init__(self, directory: Path, tracked: Config, today: dt.date, notes: Notified) -> None:
        self._directory, self._tracked, self._today = directory, tracked, today
        self._notes = notes
        self.done: list[str] = []
        self.failed: list[str] = []

    def note(self, notes: Notified) -> None:
        """Keep it at once: what is noted is not sent again."""
        if notes != self._notes:
            save(self._directory, notes)
        self._notes = notes

    # --- Alerts ------------------------------------------------------------------------------------------------------

    def alerts(self, told: Sequence[Alert], door: Door, address: str) -> None:
        """Send the alerts that wait to the webhook; the first that it does not take ends that for today."""
        since = self._notes.since or self._today
        known = {one.id for one in told}
        self.note(replace(self._notes, since=since, handled=tuple(i for i in self._notes.handled if i in known)))
        waiting = [one for one in told if one.id not in set(self._notes.handled) and since <= one.day <= self._today]
        late = [one for one in waiting if (self._today - one.day).days > TRIED_DAYS]
        if late:
            self.failed.append(_given_up(late))
            self._handled(late)
        left = [one for one in waiting if one not in late]
        try:
            where = messages.checked(address)
            medium = messages.medium_of(where, self._tracked.alerts.webhook)
            for message in messages.messages(left, self._tracked.tracker, medium):
                door.deliver(where, message.body)
                self._handled(message.alerts)
                left = [one for one in left if one not in message.alerts]
                self.done.append(f"{wording.several(len(message.alerts), 'alert')} sent to the webhook ({medium})")
        except messages.NoWebhook as wrong:
            self.failed.append(str(wrong))
        except Unanswered as refusal:
            until = min(one.day for one in left) + dt.timedelta(days=TRIED_DAYS)
            self.failed.append(
                f"{wording.several(len(left), 'alert')} not sent, since the webhook {refusal}; "
                f"the next runs try again, until {until}"
            )

    def _handled(self, alerts: Sequence[Alert]) -> None:
        handled = {*self._notes.handled, *(one.id for one in alerts)}
        self.note(replace(self._notes, handled=tuple(sorted(handled))))

    # --- The month ---------------------------------------------------------------------------------------------------

    def month(self, own: Callable[[], OwnRepository]) -> None:
        """Open the issue of the newest closed month, unless there is one."""
        kept = editions.load(self._directory)
        newest = kept[-1] if kept else None
        if not isinstance(newest, Edition) or (self._today - newest.made).days > DIGEST_DAYS:
            return
        month = f"{newest.last:%Y-%m}"
        if month in self._notes.digests:
            return
        tracked = {project.id for project in self._tracked.projects}
        text = digest.body(newest, kept, tracked, self._tracked.tracker)
        try:
            with own() as repository:
                found = repository.find(digest.name(newest.last), "all")
                ticket = found or repository.open(digest.name(newest.last), digest.title(newest), text)
        except Refused as refusal:
            self.failed.append(f"{wording.month(newest.last)} is not told in an issue: {refusal}")
            return
        self.note(replace(self._notes, digests=tuple(sorted({*self._notes.digests, month}))))
        self.done.append(f"{wording.month(newest.last)} is told in issue #{ticket.number}: {ticket.address}")


def _given_up(late: Sequence[Alert]) -> str:
    named = wording.listing([f"“{one.title}” ({one.day})" for one in late], most=MOST_NAMED)
    return f"the webhook took none of these in {TRIED_DAYS} days, they are given up: {named}"
