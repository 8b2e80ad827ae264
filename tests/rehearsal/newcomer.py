"""Somebody who sets up a copy by docs/forking.md, step by step, and does nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.rehearsal.copies import ROOT, Copy, Rehearsal
from tests.rehearsal.runs import Run

NAME: Final = "acme/growth"
IN_A_FORK_ONLY: Final = "Switch the workflows on"


@dataclass
class Newcomer:
    """What somebody did, and what it cost. Rules protect `main` from the beginning."""

    rehearsal: Rehearsal
    clicks: list[str] = field(default_factory=list)
    page: str = ""
    _copy: Copy | None = None
    _run: Run | None = None
    asked: int = 0  # requests, to whomever
    rest: int = 0  # of these, those that count against GitHub's limit for REST
    points: int = 0
    seconds: float = 0.0

    def follow(self, clicks: list[str]) -> None:
        """Do what is listed, in order."""
        began = time.monotonic()
        for click in clicks:
            CLICKS[click](self)
            self.clicks.append(click)
        self.seconds = time.monotonic() - began
        seen = self.rehearsal.sandbox.log
        self.asked = len(seen)
        self.points = sum(one.points for one in seen if one.path == "/graphql")
        self.rest = sum(one.points for one in seen if one.host == "api.github.com" and one.path != "/graphql")

    @property
    def copy(self) -> Copy:
        """The copy that was made."""
        assert self._copy is not None, "no copy was made"
        return self._copy

    @property
    def run(self) -> Run:
        """The first run."""
        assert self._run is not None, "nothing has run"
        return self._run

    def make_a_copy(self) -> None:
        """*Use this template*."""
        self._copy = self.rehearsal.copy(NAME)
        self._copy.repository.protect("main")

    def switch_pages_on(self) -> None:
        """Settings → Pages."""
        self.copy.switch_pages_on()

    def say_what_is_tracked(self) -> None:
        """Edit projects.yaml in the browser."""
        (self._run,) = self.copy.commit({"projects.yaml": self.rehearsal.projects()})

    def open_the_page(self) -> None:
        """Look at the scorecard."""
        self.page = (self.copy.site / "index.html").read_text(encoding="utf-8")


CLICKS: Final[Mapping[str, Callable[[Newcomer], None]]] = {  # what stands in bold → what is done
    "Copy the repository": Newcomer.make_a_copy,
    "Switch Pages on": Newcomer.switch_pages_on,
    "Say what you track": Newcomer.say_what_is_tracked,
    "Open the page": Newcomer.open_the_page,
}


def listed() -> list[str]:
    """The numbered steps of docs/forking.md, "Set it up", by their words in bold; those of a fork alone left out."""
    text = (ROOT / "docs" / "forking.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"^## Set it up\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    steps = re.findall(r"^\d+\. \*\*(.+?)\.?\*\*", section, re.MULTILINE)
    return [step for step in steps if step != IN_A_FORK_ONLY]
