"""From a fresh copy to a published site: what somebody has to do, and what a run says when something is missing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from tests.rehearsal.copies import ROOT, Copy, Rehearsal
from tests.rehearsal.runner import Run

pytestmark = pytest.mark.needs("git", "bash", "node")

FORKING: Final = (ROOT / "docs" / "forking.md").read_text(encoding="utf-8")


@dataclass
class Newcomer:
    """Somebody who follows docs/forking.md, step by step."""

    rehearsal: Rehearsal
    copy: Copy | None = None
    run: Run | None = None
    page: str = ""

    def make_a_copy(self) -> None:
        self.copy = self.rehearsal.copy("acme/growth")

    def switch_pages_on(self) -> None:
        self.own.switch_pages_on()

    def say_what_is_tracked(self) -> None:
        (self.run,) = self.own.commit({"projects.yaml": self.rehearsal.projects()})

    def open_the_page(self) -> None:
        self.page = (self.own.site / "index.html").read_text(encoding="utf-8")

    @property
    def own(self) -> Copy:
        assert self.copy is not None
        return self.copy


CLICKS: Final[Mapping[str, Callable[[Newcomer], None]]] = {
    "Copy the repository": Newcomer.make_a_copy,
    "Switch Pages on": Newcomer.switch_pages_on,
    "Say what you track": Newcomer.say_what_is_tracked,
    "Open the page": Newcomer.open_the_page,
}
IN_A_FORK_ONLY: Final = "Switch the workflows on"


def listed() -> list[str]:
    """The numbered steps of docs/forking.md, "Set it up", by their words in bold."""
    (section,) = re.findall(r"^## Set it up\n(.*?)^## ", FORKING, re.MULTILINE | re.DOTALL)
    return re.findall(r"^\d+\. \*\*(.+?)\.?\*\*", section, re.MULTILINE)


def test_a_few_clicks_and_no_secret_lead_to_a_published_site(
    rehearsal: Rehearsal, record_property: Callable[[str, object], None]
) -> None:
    rehearsal.sandbox.forget()
    somebody, began = Newcomer(rehearsal), time.monotonic()
    clicks = [click for click in listed() if click != IN_A_FORK_ONLY]
    for click in clicks:
        CLICKS[click](somebody)
    run = somebody.run
    assert run is not None
    assert run.conclusion == "success", run.told()
    assert all(f">{entry.name}<" in somebody.page for entry in rehearsal.entries[:2])
    assert somebody.own.repository.secrets == {}
    asked = rehearsal.sandbox.log
    points = sum(seen.points for seen in asked if seen.path == "/graphql")
    github = sum(seen.points for seen in asked if seen.host == "api.github.com" and seen.path != "/graphql")
    assert len(clicks) <= 4
    assert (github, points) < (1_000, 1_000)
    record_property(
        "measured",
        f"from a copy to a published site of 2 projects: {len(clicks)} manual steps, 0 secrets, {len(asked)} requests"
        f" ({github} of GitHub's REST limit), {points} GraphQL points, {time.monotonic() - began:.0f} s",
    )
