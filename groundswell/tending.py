"""One issue in the tracker for all that has been amiss for days: opened, kept true, and closed again by itself.

The same troubles leave it as it is, however often this runs. Whoever closes it while they last has heard of them: it
stays closed until something else is amiss, or all was well in between.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Final

from groundswell import wording
from groundswell.markdown import plain
from groundswell.own_repository import OwnRepository, Ticket
from groundswell.troubles import Trouble

NAME: Final = "trouble"  # of the marker
LABELS: Final = ("groundswell",)  # put on it, if the owner has made one of that name
MOST: Final = 30  # troubles that are told in full
_HEARD: Final = re.compile(r"^<!-- of:([a-z0-9:_ -]*)-->$", re.MULTILINE)


def tend(own: OwnRepository, troubles: Sequence[Trouble], today: dt.date, pages: str | None = None) -> str:
    """Let the issue say what is amiss. `pages` is the site's address. Gives what was done, in a sentence.

    Raises own_repository.Refused when GitHub does not let it, as where issues are switched off.
    """
    known = own.find(NAME, "all")
    heard = _heard(known)
    if not troubles:
        return _well_again(own, known, heard, today)
    title, body = _title(troubles), _body(troubles, pages)
    if known is not None and known.is_open:
        own.edit(known, NAME, title, body)
        return f"The issue {known.address} says what is amiss."
    if known is not None and {one.key for one in troubles} <= heard:
        return f"The issue {known.address} was closed while it lasts: nobody is told again."
    return f"Opened {own.open(NAME, title, body, LABELS).address}: {title}."


def _well_again(own: OwnRepository, known: Ticket | None, heard: set[str], today: dt.date) -> str:
    if known is None or (not known.is_open and not heard):
        return "Nothing is amiss."
    last = f"All is well again since {wording.date(today)}."
    own.edit(known, NAME, known.title, f"{_of([])}\n{last}\n\n{_what_was(known)}")
    if not known.is_open:
        return "Nothing is amiss any more."
    own.close(known, last)
    return f"Closed {known.address}: all is well again."


def _heard(known: Ticket | None) -> set[str]:
    """The troubles that an issue of ours speaks of."""
    said = _HEARD.search(known.body) if known is not None else None
    return set(said[1].split()) if said is not None else set()


def _of(troubles: Sequence[Trouble]) -> str:
    return f"<!-- of: {' '.join(one.key for one in troubles)} -->"


def _what_was(known: Ticket) -> str:
    """What the issue said before, without what people do not see."""
    return "\n".join(line for line in known.body.splitlines() if not line.startswith("<!--")).strip()


def _title(troubles: Sequence[Trouble]) -> str:
    first = f"{troubles[0].title}, since {wording.date(troubles[0].since)}"
    more = len(troubles) - 1
    return f"{first}; and {wording.several(more, 'other trouble')}" if more else first


def _body(troubles: Sequence[Trouble], pages: str | None) -> str:
    return "\n\n".join(_parts(troubles, pages))


def _parts(troubles: Sequence[Trouble], pages: str | None) -> Iterator[str]:
    yield f"{_of(troubles)}\nSomething is amiss that somebody may have to mend."
    for one in troubles[:MOST]:
        yield f"### {plain(one.title)}, since {wording.date(one.since)}"
        yield "\n".join([*(f"- {plain(why)}" for why in one.reasons), *(f"- **{plain(todo)}**" for todo in one.todo)])
    if len(troubles) > MOST:
        yield f"And {wording.several(len(troubles) - MOST, 'other trouble')}."
    if pages is not None:
        yield f"All of it stands on [Health of the data]({pages}/health.html)."
    yield (
        "This issue is kept up to date by each run, without further messages, and closes by itself when all is well "
        "again. If it is closed by hand, it stays closed as long as nothing else is amiss."
    )
