"""The JSON Schemas: what they say of the data files is true, and all of it."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # check-jsonschema brings it

from groundswell import data_files, data_shape, licences, project_csv, render, sources
from groundswell.config import Tracker
from groundswell.data_shape import SHAPES
from groundswell.licences import LICENCES
from tests.cards import HOSTILE, TODAY, cards

ROOT: Final = Path(__file__).parents[1]
ADDRESS: Final = "https://example.org/swell"


def closed(schema: Any) -> Any:
    """The schema with no key allowed that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    more = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return {key: closed(part) for key, part in schema.items()} | more


STRICT: Final = {name: Draft202012Validator(closed(data_shape.schema(name, None))) for name in SHAPES}


def wrong(name: str, whole: object) -> list[str]:
    """What a format's schema has against a file."""
    return [f"{error.json_path}: {error.message[:200]}" for error in STRICT[name].iter_errors(whole)]


def data_of(site: Path) -> Iterator[tuple[str, Any]]:
    """The JSON files of a site by the name of their format."""
    yield "scorecard", json.loads((site / "data/scorecard.json").read_text())
    for path in sorted((site / "data/projects").glob("*.json")):
        yield "project", json.loads(path.read_text())
    for path in sorted((site / "data/months").glob("*.json")):
        yield "months", json.loads(path.read_text())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shape") / "site"
    render.write(folder, cards(), Tracker(address=ADDRESS), TODAY, sources.load())
    return folder


@pytest.fixture(scope="module")
def demo(demo_folder: Path) -> Path:
    return demo_folder / "site"


def kelp() -> Any:
    return json.loads(data_files.project_json(cards()[0]))


@pytest.mark.parametrize("name", SHAPES)
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(data_shape.schema(name, ADDRESS))


def test_every_data_file_of_the_made_up_cards_has_the_shape_that_its_schema_says_and_no_key_besides(site: Path) -> None:
    found = list(data_of(site))
    assert len(found) == 1 + 2 * len(cards())
    assert [mistake for name, whole in found for mistake in wrong(name, whole)] == []


def test_every_data_file_of_the_demo_has_the_shape_that_its_schema_says_and_no_key_besides(demo: Path) -> None:
    found = list(data_of(demo))
    assert len(found) > 10
    assert [mistake for name, whole in found for mistake in wrong(name, whole)] == []


def test_a_key_without_a_line_in_the_schema_is_found() -> None:
    whole = kelp()
    whole["metrics"]["stars"]["secret"] = 1
    assert any("secret" in mistake for mistake in wrong("project", whole))


def test_a_line_of_the_schema_that_nobody_writes_is_found() -> None:
    whole = kelp()
    del whole["stages"]["intent"]["coverage"]
    assert any("coverage" in mistake for mistake in wrong("project", whole))


@pytest.mark.parametrize("value", ["12", -0.5, None])
def test_a_coverage_that_is_none_is_found(value: object) -> None:
    whole = kelp()
    whole["stages"]["intent"]["coverage"] = value
    assert wrong("project", whole)


def test_a_reader_that_checks_against_the_schema_of_today_bears_a_key_of_tomorrow() -> None:
    whole = copy.deepcopy(kelp()) | {"tomorrow": 1}
    assert list(Draft202012Validator(data_shape.schema("project", None)).iter_errors(whole)) == []


def test_every_file_names_its_schema_by_an_address_at_which_it_is(site: Path) -> None:
    for name, whole in data_of(site):
        place = whole["$schema"].removeprefix(f"{ADDRESS}/")
        assert place == f"data/schema/{name}-{whole['format']}.json"
        assert json.loads((site / place).read_text())["$id"] == whole["$schema"]


def test_without_an_address_of_the_site_a_file_names_the_way_to_its_schema(tmp_path: Path) -> None:
    render.write(tmp_path / "site", cards()[:1], Tracker(), TODAY, sources.load())
    files = [path for path in (tmp_path / "site/data").rglob("*.json") if path.parent.name != "schema"]
    files.remove(tmp_path / "site" / data_files.TABLES)  # its form is W3C's
    assert len(files) == len(SHAPES)
    for file in files:
        assert (file.parent / json.loads(file.read_text())["$schema"]).resolve().is_file()


# --- Earlier formats -------------------------------------------------------------------------------------------------


def lacking(folder: Path, until: int) -> list[str]:
    """The schemas that a folder lacks: of each format there was, from the one that its file first came with."""
    first: dict[str, int] = dict.fromkeys(SHAPES, until)
    for path in folder.glob("*.json"):
        name, _, number = path.stem.rpartition("-")
        first[name] = min(first.get(name, until), int(number))
    wanted = {f"{name}-{number}.json" for name in SHAPES for number in range(first[name], until + 1)}
    wanted |= {f"{name}-1.json" for name in ("scorecard", "project", "months")}  # came with the first format
    return sorted(name for name in wanted if not (folder / name).is_file())


def test_the_schemas_of_every_format_there_was_are_kept() -> None:
    assert lacking(data_shape.EARLIER, data_shape.FORMAT) == [], "python generate.py docs writes those of today"


def test_a_format_that_goes_up_without_the_schemas_of_the_one_before_is_found(tmp_path: Path) -> None:
    for name in SHAPES:
        (tmp_path / f"{name}-2.json").write_text("{}")
    assert lacking(tmp_path, 2) == ["months-1.json", "project-1.json", "scorecard-1.json"]
    for name in SHAPES:
        (tmp_path / f"{name}-1.json").write_text("{}")
    assert lacking(tmp_path, 2) == []
    assert lacking(tmp_path, 3) == ["months-3.json", "project-3.json", "scorecard-3.json"]


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_kept_of_today_is_what_is_published(name: str) -> None:
    kept = (data_shape.EARLIER / f"{name}-{data_shape.FORMAT}.json").read_text()
    assert kept == data_shape.schema_text(name, None), "python generate.py docs writes it anew"


def test_schemas_of_an_earlier_format_stay_at_their_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_shape, "FORMAT", data_shape.FORMAT + 1)
    render.write(tmp_path / "site", cards()[:1], Tracker(address=ADDRESS), TODAY, sources.load())
    for name in SHAPES:
        for number in range(1, data_shape.FORMAT + 1):
            schema = json.loads((tmp_path / f"site/data/schema/{name}-{number}.json").read_text())
            assert schema["$id"] == f"{ADDRESS}/data/schema/{name}-{number}.json"
            assert list(schema)[:2] == ["$schema", "$id"]
            Draft202012Validator.check_schema(schema)


# --- Licence ---------------------------------------------------------------------------------------------------------


def test_a_licence_stands_in_every_data_file_and_none_where_none_is_named(site: Path, tmp_path: Path) -> None:
    assert {whole["license"] for _, whole in data_of(site)} == {None}
    assert "dc:license" not in json.loads((site / data_files.TABLES).read_text())
    tracker = Tracker(title="Swell", address=ADDRESS, license="CC-BY-4.0")
    render.write(tmp_path / "site", cards()[:2], tracker, TODAY, sources.load())
    address = "https://creativecommons.org/licenses/by/4.0/"
    assert {whole["license"] for _, whole in data_of(tmp_path / "site")} == {address}
    assert [mistake for name, whole in data_of(tmp_path / "site") for mistake in wrong(name, whole)] == []
    tables = json.loads((tmp_path / "site" / data_files.TABLES).read_text())
    assert (tables["dc:license"], tables["dc:title"], tables["dc:date"]) == ({"@id": address}, "Swell", str(TODAY))
    page = (tmp_path / "site/data.html").read_text()
    assert f'<a href="{address}" rel="license noopener">' in page
    assert "if you name this tracker" in page
    assert f'"license": "{address}"' in (tmp_path / "site/index.html").read_text()


def test_every_table_of_the_site_is_named_beside_them(site: Path) -> None:
    tables = json.loads((site / data_files.TABLES).read_text())
    named = [table["url"] for table in tables["tables"]]
    assert sorted(named) == sorted(
        path.relative_to(site / "data").as_posix() for path in (site / "data").rglob("*.csv")
    )


def test_a_licence_has_the_name_that_spdx_gives_it_and_an_address() -> None:
    for key, licence in LICENCES.items():
        assert key == licence.key
        assert licence.address.startswith("https://creativecommons.org/")
    assert licences.address(None) is None


# --- A project's table -----------------------------------------------------------------------------------------------


def rows(id_: str) -> list[dict[str, str]]:
    card = next(card for card in cards() if card.project.id == id_)
    return list(csv.DictReader(io.StringIO(project_csv.project_csv(card), newline="")))


def test_the_table_of_a_project_has_the_numbers_of_its_json_each_with_unit_source_and_class() -> None:
    months = [row for row in rows("Tidewater/kelp") if row["period"] == "month"]
    whole = kelp()
    for key, values in whole["months"].items():
        mine = {row["date"]: row["value"] for row in months if row["metric"] == key}
        assert mine == {month: "" if value is None else str(value) for month, value in values.items()}
    for stage, values in whole["stage_index"].items():
        index = {row["date"]: float(row["value"]) for row in months if row["metric"] == f"{stage}_index"}
        assert index == values
    assert {row["evidence"] for row in months if row["value"]} <= {"observed", "filled in", "own"}
    assert all(row["unit"] and row["source"] and row["stage"] for row in months)


def test_every_column_of_the_table_is_explained() -> None:
    assert tuple(project_csv.COLUMNS) == project_csv.Row._fields


def test_the_newest_value_stands_in_the_table_with_its_day() -> None:
    [stars] = [row for row in rows("Tidewater/kelp") if (row["metric"], row["period"]) == ("stars", "newest")]
    assert (stars["value"], stars["date"], stars["unit"], stars["source"]) == ("23512", "2026-11-22", "stars", "github")


def test_an_old_value_says_so_in_the_table() -> None:
    [npm] = [row for row in rows("lagoon/still") if (row["metric"], row["period"]) == ("npm_downloads", "newest")]
    assert npm["note"].startswith("last seen 6 days ago")


def test_a_project_of_which_nothing_was_seen_has_a_table_without_rows() -> None:
    assert rows("mist/fog") == []


def test_no_text_in_the_table_is_a_formula() -> None:
    assert not [cell for row in rows("evil/x-y.z") for cell in row.values() if cell.startswith(("=", "+", "@"))]
    assert HOSTILE not in str(rows("evil/x-y.z"))
