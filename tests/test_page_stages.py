"""The pages of stages and of categories, before they are set and after."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from groundswell import addresses, render, sources
from groundswell.config import Tracker
from groundswell.models import Card, Direction, Movement, Stage
from groundswell.pages import categories, stage_table, summaries, table
from groundswell.pages.setting import Setting
from tests import cards as made
from tests.cards import TODAY

LOADED = sources.load()
SETTING = Setting(Tracker(title="Test"), TODAY, sources.labels(LOADED), sources.signals(LOADED))


def card(id_: str) -> Card:
    return next(card for card in made.cards() if card.project.id == id_)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


# --- Stages ----------------------------------------------------------------------------------------------------------


def test_those_that_have_come_furthest_stand_first() -> None:
    rows = stage_table.view(made.cards(), SETTING).rows
    assert rows[0].name == "Kelp"
    assert [row.furthest for row in rows] == ["Monetization", *["Action"] * 5, *["Intent"] * 2, *["–"] * 4]


def test_a_stage_says_its_growth_its_place_among_the_others_and_how_much_of_it_is_measured() -> None:
    [row] = stage_table.view([card("Tidewater/kelp")], SETTING).rows
    _, intent = row.cells[0]
    assert (intent.mark.word, plain(intent.text), plain(intent.level)) == ("rising", "+6.2 %", "larger than 91 %")
    assert "of its weight is measured (stars" in plain(intent.title)
    assert intent.title.endswith("GitHub, 22 Nov 2026, observed") or "GitHub" in intent.title
    _, retention = row.cells[4]
    assert (retention.text, retention.level, retention.heat) == ("", "", 0)


@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.01, 0.03, "faster"), (-0.03, -0.01, "slower"), (-0.01, 0.02, "keeps pace")]
)
def test_the_way_between_two_stages_is_called_faster_or_slower_only_where_that_is_sure(
    low: float, high: float, word: str
) -> None:
    movement = Movement(Stage.INTENT, Stage.ACTION, (), (low + high) / 2, low, high)
    [row] = stage_table.view([dataclasses.replace(card("Tidewater/kelp"), movements=(movement,))], SETTING).rows
    ways = [way for way, _ in row.cells]
    assert ways[1] is not None
    assert ways[1].word == word
    assert ways[0] is ways[2] is None, "no way leads into the first stage, nor into one that is not measured"


def test_the_colour_is_as_deep_as_the_move_is_sure_and_noise_has_none() -> None:
    state = card("Tidewater/kelp").stages[Stage.INTENT]

    def heat(low: float, high: float) -> int:
        return stage_table._heat(dataclasses.replace(state, low=low, high=high))

    assert [heat(0.06, 0.2), heat(0.03, 0.2), heat(0.001, 0.2), heat(-0.001, 0.9), heat(-0.3, -0.06)] == [3, 2, 1, 0, 3]


def test_a_summary_counts_every_project_once_and_takes_a_median_of_three_at_least() -> None:
    intent, action, *_, retention = summaries.of_stages(made.cards())
    for one in (intent, action, retention):
        assert sum(int(count.number) for count in one.counts) == len(made.cards())
    assert [count.number for count in intent.counts] == ["4", "1", "2", "2", "3"]
    assert [count.mark.word for count in intent.counts] == ["rising", "falling", "steady", "new", "not measured"]
    assert plain(intent.median) == "+1.2 %"
    assert (retention.median, retention.title) == ("–", "no projects have a growth; a median needs 3")
    assert summaries.median_of([0.1, 0.2])[0] == "–"


# --- Categories ------------------------------------------------------------------------------------------------------


def test_each_category_has_an_address_of_its_own_whatever_its_name() -> None:
    names = ["Data engines", "data  ENGINES", "データ", "!!!", "../../etc/passwd", made.HOSTILE, "x" * 300]
    found = addresses.category_pages(names)
    assert len(set(found.values())) == len(names)
    assert found["Data engines"] == "categories/data-engines.html"
    assert found["../../etc/passwd"] == "categories/etc-passwd.html"
    for address in found.values():
        name = address.removeprefix("categories/").removesuffix(".html")
        assert name.replace("-", "a").isalnum()
        assert name.isascii()
        assert len(name) < 80
    assert addresses.category_pages(reversed(names)) == found


def test_the_list_of_categories_says_who_leads_each_and_only_where_somebody_rises() -> None:
    lines = {line.name: line for line in categories.overview(made.cards()).lines}
    assert lines["Databases"].first[0] == "Kelp"
    assert (lines["Tools"].projects, lines["Tools"].rising, lines["Tools"].falling) == ("4", "2", "0")
    assert lines["Data platforms"].first == ("", "")
    assert lines["Data platforms"].median == "–"


def test_a_category_has_its_own_projects_in_the_order_of_the_scorecard() -> None:
    rows = table.rows(made.cards(), SETTING)
    tools = next(one for one in categories.views(made.cards(), rows, SETTING) if one.name == "Tools")
    assert [row.name for row in tools.rows] == ["Still", "Creek", "Coral", "Droplet"]
    assert {mover.name for list_ in tools.movers for mover in list_.first} == {"Still", "Creek"}
    assert [list_.mark.key for list_ in tools.movers] == [Direction.RISING.value]


# --- As pages --------------------------------------------------------------------------------------------------------


def test_the_pages_of_stages_and_categories_stand_also_while_nothing_is_tracked(tmp_path: Path) -> None:
    render.write(tmp_path / "site", (), Tracker(title="Test"), TODAY, LOADED)
    for name in ("stages.html", "categories.html"):
        assert "No project is tracked yet." in (tmp_path / "site" / name).read_text(encoding="utf-8")


def test_every_category_and_every_page_of_one_is_linked_and_in_the_map(tmp_path: Path) -> None:
    render.write(tmp_path / "site", made.cards(), Tracker(title="T", address="https://example.org"), TODAY, LOADED)
    text = (tmp_path / "site" / "categories.html").read_text(encoding="utf-8")
    sitemap = (tmp_path / "site" / "sitemap.xml").read_text(encoding="utf-8")
    written = sorted((tmp_path / "site" / "categories").iterdir())
    assert len(written) == len({one.project.category for one in made.cards()})
    for path in written:
        assert f'href="categories/{path.name}"' in text
        assert f"https://example.org/categories/{path.name}" in sitemap
