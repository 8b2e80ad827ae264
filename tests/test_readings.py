"""Readings: each holds on an example, turns when its growth is turned round, and names the numbers it rests on."""

from __future__ import annotations

import pytest

from groundswell.models import Card, RepositoryState, Series
from groundswell.readings import READINGS
from groundswell.stages import assess
from tests.growing import LABELS, SIGNALS, TODAY, counter, facts, flow, history, level, newest, project

NPM = newest("npm.downloads")


def read(
    stars: float | None = 0.0,
    downloads: float | None = 0.0,
    contributions: float | None = 0.0,
    *,
    state: RepositoryState = RepositoryState.ACTIVE,
    size: float = 1.0,
) -> Card:
    """A project whose interest, downloads and contributions grow by so much a month."""
    columns: dict[str, Series] = {}
    if stars is not None:
        columns |= {f"github.{key}": level(TODAY, 50_000 * size, stars) for key in ("stars", "watchers", "forks")}
    if downloads is not None:
        columns |= {"npm.downloads:x": flow(NPM, 20_000 * size, downloads)}
    if contributions is not None:
        columns |= {f"github.{key}": counter(TODAY, 400 * size, contributions) for key in ("issues", "pull_requests")}
    return assess(project(npm=["x"]), history(columns, facts=facts(state)), SIGNALS, LABELS, {}, TODAY)


def text(of: Card) -> str:
    return of.reading.text.replace("\N{NO-BREAK SPACE}", " ")


EXAMPLES = {
    "fading": ((-0.05, -0.05, -0.05), (0.05, 0.05, 0.05), "everything_moves"),
    "downloads_without_contributions": ((0.0, 0.10, -0.05), (0.0, 0.10, 0.10), "use_outruns_attention"),
    "use_outruns_attention": ((0.0, 0.05, 0.05), (0.0, -0.05, -0.05), "use_fades"),
    "everything_moves": ((0.05, 0.05, 0.05), (-0.05, -0.05, -0.05), "fading"),
    "interest_without_use": ((0.05, 0.0, 0.0), (-0.05, 0.0, 0.0), "interest_fades"),
    "interest_rises": ((0.002, 0.0, 0.0), (-0.002, 0.0, 0.0), "interest_fades"),
    "interest_fades": ((-0.05, 0.0, 0.0), (0.05, 0.0, 0.0), "interest_without_use"),
    "use_fades": ((0.0, -0.05, -0.05), (0.0, 0.05, 0.05), "use_outruns_attention"),
    "steady": ((0.0, 0.0, 0.0), (0.05, 0.0, 0.0), "interest_without_use"),
}


@pytest.mark.parametrize("key", EXAMPLES)
def test_a_reading_holds_on_its_example_and_turns_with_its_growth(key: str) -> None:
    example, turned, other = EXAMPLES[key]
    assert read(*example).reading.key == key
    assert read(*turned).reading.key == other


def test_every_reading_of_the_table_is_tried() -> None:
    others = {"gone", "archived", "too_small", "not_enough_seen"}
    assert {rule.key for rule in READINGS} == others | set(EXAMPLES)
    assert len({rule.key for rule in READINGS}) == len(READINGS)


def test_use_that_grows_much_faster_outruns_attention_although_that_grows_too() -> None:
    assert read(0.02, 0.20, 0.20).reading.key == "use_outruns_attention"


def test_interest_that_grows_much_faster_than_use_is_told_apart() -> None:
    both = read(0.20, 0.03, 0.05)
    assert both.reading.key == "everything_moves"
    assert text(both).endswith("both move, interest faster than use.")


def test_contributions_lag_only_when_the_difference_is_more_than_chance() -> None:
    """Eight issues a day leave room for the growth of the downloads."""
    columns = {
        "github.stars": level(TODAY, 50_000, 0.0),
        "npm.downloads:x": flow(NPM, 20_000, 0.03),
        "github.issues": counter(TODAY, 8, 0.0),
    }
    found = assess(project(npm=["x"]), history(columns), SIGNALS, LABELS, {}, TODAY)
    assert found.reading.key != "downloads_without_contributions"
    more = assess(
        project(npm=["x"]), history({**columns, "npm.downloads:x": flow(NPM, 20_000, 0.5)}), SIGNALS, LABELS, {}, TODAY
    )
    assert more.reading.key == "downloads_without_contributions"


def test_an_archived_repository_is_read_as_that_whatever_its_numbers() -> None:
    archived = read(0.05, 0.05, 0.05, state=RepositoryState.ARCHIVED)
    assert archived.reading.key == "archived"
    assert text(archived).startswith("The repository is archived since 2026-05-01: ")
    assert "stars grow by 5.0 %" in text(archived)


@pytest.mark.parametrize("state", [RepositoryState.GONE, RepositoryState.PRIVATE, RepositoryState.DISABLED])
def test_a_repository_that_is_not_public_any_more_is_read_as_that(state: RepositoryState) -> None:
    assert read(0.05, 0.05, 0.05, state=state).reading.key == "gone"


def test_small_numbers_are_named_and_get_no_percentage() -> None:
    small = read(0.20, 0.20, 0.20, size=0.0001)
    assert small.reading.key == "too_small"
    assert text(small).startswith("Too small or too young for percentages: 5 stars, ")
    assert "%" not in text(small)


def test_without_any_sight_of_use_nothing_is_made_of_interest() -> None:
    interest = read(0.05, None, None)
    assert interest.reading.key == "not_enough_seen"
    assert text(interest).startswith("Not enough seen yet to say: stars grow by 5.0 % ± ")
    assert text(interest).endswith("of use nothing can be said (npm downloads: not seen yet).")


def test_a_stage_of_which_too_little_is_seen_is_not_read() -> None:
    """Commits alone are a tenth of what counts as use."""
    columns = {
        "github.stars": level(TODAY, 50_000, 0.05),
        "github.commits": level(newest("github.commits"), 4_000, 0.0),
    }
    found = assess(project(), history(columns), SIGNALS, LABELS, {}, TODAY)
    assert found.reading.key == "not_enough_seen"
    assert "of use only 10 % of what counts is seen" in text(found)


def test_the_sentence_carries_the_numbers_it_rests_on() -> None:
    sentence = text(read(0.05, 0.0, 0.0))
    assert sentence.startswith("Stars grow by 5.0 % ± ")
    assert " a month while npm downloads stand still (0.0" in sentence
    assert sentence.endswith(": interest that does not turn into use.")


def test_a_fall_is_told_without_a_second_minus() -> None:
    assert text(read(-0.05, 0.0, 0.0)).startswith("Stars fall by 5.0 % ± ")


def test_where_only_downloads_are_seen_of_use_the_sentence_says_so() -> None:
    alone = read(0.0, 0.05, None)
    assert alone.reading.key == "use_outruns_attention"
    assert text(alone).endswith("as far as downloads alone can tell.")
    assert "alone" not in text(read(0.0, 0.05, 0.05))


def test_a_figure_open_to_both_sides_is_not_said_to_stand_still() -> None:
    """Twelve issues a day that come in bursts: the interval is far wider than a tenth."""
    columns = {"github.stars": level(TODAY, 50_000, 0.0), "npm.downloads:x": flow(NPM, 1000, 0.0)}
    wild = columns["npm.downloads:x"]
    wild.values[::9] *= 40
    found = assess(project(npm=["x"]), history(columns), SIGNALS, LABELS, {}, TODAY)
    assert found.reading.key == "steady"
    calm = text(read(0.05, 0.0, 0.0))
    assert "stand still" in calm
    rising = assess(
        project(npm=["x"]),
        history({**columns, "github.stars": level(TODAY, 50_000, 0.05)}),
        SIGNALS,
        LABELS,
        {},
        TODAY,
    )
    assert "npm downloads show no change that can be told from noise (" in text(rising)


def test_a_stage_whose_weightiest_metric_goes_another_way_is_named_as_a_whole() -> None:
    columns = {
        "github.stars": level(TODAY, 50_000, -0.004),
        "github.watchers": level(TODAY, 50_000, 0.10),
        "github.forks": level(TODAY, 50_000, 0.10),
        "npm.downloads:x": flow(NPM, 20_000, 0.0),
    }
    found = assess(project(npm=["x"]), history(columns), SIGNALS, LABELS, {}, TODAY)
    assert text(found).startswith("Interest as a whole grows by ")
