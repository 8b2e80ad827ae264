"""The page about the tracker, and the page for what is not there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import yaml

import generate
from groundswell import config, render, sources
from groundswell.config import Tracker
from groundswell.models import Stage
from groundswell.pages import about
from tests.cards import TODAY, cards
from tests.test_render import Page

TRACKER: Final = Tracker(title="Test tracker", address="https://example.org/swell", repository="tide/swell")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("about") / "site"
    render.write(folder, cards(), TRACKER, TODAY, sources.load())
    return folder


def page(site: Path, name: str) -> Page:
    return Page((site / name).read_text(encoding="utf-8"))


def test_it_says_what_is_tracked_who_runs_it_and_what_is_counted(site: Path) -> None:
    found = page(site, "about.html").text
    assert "Test tracker follows 12 open-source projects (" in found
    assert "tide runs it, in the open" in found
    assert "Public figures of GitHub, npm and PyPI." in found
    assert all(stage.value.capitalize() in found for stage in Stage)


def test_it_leads_to_the_list_to_a_fork_and_to_what_is_behind_the_figures(site: Path) -> None:
    links = set(page(site, "about.html").all("href"))
    github = "https://github.com/tide/swell"
    assert {github, f"{github}/issues", f"{github}/edit/HEAD/projects.yaml", f"{github}/fork"} <= links
    assert f"{github}/blob/HEAD/docs/forking.md" in links
    assert {"methodology.html", "health.html", "data.html"} <= links
    assert (Path(__file__).parents[1] / "docs" / "forking.md").is_file()


def test_it_leads_to_the_form_where_the_repository_has_one(site: Path, tmp_path: Path) -> None:
    form = "https://github.com/tide/swell/issues/new?template=project.yml"
    assert form not in page(site, "about.html").all("href")
    render.write(tmp_path / "site", cards()[:1], replace(TRACKER, has_form=True), TODAY, sources.load())
    assert form in page(tmp_path / "site", "about.html").all("href")
    assert (Path(__file__).parents[1] / generate.FORM).is_file()


def test_without_a_repository_it_says_what_is_missing_and_leads_nowhere_made_up(tmp_path: Path) -> None:
    render.write(tmp_path / "site", cards()[:1], Tracker(), TODAY, sources.load())
    found = page(tmp_path / "site", "about.html")
    assert "do not name the repository" in found.text
    assert not [link for link in found.all("href") if "github.com" in link]


def test_the_entry_that_it_shows_is_a_right_one(tmp_path: Path) -> None:
    file = tmp_path / "projects.yaml"
    file.write_text(yaml.safe_dump({"projects": yaml.safe_load(about._EXAMPLE)}))
    found = config.load(file, sources.namings(sources.load()))
    assert found.mistakes == ()
    assert found.projects[0].targets["npm"] == ("package",)


def test_what_it_says_of_privacy_is_true_of_every_page(site: Path) -> None:
    """No cookie, nothing kept in the browser, nothing from elsewhere (which tests/test_render.py holds as well)."""
    for path in site.rglob("*.js"):
        if path.parent.name != "vega":
            assert not re.search(r"document\.cookie|localStorage|sessionStorage|indexedDB|sendBeacon", path.read_text())
    for path in site.rglob("*.html"):
        found = Page(path.read_text(encoding="utf-8"))
        assert not [source for source in found.all("src") if "//" in source], path


def test_the_page_for_what_is_not_there_helps_on_at_any_depth(site: Path) -> None:
    found = page(site, "404.html")
    helps = {"index.html#all", "editions.html", "compare.html", "data.html", "methodology.html", "health.html"}
    assert {f"/swell/{address}" for address in helps} <= set(found.all("href"))
    assert 'id="all"' in (site / "index.html").read_text(encoding="utf-8")
