"""What a run did, in Markdown, for the summary of its job: made from the run's record, in the words of the pages.

Names and reasons are from outside: they are set as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Final

from groundswell import gate, markdown, wording
from groundswell.http import GITHUB
from groundswell.markdown import plain
from groundswell.pages import health, scorecard
from groundswell.pages.health import Trouble
from groundswell.pages.scorecard import Mover
from groundswell.pages.setting import Setting
from groundswell.runs import PUBLISHED, STOPPED, Record
from groundswell.sources import labels, signals

MOST_ROWS: Final = 40  # of a table
MOST_STEPS: Final = 10  # that somebody may take
MOST_WHO: Final = 6  # named in a cell
MOST_HOSTS: Final = 12  # with a row of their own
ENDINGS: Final = {
    "0": ("The site was built", "from what was read."),
    "1": ("The run failed", "by a fault of the program. Nothing is published, and the last site stays."),
    "2": ("projects.yaml is wrong", "so nothing is published, and the last site stays."),
    "3": ("The gate refused", "to publish: the figures differ too much from the last ones, whose site stays."),
    "4": ("No source could be reached", "so nothing is published, and the last site stays."),
    STOPPED: ("The run was stopped", "before it ended. What it had read is kept, and the last site stays."),
}
TO_DO: Final = {
    "1": "Report it, with the lines of the log.",
    "2": "Mend these lines; the commit starts the next run.",
    "3": gate.WAY_OUT,
    "4": "Nothing: the next run tries again.",
    STOPPED: "Start it again, or wait for the next run: it goes on where this one was.",
}
NOTHING_TO_DO: Final = "Nothing: all is well."
_PASSES: Final = ("Nothing", "Wait", "Ask again")  # how an advice begins that nobody has to follow


def add(file: Path | None, record: Record) -> None:
    """Add the summary of a run that has ended to a file; nothing without one."""
    if file is not None:
        with file.open("a", encoding="utf-8") as summary:
            summary.write(text(record))


def text(record: Record) -> str:
    """The whole summary."""
    return markdown.bounded("\n\n".join(_parts(record)) + "\n")


def _parts(record: Record) -> Iterator[str]:
    title, rest = ENDINGS[record.status]
    yield f"## {title}"
    yield f"{title} {rest}"
    if record.said:
        yield _list(map(plain, record.said))
    if record.lost:
        yield _list(map(plain, record.lost))
    setting = _setting(record)
    shown = None if setting is None or not record.cards else health.view(record.cards, setting)
    yield "### What to do"
    yield _list(_steps(record, shown.troubles if shown is not None else ()))
    if (progress := backfill(record)) is not None:
        yield "### How far it is"
        yield progress
    if setting is not None and record.status == PUBLISHED:
        yield from _moves(record, setting)
    if setting is not None and shown is not None:
        yield from _failures(shown.troubles, setting)
        yield from _ages(shown, setting)
    if record.tally is not None:
        yield from _used(record)


def _setting(record: Record) -> Setting | None:
    if record.tracked is None:
        return None
    return Setting(record.tracked.tracker, record.day, labels(record.sources), signals(record.sources))


# --- What to do, and how far it is -----------------------------------------------------------------------------------


def _steps(record: Record, troubles: Sequence[Trouble]) -> Iterator[str]:
    found: list[str] = []
    if record.status in TO_DO:
        found.append(TO_DO[record.status])
    if record.waiting:
        found.append("To have what waits sooner, start the workflow again in an hour; the daily run does it otherwise.")
    mistakes = record.tracked.mistakes if record.tracked is not None else ()
    found += [f"Mend what is left out: {plain(str(one))}" for one in mistakes]
    found += dict.fromkeys(plain(one.todo) for one in troubles if not one.todo.startswith(_PASSES))
    yield from found[:MOST_STEPS] or [NOTHING_TO_DO]
    if len(found) > MOST_STEPS:
        yield f"{len(found) - MOST_STEPS:,} more of the kind stand below."


def backfill(record: Record) -> str | None:
    """How much is read as far as the sources go, and how many runs the rest takes; None when nothing waits."""
    run = record.run()
    if not run.deferred or run.complete is None or run.projects is None:
        return None
    waits = wording.several(run.deferred, "target waits", "targets wait")
    before = record.last.complete if record.last is not None and record.last.complete is not None else 0
    gained = run.complete - before
    runs = ceil((run.projects - run.complete) / gained) if gained > 0 else None
    rest = "how many runs that takes cannot be told yet"
    if runs is not None:
        rest = f"at the pace of this run that takes about {wording.several(runs, 'more run', 'more runs')}"
    of = f"{run.complete:,} of {wording.several(run.projects, 'project')}"
    return (
        f"{of} {'is' if run.complete == 1 else 'are'} complete. "
        f"{wording.sentence(waits)[:-1]} for a later run, those that have waited longest first; {rest}."
    )


# --- What moved ------------------------------------------------------------------------------------------------------


def _moves(record: Record, setting: Setting) -> Iterator[str]:
    board = scorecard.view(record.cards, setting)
    lines = [f"**{plain(one.heading)}**: {_movers(one.first, one.others)}" for one in board.movers]
    if board.new:
        lines.append(f"**Newly measured**: {_movers(board.new, board.new_others)}")
    yield f"### What moves, of {plain(board.projects)}"
    yield _list(lines or ["Nothing that one can be sure of."])


def _movers(first: Sequence[Mover], others: str) -> str:
    named = [f"{plain(one.name)} ({plain(one.figure.text)})" for one in first]
    return ", ".join([*named, others] if others else named)


# --- What is missing, and how old the rest is ------------------------------------------------------------------------


def _failures(troubles: Sequence[Trouble], setting: Setting) -> Iterator[str]:
    if not troubles:
        return
    yield "### What could not be read"
    rows = [(plain(one.source), plain(one.since), plain(one.reason), _who(one), plain(one.todo)) for one in troubles]
    yield markdown.table(("Source", "Since", "Why", "Of", "What to do"), rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        yield f"{len(rows) - MOST_ROWS:,} more stand on {_page('health.html', 'Health of the data', setting)}."


def _who(trouble: Trouble) -> str:
    names = [f"{one.name} ({one.detail})" if one.detail else one.name for one in trouble.who]
    return plain(wording.listing(names, MOST_WHO))


def _ages(shown: health.View, setting: Setting) -> Iterator[str]:
    yield "### How old the figures are"
    rows = [
        (
            plain(one.label),
            one.asked,
            one.failing or "–",
            plain(f"{one.newest.text} ({one.newest_age})" if not one.newest.missing else one.newest_age),
            plain(f"{one.oldest.text}, {one.oldest_of}" if one.oldest_of else one.oldest.text),
        )
        for one in shown.sources
    ]
    if rows:
        yield markdown.table(("Source", "Targets", "Failing", "Newest day", "Oldest figure"), rows[:MOST_ROWS])
    yield f"{plain(shown.summary)} All of it stands on {_page('health.html', 'Health of the data', setting)}."


def _page(address: str, name: str, setting: Setting) -> str:
    root = setting.tracker.address
    return f"[{name}]({root}/{address})" if root else f"the page *{name}*"


# --- What was used ---------------------------------------------------------------------------------------------------


def _used(record: Record) -> Iterator[str]:
    run, used = record.run(), record.used
    yield "### What was asked for"
    hosts = sorted(used.requests.items(), key=lambda one: (-one[1], one[0]))
    rows = [
        (plain(host), f"{number:,}", _left(record) if host == GITHUB else "") for host, number in hosts[:MOST_HOSTS]
    ]
    if rest := hosts[MOST_HOSTS:]:
        rows.append((f"{len(rest):,} more hosts", f"{sum(number for _, number in rest):,}", ""))
    yield markdown.table(("Host", "Requests", "Left of the limit for the hour"), rows)
    again = f" It was the {_ordinal(run.runs)} run of this day." if run.runs > 1 else ""
    asked = "Not all answers were in" if run.asked is None else _targets(run.asked)
    kept = "`runs.csv` on the branch of the history keeps a row of this for each day."
    yield f"{asked} after {run.seconds:,} s.{again} {kept}"


def _targets(number: int) -> str:
    text = wording.several(number, "target was", "targets were")
    return f"{text[0].upper()}{text[1:]} asked for; all was done"


def _left(record: Record) -> str:
    used = record.used
    words = {"core": "requests", "graphql": "points"}
    told = [f"{one.remaining:,} of {one.limit:,} {words.get(name, name)}" for name, one in used.left.items()]
    return wording.listing([*told, f"{used.points:,} points used"], len(told) + 1)


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _list(lines: Iterator[str] | Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
