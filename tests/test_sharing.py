"""What a page says of itself elsewhere: its picture for sharing, and its figures as a data set."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image

from groundswell import portraits, render, sources
from groundswell.config import Tracker
from groundswell.models import Card, Direction
from groundswell.pages import sharing
from groundswell.pages.setting import Setting
from groundswell.portraits import Studio
from groundswell.posters import HEIGHT, WIDTH
from tests.cards import HOSTILE, TODAY, card, cards, growth, measured, project
from tests.test_render import Page

ADDRESS: Final = "https://example.org/swell"
TRACKER: Final = Tracker(title="Test tracker", description="Made-up projects", address=ADDRESS)
KELP: Final = "projects/tidewater__kelp.html"


def one(id_: str) -> Card:
    return next(card for card in cards() if card.project.id == id_)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sharing") / "site"
    render.write(folder, cards(), TRACKER, TODAY, sources.load())
    return folder


def head(site: Path, address: str) -> dict[str, str]:
    """What the metas of a page say."""
    found = Page((site / address).read_text(encoding="utf-8"))
    metas = [attrs for tag, attrs in found.tags if tag == "meta"]
    return {(attrs.get("property") or attrs.get("name") or ""): attrs.get("content") or "" for attrs in metas}


def dataset(site: Path, address: str) -> Any:
    text = (site / address).read_text(encoding="utf-8")
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    return json.loads(found)


# --- Pictures --------------------------------------------------------------------------------------------------------


def test_a_picture_says_the_name_one_figure_with_its_interval_the_five_stages_and_the_day() -> None:
    words = portraits.of_card(one("Tidewater/kelp"), "Test tracker").words.replace("\xa0", " ")
    assert words == (
        "Kelp: +8.2 % ± 0.5, stars a month, rising. Intent rising, Action rising, Activation not measured, "
        "Monetization steady, Retention not measured. Test tracker, as of 22 November 2026."
    )


@pytest.mark.parametrize(
    ("id_", "figure", "says"),
    [
        ("spray/droplet", "31 → 87", "stars in 28 days, new"),
        ("continental/shelf", "+0.06 % ± 0.09", "stars a month, steady"),
        ("reef/coral", "+2.0 % ± ?", "stars a month, how sure is not known"),
        ("abyss/trench", "+8.0 % ± 3.0", "PyPI downloads a month, rising"),
        ("mist/fog", "not measured", "no growth can be told yet"),
    ],
)
def test_a_picture_is_as_honest_as_the_page(id_: str, figure: str, says: str) -> None:
    found = portraits.of_card(one(id_), "Test tracker")
    assert (found.figure.replace("\xa0", " "), found.says) == (figure, says)


def test_a_name_that_the_letters_of_the_picture_cannot_write_is_given_by_the_project_s_id() -> None:
    base = one("Tidewater/kelp")
    foreign = dataclasses.replace(base, project=dataclasses.replace(base.project, name="数据库"))
    assert portraits.of_card(foreign, "数据").name == "Tidewater/kelp"
    assert "\u202e" not in portraits.of_card(one("evil/x-y.z"), HOSTILE).words


def test_a_picture_has_the_size_that_is_asked_for_and_the_same_bytes_each_time() -> None:
    made = [portraits.of_card(card, "Test tracker") for card in cards()]
    studio = Studio()
    first = [studio.draw(portrait) for portrait in made]
    assert [studio.draw(portrait) for portrait in reversed(made)] == first[::-1], "whatever was drawn before"
    assert [Studio().draw(portrait) for portrait in made[:3]] == first[:3]
    assert all(len(picture) < 60_000 for picture in first)
    assert len(set(first)) == len(first)


def test_a_picture_holds_nothing_but_its_pixels(site: Path) -> None:
    for path in (site / "pictures").glob("*.png"):
        with Image.open(path) as picture:
            assert picture.size == (WIDTH, HEIGHT)
            assert picture.info.keys() <= {"dpi"}, path


def pixels(shown: portraits.Portrait, studio: Studio) -> Any:
    import io  # noqa: PLC0415 (here alone)

    return np.asarray(Image.open(io.BytesIO(studio.draw(shown))).convert("L")).astype(int)


def test_each_direction_of_a_stage_looks_different_without_colour() -> None:
    studio, base = Studio(), portraits.of_card(one("Tidewater/kelp"), "Test tracker")
    seen = [
        pixels(dataclasses.replace(base, stages=(("Intent", way, True), *base.stages[1:])), studio)
        for way in (*Direction, None)
    ]
    for number, left in enumerate(seen):
        for right in seen[number + 1 :]:
            assert (abs(left - right) > 40).sum() > 100


def test_the_longest_name_and_figure_stay_on_the_picture() -> None:
    wide = portraits.Portrait(
        "W" * 200, "+1,234 % (−1,234 to +12,345)", Direction.RISING, "Packagist downloads a month, rising, 13 days old",
        portraits.of_card(one("Tidewater/kelp"), "T").stages, "W" * 200,
    )  # fmt: skip
    seen = pixels(wide, Studio())
    paper = int(seen[0, 0])
    assert abs(seen[:400, WIDTH - 20 :] - paper).max() < 8
    assert abs(seen[545:, WIDTH - 20 :] - paper).max() < 8


def test_the_picture_of_the_scorecard_names_the_surest_moves_of_each_stage() -> None:
    def mover(name: str, month: float, half: float) -> Card:
        return card(project(f"a/{name}", name), {"stars": measured("stars", 900, growth(month, half, 900))}, "Moves.")

    movers = [mover("wild", 0.3, 0.29), mover("sure", 0.05, 0.01), mover("down", -0.04, 0.01), mover("calm", 0, 0.1)]
    setting = Setting(TRACKER, TODAY, {}, {})
    intent, action, *_ = sharing.poster(movers, setting).rows
    assert intent.counts == (2, 1, 1, 0)
    assert [(name, rises) for name, _, rises in intent.moves] == [("sure", True), ("down", False)]
    assert (action.counts, action.moves) == ((0, 0, 0, 4), ())
    assert sharing.poster([], setting).rows[0].moves == ()


# --- What pages say of themselves ------------------------------------------------------------------------------------


def test_every_page_that_can_be_shared_names_a_picture_that_is_there_by_its_full_address(site: Path) -> None:
    for path in site.rglob("*.html"):
        address = path.relative_to(site).as_posix()
        said = head(site, address)
        if address == "404.html":
            assert "og:image" not in said
            continue
        assert (site / said["og:image"].removeprefix(f"{ADDRESS}/")).is_file(), address
        assert said["og:url"] == f"{ADDRESS}/{'' if address == 'index.html' else address}"
        assert said["og:image:alt"]
        assert said["og:description"] == said["description"]
        assert said["twitter:card"] == "summary_large_image"


def test_titles_and_descriptions_are_unique(site: Path) -> None:
    both = [
        re.search(
            r"<title>(.*?)</title>\n<meta name=\"description\" content=\"(.*?)\">", path.read_text("utf-8"), re.DOTALL
        )
        for path in site.rglob("*.html")
    ]
    for part in (1, 2):
        found = [one[part] for one in both if one is not None]
        assert len(found) == len(both) == len(set(found))


def test_two_projects_of_one_name_have_different_titles(tmp_path: Path) -> None:
    render.write(tmp_path / "site", [card(project(f"{owner}/x", "X"), {}, "Nothing.") for owner in ("a", "b")],
                 TRACKER, TODAY, sources.load())  # fmt: skip
    titles = {head(tmp_path / "site", f"projects/{owner}__x.html")["og:title"] for owner in ("a", "b")}
    assert titles == {"X (a/x) · Test tracker", "X (b/x) · Test tracker"}


def test_without_an_address_of_the_site_nothing_names_a_full_one(tmp_path: Path) -> None:
    render.write(tmp_path / "site", cards()[:1], Tracker(), TODAY, sources.load())
    assert not [name for name in head(tmp_path / "site", KELP) if name.startswith(("og:", "twitter:"))]
    [json_file, csv_file] = dataset(tmp_path / "site", KELP)["distribution"]
    for file in (json_file, csv_file):
        assert (tmp_path / "site/projects" / file["contentUrl"]).resolve().is_file()


# --- Data sets -------------------------------------------------------------------------------------------------------


def test_the_scorecard_and_every_project_are_data_sets_with_files_that_are_there(site: Path) -> None:
    pages = ["index.html", *(path.relative_to(site).as_posix() for path in (site / "projects").glob("*.html"))]
    assert len(pages) == len(cards()) + 1
    for page in pages:
        found = dataset(site, page)
        assert (found["@context"], found["@type"]) == ("https://schema.org", "Dataset")
        assert found["url"] == f"{ADDRESS}/{'' if page == 'index.html' else page}"
        assert 50 <= len(found["description"]) <= 5000, page
        assert found["dateModified"] == "2026-11-22"
        assert [file["encodingFormat"] for file in found["distribution"]] == ["application/json", "text/csv"]
        for file in found["distribution"]:
            assert (site / file["contentUrl"].removeprefix(f"{ADDRESS}/")).is_file()
        terms, _, anchor = found["license"].removeprefix(f"{ADDRESS}/").partition("#")
        assert f'id="{anchor}"' in (site / terms).read_text(encoding="utf-8")


def test_a_data_set_says_what_time_it_covers_and_nothing_where_nothing_was_seen(site: Path) -> None:
    assert dataset(site, KELP)["temporalCoverage"] == "2025-09-16/2026-11-22"
    assert "temporalCoverage" not in dataset(site, "projects/mist__fog.html")


def test_nothing_breaks_out_of_a_data_set(site: Path) -> None:
    text = (site / "projects/evil__x-y.z.html").read_text(encoding="utf-8")
    assert text.count("<script") == text.count("</script>") == 1
    assert HOSTILE in dataset(site, "projects/evil__x-y.z.html")["name"]
