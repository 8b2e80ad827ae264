"""The page of what there is to take away: it lists what is there, and its examples work when they are copied."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from groundswell import render, sources
from groundswell.config import Tracker
from groundswell.pages import take_away
from tests.cards import TODAY, cards
from tests.served import served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("take") / "site"
    render.write(folder, cards(), Tracker(title="Test tracker"), TODAY, sources.load())
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as found:
        yield found.rstrip("/")


def examples(site: Path, language: str, address: str) -> list[str]:
    """The lines of a language that the page shows, for the site at an address."""
    page = (site / "data.html").read_text(encoding="utf-8")
    found = re.findall(rf'<code class="language-{language}">(.*?)</code>', page, re.DOTALL)
    return [html.unescape(lines).replace(take_away.SOMEWHERE, address) for lines in found]


def test_every_file_that_the_page_names_is_there_and_every_file_of_figures_is_named(site: Path) -> None:
    for file in take_away._FILES:
        for address in filter(None, (file.address.replace("OWNER__NAME", "tidewater__kelp"), file.schema)):
            assert (site / address).is_file(), address
    named = {file.address.replace("OWNER__NAME", "*") for file in take_away._FILES}
    for path in (site / "data").rglob("*.*"):
        place = path.relative_to(site).as_posix()
        assert re.sub(r"(?<=jects/|onths/)[^/]+(?=\.)", "*", place) in named or place.startswith("data/schema/"), place


@pytest.mark.needs("curl")
def test_the_line_for_the_shell_brings_the_scorecard(site: Path, address: str, tmp_path: Path) -> None:
    [line] = examples(site, "sh", address)
    subprocess.run(["bash", "-ec", line], cwd=tmp_path, check=True, capture_output=True)
    assert len(json.loads((tmp_path / "scorecard.json").read_text())["projects"]) == len(cards())


def test_the_lines_for_pandas_print_who_grows_and_a_project_by_months(site: Path, address: str) -> None:
    said = [
        subprocess.run([sys.executable, "-c", lines], check=True, capture_output=True, text=True).stdout
        for lines in examples(site, "python", address)
    ]
    risers, months = said
    assert risers.index("Creek") > risers.index("Kelp")
    assert "Flotsam" not in risers
    assert re.search(r"^2026-10\b", months, re.MULTILINE)


def test_the_page_says_what_is_promised_and_whom_to_name(site: Path) -> None:
    page = " ".join((site / "data.html").read_text(encoding="utf-8").split())
    assert "This is format 1." in page
    assert "In this tracker no figure asks for it today." in page


def test_the_examples_have_the_address_of_the_site_where_it_is_known(tmp_path: Path) -> None:
    tracker = Tracker(address="https://example.org/swell")
    render.write(tmp_path / "site", cards()[:1], tracker, TODAY, sources.load())
    [line] = examples(tmp_path / "site", "sh", "")
    assert line.endswith(" https://example.org/swell/data/scorecard.json")
