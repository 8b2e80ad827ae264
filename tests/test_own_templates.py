"""The tracker's own parts, pages and styles: set in their places, and everything else stays as it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from groundswell import own_templates, render, sources
from groundswell.config import Tracker
from tests.cards import TODAY, cards

TRACKER: Final = Tracker(title="Test tracker", address="https://example.org/swell")


def write(site: Path, own: Path | None = None) -> dict[str, bytes]:
    render.write(site, cards()[:2], TRACKER, TODAY, sources.load(), own=own)
    return {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return write(tmp_path_factory.mktemp("plain") / "site")


@pytest.fixture(scope="module")
def dressed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A site with something of its own in every place there is for it."""
    folder = tmp_path_factory.mktemp("dressed")
    own = folder / "own"
    (own / "fonts").mkdir(parents=True)
    (own / "head.html").write_text('<meta name="theme-color" content="#123456">\n')
    (own / "top.html").write_text('<p><a href="{{ root }}index.html">Run by {{ tracker.title }}</a></p>\n')
    (own / "foot.html").write_text("<p>Imprint</p>\n")
    (own / "style.css").write_text(":root { --link: #123456; }\n")
    (own / "favicon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>\n')
    (own / "fonts" / "a.woff2").write_bytes(b"wOF2")
    (own / "README.md").write_text("Not for the site.\n")
    (own / ".secret").write_text("Not for the site.\n")
    (own / "linked.txt").symlink_to(Path(__file__))
    (own / "about.html").write_text(
        '{% extends "groundswell/about.html" %}{% block content %}{{ super() }}<p>Ours, too.</p>{% endblock %}\n'
    )
    return write(folder / "site", own)


def test_the_parts_stand_on_every_page_and_its_addresses_lead_to_the_root(dressed: dict[str, bytes]) -> None:
    pages = {name: text.decode() for name, text in dressed.items() if name.endswith(".html")}
    assert len(pages) > 10
    for name, text in pages.items():
        head, body = text.split("</head>")
        assert 'content="#123456"' in head, name
        assert "<p>Imprint</p>" in body.partition("<footer")[2], name
        assert "Run by Test tracker</a></p>" in body.partition("<main")[2].partition("<h1")[0], name
    project = next(text for name, text in pages.items() if name.startswith("projects/"))
    assert '<p><a href="../index.html">Run by' in project


def test_the_stylesheet_comes_after_that_of_the_site(dressed: dict[str, bytes]) -> None:
    head = dressed["index.html"].decode().partition("</head>")[0]
    assert head.index('href="style.css?') < head.index('href="own/style.css?')
    assert "font-src 'self';" in head, "which may bring a font along"
    assert dressed["own/style.css"] == b":root { --link: #123456; }\n"


def test_a_page_may_be_taken_over_and_go_on_from_the_one_that_comes(dressed: dict[str, bytes]) -> None:
    text = dressed["about.html"].decode()
    assert "<p>Ours, too.</p>" in text
    assert "<h1" in text


def test_files_go_to_the_site_as_they_are_but_for_templates_notes_hidden_ones_and_links(
    dressed: dict[str, bytes],
) -> None:
    assert {name for name in dressed if name.startswith("own/")} == {
        *("own/style.css", "own/favicon.svg", "own/fonts/a.woff2"),
    }
    assert dressed["favicon.svg"].startswith(b'<svg xmlns="http://www.w3.org/2000/svg"/>')


def test_all_else_stays_as_it_comes(plain: dict[str, bytes], dressed: dict[str, bytes]) -> None:
    assert b"font-src" not in plain["index.html"]
    changed = {name for name in plain if plain[name] != dressed[name]}
    assert {Path(name).suffix for name in changed} == {".html", ".svg"}
    assert {name for name in changed if name.endswith(".svg")} == {"favicon.svg"}


def test_a_folder_that_is_not_there_or_empty_changes_nothing(plain: dict[str, bytes], tmp_path: Path) -> None:
    assert write(tmp_path / "site", tmp_path / "own") == plain
    (tmp_path / "own").mkdir()
    assert write(tmp_path / "site", tmp_path / "own") == plain


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("foot.html", "<p>\n{{ nobody.knows }}</p>", r"foot\.html:2: 'nobody' is undefined; mend it"),
        ("top.html", "{% if %}", r"top\.html:1: Expected an expression"),
        ("about.html", '{% extends "groundswell/nothing.html" %}', r"about\.html:1: .*nothing\.html"),
    ],
)
def test_a_mistake_in_one_is_said_with_its_file_and_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / name).write_text(text)
    with pytest.raises(own_templates.BrokenTemplate, match=said):
        write(tmp_path / "site", tmp_path / "own")
    assert not (tmp_path / "site").exists()


def test_nothing_here_has_the_name_of_a_part_or_of_the_folder() -> None:
    here = {path.name for path in own_templates.TEMPLATES.iterdir()}
    assert not here & {"head.html", "top.html", "foot.html", "groundswell", own_templates.FOLDER}
