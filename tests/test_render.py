"""The site as files: complete, well formed, safe, the same every time, and never half."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from groundswell import render, sources
from groundswell.addresses import UnsafeName
from groundswell.catalogue import METRICS
from groundswell.config import Mistake, Tracker
from groundswell.models import Card
from groundswell.readings import READINGS
from tests.cards import HOSTILE, TODAY, card, cards, growth, measured, project

TRACKER = Tracker(title="Test tracker", description="What is <tracked> here.", address="https://example.org/swell")
VOID = {"meta", "link", "br", "col", "input", "path", "rect", "circle", "use", "img"}


def write(site: Path, *chosen: Card, tracker: Tracker = TRACKER, **more: object) -> None:
    render.write(site, chosen, tracker, TODAY, sources.load(), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("render") / "site"
    mistakes = (Mistake("projects.yaml", 12, "a/b", f"unknown key {HOSTILE}"),)
    write(folder, *cards(), mistakes=mistakes)
    return folder


def files(site: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(site)): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}


class Page(HTMLParser):
    """A page's tags, checked to be closed in the order they were opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len({name for name, _ in attrs}) == len(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, attribute: str) -> list[str]:
        return [value or "" for _, attrs in self.tags for name, value in attrs.items() if name == attribute]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def page(site: Path, address: str = "index.html") -> Page:
    return Page((site / address).read_text(encoding="utf-8"))


def pages(site: Path) -> dict[str, Page]:
    return {str(path.relative_to(site)): page(site, str(path.relative_to(site))) for path in site.rglob("*.html")}


# --- Complete --------------------------------------------------------------------------------------------------------


def test_there_is_a_page_and_a_data_file_for_every_project(site: Path) -> None:
    assert len(list((site / "projects").iterdir())) == len(cards())
    for form in ("json", "csv"):
        assert len(list((site / "data/projects").glob(f"*.{form}"))) == len(cards())
    assert json.loads((site / "data/scorecard.json").read_text())["left_out"][0].startswith("projects.yaml:12")


def test_every_link_inside_the_site_leads_somewhere(site: Path) -> None:
    for address, found in pages(site).items():
        ids = set(found.all("id"))
        for link in found.all("href") + found.all("src"):
            place, _, anchor = link.partition("#")
            if link.startswith("#"):
                assert anchor in ids, (address, link)
            elif not place.startswith("http"):
                inside = place.removeprefix("/swell/") if address == "404.html" else place
                start = site if address == "404.html" else (site / address).parent
                assert (start / inside.partition("?")[0]).resolve().is_file(), (address, link)


def test_ids_are_unique_on_a_page_and_references_to_them_hold(site: Path) -> None:
    for address, found in pages(site).items():
        assert max(Counter(found.all("id")).values()) == 1, address
        for value in found.all("aria-labelledby"):
            assert set(value.split()) <= set(found.all("id")), (address, value)


def test_the_scorecard_lists_every_project_with_its_reading_and_ranks_what_is_sure_first(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr[^>]*><th scope="row"><a dir="auto" href="projects/(.*?)\.html"', text)
    assert len(rows) == len(cards())
    order = [rows.index(name) for name in ("tidewater__kelp", "lagoon__still", "continental__shelf", "ebb__flotsam")]
    assert order == sorted(order)
    assert rows[-1] == "mist__fog"
    assert "interest and use move together" in (site / "rows.json").read_text(encoding="utf-8")


def test_the_surest_moves_come_first_and_not_the_largest(tmp_path: Path) -> None:
    def mover(name: str, month: float, half: float) -> Card:
        return card(project(f"a/{name}", name), {"stars": measured("stars", 900, growth(month, half, 900))}, "Moves.")

    write(tmp_path / "site", mover("wild", 0.3, 0.29), mover("sure", 0.05, 0.01), mover("down", -0.04, 0.01),
          mover("wilder", -0.2, 0.19))  # fmt: skip
    found = page(tmp_path / "site").text
    up, down = found.index("Intent: 2 rising"), found.index("Intent: 2 falling")
    assert up < found.index("sure", up) < found.index("wild", up) < down
    assert down < found.index("down", down) < found.index("wilder", down)


def test_what_is_missing_is_said_by_source_with_its_reason(site: Path) -> None:
    found = page(site).text
    missing = found[found.index("What is missing today") :]
    for words in ("answered 502 (a fault of its own): abyss/trench", "answered 429 (too many requests): still"):
        assert words in missing
    assert "projects.yaml:12: a/b: unknown key" in missing


def test_nothing_missing_is_said_as_well(tmp_path: Path) -> None:
    write(tmp_path / "site", cards()[0])
    assert "every source answered for every project" in page(tmp_path / "site").text


def test_an_empty_tracker_has_a_site(tmp_path: Path) -> None:
    write(tmp_path / "site")
    assert "no projects" in page(tmp_path / "site").text


def test_a_missing_figure_is_a_dash_with_its_reason_and_never_a_zero(site: Path) -> None:
    fog = page(site, "projects/mist__fog.html")
    assert "Stars: Not seen yet." in fog.text
    assert "missing: Not seen yet." in page(site).text
    assert not re.search(r"\b0 stars", fog.text)


def test_a_project_page_says_from_when_from_where_and_how_sure(site: Path) -> None:
    found = page(site, "projects/tidewater__kelp.html").text.replace("\xa0", " ")
    for words in (
        "+8.2 % ± 0.5", "Seen since 1 June 2026; what lies before was worked out afterwards", "GitHub", "today",
        "Version 2.0", "12 September 2026", "Has come as far as Monetization", "Larger than 91 %",
        "no difference that one can be sure of", "40 more days of history needed",
    ):  # fmt: skip
        assert words in found, words


def test_an_old_value_says_so_on_the_project_page(site: Path) -> None:
    assert "Last seen 6 days ago" in page(site, "projects/lagoon__still.html").text


def test_every_chart_has_a_title_a_description_and_its_numbers(site: Path) -> None:
    found = page(site, "projects/tidewater__kelp.html")
    charts = [attrs for tag, attrs in found.tags if tag == "svg" and attrs.get("role") == "img"]
    assert len(charts) >= 5
    tables = [attrs for tag, attrs in found.tags if tag == "table" and attrs.get("class") == "numbers"]
    assert len(tables) == len(charts)


def test_the_methodology_names_every_metric_reading_and_signal(site: Path) -> None:
    found = page(site, "methodology.html").text
    for metric in METRICS:
        assert metric.meaning in found
    for rule in READINGS:
        assert rule.title in found
    for name in sources.signals(sources.load()):
        assert name in found


def test_a_notice_stands_on_every_page(tmp_path: Path) -> None:
    write(tmp_path / "site", cards()[0], tracker=dataclasses.replace(TRACKER, notice="All of it is <invented>."))
    assert all("All of it is <invented>." in found.text for found in pages(tmp_path / "site").values())


def test_the_page_for_what_is_not_found_works_at_any_address(site: Path, tmp_path: Path) -> None:
    assert all(link.startswith(("/swell/", "#", "http")) for link in page(site, "404.html").all("href"))
    write(tmp_path / "site", tracker=Tracker(title="At the root"))
    assert all(link.startswith(("/", "#", "http")) for link in page(tmp_path / "site", "404.html").all("href"))


# --- Safe ------------------------------------------------------------------------------------------------------------


SCRIPTS = {
    "index.html": ["scorecard.js"],
    "stages.html": ["scorecard.js"],
    "categories": ["../scorecard.js"],
    "compare.html": ["vega/vega", "compare.js"],
}


def test_nothing_from_outside_becomes_markup(site: Path) -> None:
    for address, found in pages(site).items():
        scripts = [attrs for tag, attrs in found.tags if tag == "script" and attrs != {"type": "application/ld+json"}]
        names = [re.split("[-?]", one["src"] or "")[0] for one in scripts]
        assert names == SCRIPTS.get(address.partition("/")[0], []), address
        assert all(set(one) == {"src", "defer"} for one in scripts), address
        assert not [tag for tag, _ in found.tags if tag in {"iframe", "object", "style", "base"}], address
        assert all("badges/" in (attrs["src"] or "") for tag, attrs in found.tags if tag == "img"), address
        assert not [name for _, attrs in found.tags for name in attrs if name.startswith("on") or name == "style"], (
            address
        )
    assert HOSTILE in "".join(page(site, "projects/evil__x-y.z.html").words)


def test_no_link_leads_anywhere_but_into_the_site_or_to_the_web(site: Path) -> None:
    for address, found in pages(site).items():
        for tag, attrs in found.tags:
            link = attrs.get("href") or ""
            assert re.match(r"https?://|[#/.a-z]", link) or not link, (address, link)
            assert "script:" not in link, (address, link)
            if tag == "a" and link.startswith("http"):
                assert attrs.get("rel") == "nofollow noopener", (address, link)


def test_pages_allow_no_script_or_style_but_the_sites_own(site: Path) -> None:
    for found in pages(site).values():
        [policy] = [attrs["content"] or "" for tag, attrs in found.tags if tag == "meta" and "http-equiv" in attrs]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy


def test_no_page_takes_anything_from_elsewhere(site: Path) -> None:
    for found in pages(site).values():
        taken = [attrs.get("href") or "" for tag, attrs in found.tags if tag == "link" and attrs["rel"] != "canonical"]
        assert not [link for link in taken + found.all("src") if "//" in link]
    assert not re.search(r"url\(|@import|//", (site / "style.css").read_text().replace("/* ", ""))


def test_a_name_that_could_leave_the_folder_names_no_page(tmp_path: Path) -> None:
    with pytest.raises(UnsafeName):
        write(tmp_path / "site", card(project("../../evil", "Evil"), {}, "Nothing."))
    assert list(tmp_path.iterdir()) == []


def test_what_a_template_asks_for_in_vain_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render._templates(None).from_string("{{ view.nothing_of_that_name }}").render(view={})


# --- The same --------------------------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    mistakes = (Mistake("projects.yaml", 12, "a/b", f"unknown key {HOSTILE}"),)
    write(tmp_path / "site", *cards(), mistakes=mistakes)
    assert files(tmp_path / "site") == files(site)


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    kelp = cards()[0]
    few = render.FEW + 2
    many = [kelp, *(card(project(f"a/b{n}", f"B {n}"), {}, "Nothing.") for n in range(few))]
    steps: list[int] = []
    write(tmp_path / "one", *many, processes=1, advance=steps.append)
    write(tmp_path / "two", *many, processes=2, advance=steps.append)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert sum(steps) == 2 * len(many)


def test_no_day_but_those_of_the_figures_is_on_a_page(site: Path) -> None:
    days = {day for text in files(site).values() for day in re.findall(rb'datetime="([^"]+)"', text)}
    assert days == {b"2026-11-22"}


# --- Never half ------------------------------------------------------------------------------------------------------


def test_a_fault_leaves_the_old_site_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "site", cards()[0])
    before = files(tmp_path / "site")
    with pytest.raises(UnsafeName):
        write(tmp_path / "site", cards()[1], card(project("not an id", "X"), {}, "Nothing."))
    assert files(tmp_path / "site") == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_the_old_site_stands_until_the_new_one_is_complete(tmp_path: Path) -> None:
    write(tmp_path / "site", cards()[0])
    before = files(tmp_path / "site")
    seen: list[bool] = []
    write(tmp_path / "site", cards()[1], advance=lambda _: seen.append(files(tmp_path / "site") == before))
    assert seen == [True]
    assert [path.name for path in (tmp_path / "site/projects").iterdir()] == ["ebb__flotsam.html"]


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    write(tmp_path / "site", cards()[0])
    for name in ("site.next", "site.last"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text("half")
    write(tmp_path / "site", cards()[1])
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert "half" not in (tmp_path / "site/index.html").read_text()


def test_a_run_killed_between_the_two_renames_is_mended(tmp_path: Path) -> None:
    write(tmp_path / "site", cards()[0])
    before = files(tmp_path / "site")
    (tmp_path / "site").rename(tmp_path / "site.last")
    with pytest.raises(UnsafeName):
        write(tmp_path / "site", card(project("not an id", "X"), {}, "Nothing."))
    assert files(tmp_path / "site") == before


def test_a_fault_while_the_sites_change_places_brings_the_old_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "site", cards()[0])
    before = files(tmp_path / "site")
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "site.next":
            assert files(tmp_path / "site.last") == before
            raise PermissionError(path)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        write(tmp_path / "site", cards()[1])
    assert files(tmp_path / "site") == before


def test_somebody_elses_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/thesis.txt").write_text("years of work")
    with pytest.raises(render.NotOurs, match="did not write"):
        write(tmp_path / "site", cards()[0])
    assert (tmp_path / "site/thesis.txt").read_text() == "years of work"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "deep/site").mkdir(parents=True)
    write(tmp_path / "deep/site", cards()[0])
    assert (tmp_path / "deep/site/index.html").exists()
