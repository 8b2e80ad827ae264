"""The demo: with one target for each source at least, it shows a figure of every source on a page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from groundswell import addresses, config, sources
from sandbox import demo, gallery

SOURCES: Final = sources.load()
PROJECTS: Final = config.load(demo.PROJECTS, sources.namings(SOURCES)).projects

Figures = Mapping[str, tuple[str, Mapping[str, Any]]]  # source → a project, and one figure of it


@pytest.fixture(scope="module")
def site(demo_folder: Path) -> Path:
    return demo_folder / "site"


@pytest.fixture(scope="module")
def figures(site: Path) -> Figures:
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for project in json.loads((site / "data" / "scorecard.json").read_text())["projects"]:
        for figure in (*project["metrics"].values(), *project["other_figures"].values()):
            if figure["value"] is not None:
                found.setdefault(figure["provenance"]["signal"].partition(".")[0], (project["id"], figure))
    return found


@pytest.mark.parametrize("key", SOURCES)
def test_the_demo_names_a_target_of_every_source(key: str) -> None:
    assert any(project.targets.get(key) for project in PROJECTS)


@pytest.mark.parametrize("key", SOURCES)
def test_the_demo_shows_a_figure_of_every_source_with_its_day_and_source(
    site: Path, figures: Figures, key: str
) -> None:
    assert key in figures, "no signal of it has a value"
    project, figure = figures[key]
    text = html.unescape((site / addresses.project_page(project)).read_text())
    rows = re.findall(r"<tr>.*?</tr>", text.partition('id="figures"')[2], re.DOTALL)
    own = [row for row in rows if f">{SOURCES[key].LABEL}</a>" in row]
    assert own, "no row names it as its source"
    days = [re.search(r'<td class="day">(\d+ \w{3} \d{4})<small>', row) for row in own]
    assert all(days), "a figure without a day"
    values = [re.search(r'<td class="n"><span class="figure[^"]*" title="([^"]+)">', row) for row in own]
    assert all(values), "a row without a value"
    exact = f"{figure['value']:,}" if isinstance(figure["value"], int) and figure["value"] >= 100 else ""
    assert any(exact in value[1] for value in values if value), f"{exact} is not on the page"


def test_the_demo_is_of_the_day_that_the_gallery_is_made_for(figures: Figures) -> None:
    assert figures["github"][1]["observed"] == gallery.TODAY.isoformat()
