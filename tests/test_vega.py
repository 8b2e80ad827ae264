"""Vega's scripts and the specification that they draw by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from groundswell import lines, vega


def test_a_file_is_named_after_what_is_in_it() -> None:
    one, other = vega.asset("vega", "js", "a"), vega.asset("vega", "js", "b")
    assert one.name != other.name
    assert one.name == vega.asset("vega", "js", "a").name


def test_the_scripts_say_whose_they_are_and_make_one_name_known() -> None:
    text = vega.scripts().text
    assert text.startswith("/*! Vega")
    assert "BSD-3-Clause" in text[:800]
    assert text.rstrip().endswith("window.vegaEmbed=$t6;") or "window.vegaEmbed=" in text[-200:]


def test_what_was_made_is_made_once(tmp_path: Path) -> None:
    made, asked = tmp_path / "build" / "x.js", []

    def make() -> str:
        asked.append(1)
        return "text"

    assert [vega._kept(made, make), vega._kept(made, make)] == ["text", "text"]
    assert asked == [1]


def test_where_nothing_can_be_kept_it_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("a file stands where the folder would")
    assert vega._kept(tmp_path / "build" / "x.js", lambda: "text") == "text"


def test_a_specification_is_what_altair_writes_now() -> None:
    """What is kept between runs is not an old one."""
    assert json.loads(vega.specifications().text) == json.loads(json.dumps(lines.specifications()))


@pytest.mark.parametrize("along", ["date", "age", "start"])
@pytest.mark.parametrize("upright", ["zero", "free", "log"])
def test_a_specification_names_no_host_and_holds_no_figure_and_no_colour(along: str, upright: str) -> None:
    text = json.dumps(lines.specifications()[along][upright])
    assert "://" not in text
    assert "#" not in text
    assert '"values"' not in text


def test_each_place_has_a_dash_and_a_shape_that_no_other_has_together() -> None:
    looks = {(tuple(dash), shape) for dash, shape in zip(lines.DASHES, lines.SHAPES, strict=True)}
    assert len(looks) == len(set(lines.SHAPES)) == lines.MOST
