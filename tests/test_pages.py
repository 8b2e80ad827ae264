"""What the pages show, before it is set."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from groundswell import growth, sources
from groundswell.catalogue import BY_KEY
from groundswell.charts import Easel
from groundswell.config import Tracker
from groundswell.models import Card, Direction, Failure, Kind, Missing, Movement, Series, Stage
from groundswell.pages import changes, project, scorecard, shown
from groundswell.pages.setting import Setting
from tests import cards as made
from tests.cards import TODAY

LOADED = sources.load()
SETTING = Setting(Tracker(title="Test"), TODAY, sources.labels(LOADED), sources.signals(LOADED))


def card(id_: str) -> Card:
    return next(card for card in made.cards() if card.project.id == id_)


def view(chosen: Card) -> project.View:
    return project.view(chosen, SETTING, Easel())


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


# --- Figures ---------------------------------------------------------------------------------------------------------


def test_a_lower_bound_is_shown_as_one() -> None:
    figure = shown.value(BY_KEY["commits"], card("Tidewater/kelp").metrics["commits"])
    assert plain(figure.text) == "≥ 401"
    assert figure.title.startswith("at least 401 commits on 19 November 2026")


def test_an_old_value_says_why_it_is_old() -> None:
    figure = shown.value(BY_KEY["npm_downloads"], card("lagoon/still").metrics["npm_downloads"])
    assert "answered 429" in figure.stale
    assert figure.stale in figure.title


def test_days_inside_a_reason_are_in_words_and_numbers_keep_to_their_signs() -> None:
    assert shown.in_words("since 2026-11-16, not 2026-13-45") == "since 16 November 2026, not 2026-13-45"
    assert shown.in_words("by 3.1 % ± 0.4 a month") == "by 3.1\xa0%\xa0±\xa00.4 a month"


@pytest.mark.parametrize(
    ("low", "high", "sure"), [(0.02, 0.05, 0.02), (-0.05, -0.02, -0.02), (-0.1, 0.3, 0.0), (None, None, 0.0)]
)
def test_what_is_sure_of_a_move_is_the_end_nearer_to_zero(low: float | None, high: float | None, sure: float) -> None:
    assert shown.cautious(low, high) == sure


def test_a_missing_figure_sorts_last_and_gives_its_reason() -> None:
    figure = shown.growth(Missing("npm answered 429 since 2026-11-16"))
    assert (figure.text, figure.order, figure.missing) == ("–", "", True)
    assert figure.title == "npm answered 429 since 16 November 2026."


def test_every_direction_has_a_word_and_a_shape_of_its_own() -> None:
    marks = [shown.mark(direction) for direction in (*Direction, None)]
    assert len({mark.key for mark in marks}) == len({mark.word for mark in marks}) == 5


# --- A project -------------------------------------------------------------------------------------------------------


def test_a_value_says_what_time_it_covers() -> None:
    spans = {one.label: one.span for one in view(card("Tidewater/kelp")).head}
    assert spans["Stars"] == ""
    assert spans["npm downloads"] == "in 28 days"
    assert spans["Issues opened"] == "in October 2026"


def test_charts_are_drawn_of_what_weighs_and_titled_by_what_a_point_stands_for() -> None:
    titles = [panel.title for panel in view(card("Tidewater/kelp")).panels]
    assert "Stars" in titles
    assert {"npm downloads a week", "Issues opened a month", "Active contributors in 28 days"} <= set(titles)
    assert not {"Watchers", "Forks", "Releases a week"} & set(titles)


def test_a_chart_says_where_its_scale_begins_when_that_is_not_zero() -> None:
    [stars] = [panel for panel in view(card("continental/shelf")).panels if panel.key == "stars"]
    assert "The scale begins at 182k, not at 0." in stars.says


def test_what_was_all_filled_in_afterwards_says_so() -> None:
    base = card("salt/marsh")
    stars = base.metrics["stars"]
    assert stars.provenance is not None
    filled = dataclasses.replace(stars, provenance=dataclasses.replace(stars.provenance, observed_since=None))
    [panel] = view(dataclasses.replace(base, metrics={**base.metrics, "stars": filled})).panels
    assert panel.since.startswith("Nothing of it was seen on its day")


@pytest.mark.parametrize(
    ("low", "high", "words"), [(0.01, 0.03, "faster"), (-0.03, -0.01, "more slowly"), (-0.01, 0.01, "keeps pace")]
)
def test_the_movement_says_which_stage_grows_faster_only_when_that_is_sure(low: float, high: float, words: str) -> None:
    base = card("Tidewater/kelp")
    movement = Movement(Stage.INTENT, Stage.ACTION, (), (low + high) / 2, low, high)
    [way] = view(dataclasses.replace(base, movements=(movement,))).ways
    assert words in way.says


def test_stages_count_as_reached_up_to_the_furthest() -> None:
    base = card("Tidewater/kelp")
    steps = view(dataclasses.replace(base, furthest=Stage.ACTION)).steps
    assert [step.reached for step in steps] == [True, True, False, False, False]
    assert not any(step.reached for step in view(dataclasses.replace(base, furthest=None)).steps)


def test_missing_metrics_and_silent_sources_are_named_with_their_reasons() -> None:
    found = view(card("lagoon/still"))
    assert ("PyPI downloads", "No PyPI package is named for this project.") in found.missing
    assert found.failures == (("npm, still", "answered 429 (too many requests)"),)


def test_links_from_outside_pass_only_to_the_web() -> None:
    found = view(card("evil/x-y.z"))
    assert found.homepage == ""
    assert [event.link for event in found.events] == [""]


# --- The scorecard ---------------------------------------------------------------------------------------------------


def test_growth_at_each_registry_stands_on_its_own() -> None:
    rows = {row.name: row for row in scorecard.view(made.cards(), SETTING).rows}
    assert [registry for registry, _ in rows["Kelp"].downloads] == ["PyPI", "npm"]
    assert [registry for registry, _ in rows["Droplet"].downloads] == [""]


def test_many_gaps_for_one_reason_are_one_line() -> None:
    base = card("mist/fog")
    many = [
        dataclasses.replace(base, failures=(Failure("npm", "a/b", f"package-{n}", "answered 429 since 2026-11-16"),))
        for n in range(9)
    ]
    [(source, [gap])] = scorecard.view(many, SETTING).gaps
    assert source == "npm"
    assert gap.reason == "answered 429 since 16 November 2026"
    assert gap.who == "package-0, package-1, package-2, package-3, package-4, package-5 and 3 more"
    assert len(gap.everyone) == 9


def test_long_lists_of_movers_are_cut_and_say_by_how_many() -> None:
    many = [dataclasses.replace(card("Tidewater/kelp"), as_of=TODAY) for _ in range(8)]
    [intent, *_] = scorecard.view(many, SETTING).movers
    assert len(intent.first) == scorecard.MOST_MOVERS
    assert intent.others == "and 3 more"


def test_what_is_too_small_for_a_percentage_is_listed_apart() -> None:
    found = scorecard.view(made.cards(), SETTING).new
    assert [(mover.name, plain(mover.figure.text), mover.detail) for mover in found] == [
        ("Droplet", "31 → 87", "stars")
    ]


def test_a_project_that_is_measured_anywhere_is_not_newly_measured() -> None:
    """Twelve sponsors after eleven are no news."""
    base = card("Tidewater/kelp")
    few = made.measured("sponsors", 12, made.new(11, 12))
    changed = made.card(base.project, {**base.metrics, "sponsors": few}, "Moves.")
    assert changed.stages[Stage.MONETIZATION].indicator is Direction.NEW
    assert scorecard.view([changed], SETTING).new == ()


def test_a_row_says_how_old_its_newest_figure_is_and_which_ones_were_kept() -> None:
    base = card("salt/marsh")
    stars = dataclasses.replace(base.metrics["stars"], stale=Missing("last seen"), observed=dt.date(2026, 11, 13))
    [row] = scorecard.view([dataclasses.replace(base, metrics={**base.metrics, "stars": stars})], SETTING).rows
    assert row.newest.text == "9 days old"
    assert row.newest.stale == "kept from earlier: stars"
    [nothing] = scorecard.view([card("mist/fog")], SETTING).rows
    assert nothing.newest.missing


def says(chosen: list[Card] | tuple[Card, ...]) -> list[str]:
    """The sentences of what changed, as they are read."""
    return [plain("".join(piece.text for piece in one)) for one in scorecard.view(chosen, SETTING).summary]


def test_a_stage_that_hardly_anybody_has_is_not_summed_up() -> None:
    found = says(made.cards())
    assert found[-2:] == [
        "Intent: 4 rise, 1 falls and 2 hold steady; of 5 it cannot be told.",
        "Action: 2 rise, 1 falls and 3 hold steady; of 6 it cannot be told.",
    ]


def test_who_leads_is_who_rises_most_for_sure() -> None:
    def rising(name: str, month: float, half: float) -> Card:
        met = {"stars": made.measured("stars", 900, made.growth(month, half, 900))}
        return made.card(made.project(f"a/{name}", name), met, "Moves.")

    assert "sure leads in Intent: +5.0 % ± 1.0 a month." in says(
        [rising("wild", 0.3, 0.29), rising("sure", 0.05, 0.01)]
    )
    assert not [one for one in says([rising("alone", 0.05, 0.01)]) if "leads" in one]


def turning(before: float, now: float) -> Card:
    """Stars that grew by so much a month until four weeks ago, and by so much since, in steps of every day."""
    days = np.arange(TODAY.toordinal() - 429, TODAY.toordinal() + 1, dtype=np.int64)
    rate = np.where(days <= TODAY.toordinal() - 28, before, now) / 30.4375
    base = made.measured("stars", 10_000, Missing("not yet"))
    level = np.round(10_000 * np.exp(np.cumsum(rate)))
    series = Series(days, level)
    found = growth.growth(Kind.STOCK, series, TODAY)
    stars = dataclasses.replace(base, series=series, growth=found, growth_from="github.stars")
    return made.card(made.project("a/turned", "Turned"), {"stars": stars}, "Moves.")


def test_what_turned_is_told_with_both_growths_and_a_steady_pace_is_no_turn() -> None:
    assert [one for one in says([turning(0.0, 0.06)]) if one.startswith("Turned up")] == [
        "Turned up within four weeks: stars of Turned (0.00 % → +6.2 %)."
    ]
    assert [one for one in says([turning(0.06, -0.06)]) if one.startswith("Turned down")]
    assert not [one for one in says([turning(0.06, 0.06)]) if one.startswith("Turned")]


def test_noise_turns_nothing() -> None:
    """A thousand projects whose gains are of one mean all along: none of them turned."""
    chance = np.random.default_rng(7)
    days = np.arange(TODAY.toordinal() - 300, TODAY.toordinal() + 1, dtype=np.int64)
    base = made.measured("stars", 10_000, Missing("not yet"))
    turned = 0
    for _ in range(1000):
        gains = chance.poisson(chance.choice([0.1, 3.0, 20.0]), len(days)) - chance.poisson(0.1, len(days))
        series = Series(days, 5000.0 + gains.cumsum())
        found = growth.growth(Kind.STOCK, series, TODAY)
        stars = dataclasses.replace(base, series=series, growth=found, growth_from="github.stars")
        turned += bool(list(changes._turns(made.card(made.project("a/b", "B"), {"stars": stars}, "Moves."))))
    assert turned <= 2


def test_the_small_are_ranked_among_the_small() -> None:
    found = {one.heading: one for one in scorecard.view(made.cards(), SETTING).divisions}
    assert list(found) == ["100,000 stars and more", "10,000 to 99,999 stars", "1,000 to 9,999 stars",
                           "Fewer than 1,000 stars"]  # fmt: skip
    assert [mover.name for mover in found["1,000 to 9,999 stars"].first] == ["Still", "Creek"]
    assert found["1,000 to 9,999 stars"].says == "4 projects · 2 rising · 1 falling"


def test_the_kinds_of_the_made_up_cards_are_those_of_the_sources() -> None:
    """So that what is shown here is what will be shown."""
    assert {name: SETTING.signals[name].kind for name, _ in made.KINDS.values()} == dict(made.KINDS.values())
