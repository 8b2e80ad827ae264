"""What was told, and what was known when it was: `history/alerts.json`.

For each rule, project and thing that it looks at, the file has how that stood when it could be judged last. An alert is
told when that changes, so it is told once. The newest alerts are kept for the feed, the page, and for those that wait
for a message.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from groundswell.config_alerts import USUAL_RULES, Rule
from groundswell.history import write_whole
from groundswell.models import GroundswellError

FILE: Final = "alerts.json"
FORMAT: Final = 1
MOST_KEPT: Final = 500  # alerts, the newest; older ones are no longer shown
_MARK: Final = 6  # characters that tell two figures apart
_NAMED: Final = 10  # characters that tell two alerts of a day apart

Known = Mapping[str, Mapping[str, Mapping[str, str]]]  # rule → project → subject → how it stands


class BrokenAlerts(GroundswellError):
    """The file cannot be read. It is left as it is; nothing is written over it."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that was told. Its texts hold names from outside, and no level that an owner keeps back."""

    id: Annotated[str, Field(pattern=r"\A\d{4}-\d\d-\d\d-[0-9a-f]{10}\z")]  # lasting: it names a place on a page
    day: dt.date
    project: Annotated[str, Field(pattern=r"\A[\w.-]{1,100}/[\w.-]{1,100}\z")]  # Project.id
    name: str  # of the project, as it was called then
    kind: str  # of the rule
    subject: str  # key of a metric or a stage; "" for the project as a whole
    title: str  # one line that says it all, without a full stop
    text: str  # the numbers, their days and their sources, in a sentence or two


@dataclass(frozen=True, slots=True)
class Told:
    """What the site and the messages show."""

    alerts: tuple[Alert, ...] = ()  # oldest first
    rules: tuple[Rule, ...] = USUAL_RULES
    broken: str = ""  # why nothing can be told: a sentence for the person who can mend it


@dataclass(frozen=True, slots=True)
class Stand:
    """How something stands: a word, of which figure that holds, and what may come next if it lasts."""

    word: str
    by: str  # tells one figure from another: of other packages, from another source
    upcoming: str = ""
    since: dt.date | None = None  # of `upcoming`

    def __str__(self) -> str:
        waiting = () if self.since is None else (self.upcoming, self.since.isoformat())
        return " ".join((self.word, self.by, *waiting))

    @classmethod
    def read(cls, text: str) -> Stand:
        """The opposite of str()."""
        word, by, *waiting = text.split(" ")
        return cls(word, by, waiting[0], dt.date.fromisoformat(waiting[1])) if waiting else cls(word, by)


_STAND: Final = r"\A[^ ]+ [0-9a-f-]+(?: [^ ]+ \d{4}-\d\d-\d\d)?\z"


@dataclass(frozen=True, slots=True)
class Log:
    """All of the file."""

    as_of: dt.date | None = None  # day of the last run that looked
    watched: Mapping[str, dt.date] = field(default_factory=dict)  # project → since when
    known: Mapping[str, Mapping[str, Mapping[str, Annotated[str, Field(pattern=_STAND)]]]] = field(default_factory=dict)
    told: tuple[Alert, ...] = ()  # oldest first
    format: Literal[1] = FORMAT

    def as_json(self) -> str:
        """The text of the file: the same for the same log."""
        return json.dumps(asdict(self), default=dt.date.isoformat, sort_keys=True, indent=1, ensure_ascii=False) + "\n"

    def stand(self, rule: str, project: str, subject: str) -> Stand | None:
        """How something stood when it was judged last."""
        text = self.known.get(rule, {}).get(project, {}).get(subject)
        return None if text is None else Stand.read(text)


def load(directory: Path) -> Log:
    """The log that a history keeps; an empty one where there is none. Raises BrokenAlerts."""
    path = directory / FILE
    if not path.exists():
        return Log()
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text)
        if isinstance(found, dict) and isinstance(number := found.get("format"), int) and number > FORMAT:
            raise BrokenAlerts(f"{path} has format {number}; this version reads up to {FORMAT}: update the tracker")
        return TypeAdapter(Log).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise _broken(path, f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}") from None
    except ValueError as error:  # it is not UTF-8, or not JSON
        raise _broken(path, str(error)) from None


def _broken(path: Path, why: str) -> BrokenAlerts:
    remedy = "bring it back from the branch data, or remove it to begin anew with what is known today"
    return BrokenAlerts(f"{path} cannot be read ({why}), so no alerts are told: {remedy}")


def save(directory: Path, log: Log) -> None:
    """Keep the log; the file is there whole or not at all."""
    directory.mkdir(parents=True, exist_ok=True)
    write_whole(directory / FILE, log.as_json())


def mark(*parts: object) -> str:
    """A few characters that are others for other parts."""
    return _digest(*parts)[:_MARK]


def name(day: dt.date, *parts: object) -> str:
    """The lasting name of an alert: the same thing on the same day has the same one, whichever rules tell it."""
    return f"{day}-{_digest(*parts)[:_NAMED]}"


def _digest(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode(errors="replace")).hexdigest()
