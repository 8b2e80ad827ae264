"""The digest: a closed month as the text of an issue in the tracker's own repository, made from its edition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from groundswell import addresses, wording
from groundswell.config import Tracker
from groundswell.editions import Edition, Kept
from groundswell.markdown import bounded, plain
from groundswell.pages import edition
from groundswell.pages.edition import Line, List

LONGEST: Final = 50_000  # bytes; GitHub takes 65,536 characters


def name(last: dt.date) -> str:
    """What the issue of a month is marked with: there is one of it."""
    return f"month-{last:%Y-%m}"


def title(one: Edition) -> str:
    """The issue's title."""
    return f"{wording.month(one.last)}: {edition.headline(one)}"


def body(one: Edition, kept: Sequence[Kept], tracked: Collection[str], tracker: Tracker) -> str:
    """The issue's text. Names in it are text: they call nobody and lead to the tracker's own pages alone."""
    return bounded("\n\n".join(_parts(one, kept, tracked, tracker)), LONGEST)


def _parts(one: Edition, kept: Sequence[Kept], tracked: Collection[str], tracker: Tracker) -> Iterator[str]:
    view = edition.view(one, kept, tracked)
    yield " ".join(plain(sentence) for sentence in view.summary)
    yield from map(plain, view.how)
    for label, lists, says in view.stages:
        yield f"### {label}\n\n{plain(wording.sentence(says))}"
        for some in lists:
            yield from _list(some, tracker)
    for some in view.news:
        yield from _list(some, tracker)
    where = f"{tracker.address}/{addresses.lasting(addresses.edition(one.last))}" if tracker.address else ""
    yield f"[The whole edition]({where})" if where else "The whole edition stands on the tracker's pages."
    yield "Growth a month, over the four weeks to the end of the month, with its 95 % interval."
    yield from map(plain, view.credits)


def _list(some: List, tracker: Tracker) -> Iterator[str]:
    yield f"**{plain(some.heading)}**"
    lines = [_line(line, tracker) for line in some.lines]
    yield "\n".join([*lines, *([f"- {plain(some.others)}"] if some.others else [])])


def _line(line: Line, tracker: Tracker) -> str:
    name = plain(line.name)
    link = f"[{name}]({tracker.address}/{line.address})" if tracker.address and line.address else name
    said = " ".join(filter(None, (plain(line.growth), plain(line.detail), plain(line.corrected))))
    return f"- {link}: {said}" if said else f"- {link}"
