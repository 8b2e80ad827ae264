"""Text from outside, set into Markdown as GitHub reads it: it stands there as text, calls nobody and leads nowhere.

A backslash keeps a sign from being read as Markdown or HTML. What GitHub looks for after that, in the finished text,
is parted by a sign that cannot be seen: mentions, numbers of issues, and addresses that become links by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

LONGEST: Final = 500  # characters of a text from outside
MOST: Final = 900_000  # bytes of a job's summary; GitHub takes a mebibyte
_JOINER: Final = "\N{WORD JOINER}"
_SIGNS: Final = re.compile(r"[\\`*_\[\]<>#|~$&]|^[+=-]")
_ACTIVE: Final = re.compile(r"(?<=[@#])|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=\bGH)(?=-)", re.IGNORECASE)
_ORDERED: Final = re.compile(r"^(\d+)(?=[.)](?:\s|$))")  # "1. " begins a list
_UNSEEN: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]+"
)


def plain(text: str, most: int = LONGEST) -> str:
    """A text on one line, to be read and nothing else."""
    return _SIGNS.sub(r"\\\g<0>", _ORDERED.sub(rf"\1{_JOINER}", _ACTIVE.sub(_JOINER, _line(text, most))))


def code(text: str, most: int = LONGEST) -> str:
    """A text on one line, letter by letter: `like this`. Nothing in it is read as anything else, in tables neither."""
    line = _line(text, most).replace("|", "\N{BROKEN BAR}")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    room = " " if line.startswith("`") or line.endswith("`") or not line.strip() else ""
    return f"{fence}{room}{line}{room}{fence}"


def block(lines: Iterable[str], language: str = "") -> str:
    """Lines as they are, to be copied."""
    rows = [_UNSEEN.sub(" ", line) for line in lines]
    fence = "`" * max(3, 1 + max((len(run) for row in rows for run in re.findall("`+", row)), default=0))
    return "\n".join([f"{fence}{language}", *rows, fence])


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Its cells are Markdown already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(lines: Iterable[str], most: int) -> str:
    """A list, and at its end how many more there are. Its lines are Markdown already."""
    found = list(lines)
    more = [f"- {len(found) - most} more"] if len(found) > most else []
    return "\n".join([*(f"- {line}" for line in found[:most]), *more])


def bounded(text: str, most: int = MOST) -> str:
    """A page of Markdown that is not longer than GitHub takes, cut at the end of a line."""
    content = text.encode()
    if len(content) <= most:
        return text
    kept = content[:most].decode(errors="ignore").rpartition("\n")[0]
    return f"{kept}\n\nThere is more, which does not fit here.\n"


def _line(text: str, most: int) -> str:
    line = _UNSEEN.sub(" ", text[: 2 * most]).strip()
    return line if len(line) <= most else f"{line[: most - 1]}…"
