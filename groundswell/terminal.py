"""What a run says while it works: progress bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Advance = Callable[[int], None]

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def log_to_stderr(*, chatty: bool) -> None:
    """Send the log to the standard error stream: warnings, or with `chatty` also what is asked and what it costs."""
    if err.is_terminal:
        handler: logging.Handler = RichHandler(console=err, show_path=False, show_time=False)
    else:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("groundswell").setLevel(logging.INFO if chatty else logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.WARNING if chatty else logging.ERROR)  # each single try


def warn(text: str) -> None:
    """A line on the standard error stream, exactly as it is."""
    err.print(text, markup=False)


class Ended(SystemExit):
    """The command has said why it ends."""

    def __init__(self, status: int, lines: tuple[str, ...]) -> None:
        super().__init__(status)
        self.lines = lines


def stop(status: int, *lines: str) -> NoReturn:
    """End the command with an exit status, and say why."""
    for line in lines:
        warn(line)
    raise Ended(status, lines)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Advance]:
    """A bar for long work, moved by calling what it gives with the number of steps; nothing when not on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda steps: bars.advance(task, steps)
