"""Readings: each holds on an example and not on one that just misses, turns when its growth is turned round, and names
the numbers it rests on and no others.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as any_of

from groundswell import findings, wording
from groundswell.catalogue import BY_KEY, CONTRIBUTIONS, DOWNLOADS
from groundswell.models import NO_COMPANY, Card, Measured, Missing, MoneyAndUse, RepositoryState, Series, Stage
from groundswell.readings import READINGS, UNREADABLE, also, lacking, read
from groundswell.situation import MEASURED, Situation
from groundswell.stages import assess
from tests.growing import LABELS, SIGNALS, TODAY, counter, facts, flow, history, level, newest, project
from tests.situations import NEW, grown, in_a_burst, measured, money, organisations, people, situation, small

NPM = newest("npm.downloads")


def made(
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
    "interest_without_use": ((0.05, 0.0, 0.0), (-0.05, 0.0, 0.0), "thin_top"),
    "interest_rises": ((0.002, 0.0, 0.0), (-0.002, 0.0, 0.0), "thin_top"),
    "thin_top": ((-0.05, 0.0, 0.0), (0.05, 0.0, 0.0), "interest_without_use"),
    "use_fades": ((0.0, -0.05, -0.05), (0.0, 0.05, 0.05), "use_outruns_attention"),
    "steady": ((0.0, 0.0, 0.0), (0.05, 0.0, 0.0), "interest_without_use"),
}


@pytest.mark.parametrize("key", EXAMPLES)
def test_a_reading_holds_on_its_example_and_turns_with_its_growth(key: str) -> None:
    example, turned, other = EXAMPLES[key]
    assert made(*example).reading.key == key
    assert made(*turned).reading.key == other


def test_use_that_grows_much_faster_outruns_attention_although_that_grows_too() -> None:
    assert made(0.02, 0.20, 0.20).reading.key == "use_outruns_attention"


def test_interest_that_grows_much_faster_than_use_is_told_apart() -> None:
    both = made(0.20, 0.03, 0.05)
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
    archived = made(0.05, 0.05, 0.05, state=RepositoryState.ARCHIVED)
    assert archived.reading.key == "archived"
    assert text(archived).startswith("The repository is archived since 2026-05-01: ")
    assert "stars grow by 5.0 %" in text(archived)


@pytest.mark.parametrize("state", [RepositoryState.GONE, RepositoryState.PRIVATE, RepositoryState.DISABLED])
def test_a_repository_that_is_not_public_any_more_is_read_as_that(state: RepositoryState) -> None:
    assert made(0.05, 0.05, 0.05, state=state).reading.key == "gone"


def test_small_numbers_are_named_and_get_no_percentage() -> None:
    small = made(0.20, 0.20, 0.20, size=0.0001)
    assert small.reading.key == "too_small"
    assert text(small).startswith("Too small or too young for percentages: 5 stars, ")
    assert "%" not in text(small)


def test_without_any_sight_of_use_nothing_is_made_of_interest() -> None:
    interest = made(0.05, None, None)
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
    assert "of use only 9 % of what counts is seen" in text(found)


def test_the_sentence_carries_the_numbers_it_rests_on() -> None:
    sentence = text(made(0.05, 0.0, 0.0))
    assert sentence.startswith("Stars grow by 5.0 % ± ")
    assert " a month while npm downloads stand still (0.0" in sentence
    assert sentence.endswith(": interest that does not turn into use.")


def test_a_fall_is_told_without_a_second_minus() -> None:
    assert text(made(-0.05, 0.0, 0.0)).startswith("Stars fall by 5.0 % ± ")


def test_where_only_downloads_are_seen_of_use_the_sentence_says_so() -> None:
    alone = made(0.0, 0.05, None)
    assert alone.reading.key == "use_outruns_attention"
    assert text(alone).endswith("as far as downloads alone can tell.")
    assert "alone" not in text(made(0.0, 0.05, 0.05))


def test_a_figure_open_to_both_sides_is_not_said_to_stand_still() -> None:
    """Twelve issues a day that come in bursts: the interval is far wider than a tenth."""
    columns = {"github.stars": level(TODAY, 50_000, 0.0), "npm.downloads:x": flow(NPM, 1000, 0.0)}
    wild = columns["npm.downloads:x"]
    wild.values[::9] *= 40
    found = assess(project(npm=["x"]), history(columns), SIGNALS, LABELS, {}, TODAY)
    assert found.reading.key == "steady"
    calm = text(made(0.05, 0.0, 0.0))
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


# --- Each rule: what holds, and what just misses ---------------------------------------------------------------------

UP, FLAT, DOWN = (0.10, 0.02), (0.0, 0.02), (-0.10, 0.02)
SLIGHTLY: Final = (0.025, 0.02)  # rises, and not surely faster than what stands still
LEAVE: Final = people(new=60, returned=10, share=5.0)
ONE: Final = organisations(1, 80.0)


def downloads(month: float, half: float) -> dict[str, Measured]:
    return {"npm_downloads": measured("npm_downloads", 1e6, grown(month, half))}


HOLDS: Final[Mapping[str, Situation]] = {
    "gone": situation(repository=RepositoryState.GONE),
    "archived": situation(repository=RepositoryState.ARCHIVED),
    "too_small": situation(NEW, NEW),
    "one_burst": situation((0.5, 0.02), UP, figures={"stars": in_a_burst(0.62)}),
    "not_enough_seen": situation(UP, None),
    "fading": situation(DOWN, DOWN),
    "newcomers_leave": situation(UP, UP, figures=LEAVE),
    "one_organisation": situation(UP, UP, figures=ONE),
    "interest_without_use": situation(UP, FLAT),
    "interest_without_activation": situation(UP, SLIGHTLY, FLAT),
    "use_without_activation": situation(FLAT, UP, FLAT),
    "downloads_without_contributions": situation(FLAT, FLAT, figures=downloads(0.10, 0.02)),
    "come_and_go": situation(UP, UP, UP, UP, FLAT),
    "thin_top": situation(DOWN, FLAT),
    "use_outruns_attention": situation(FLAT, UP),
    "everything_moves": situation(UP, UP),
    "interest_rises": situation(SLIGHTLY, FLAT),
    "use_rises": situation(FLAT, SLIGHTLY),
    "use_fades": situation(FLAT, DOWN),
    "use_without_payment": situation(FLAT, FLAT, UP, FLAT),
    "money_stays_behind": situation(business=money(0.30, 0.05)),
    "money_follows_use": situation(business=money(0.30, 0.20)),
    "steady": situation(),
}
"""For each rule a situation that it holds in; it is the first one that does."""

MISSES: Final[Mapping[str, tuple[Situation, ...]]] = {
    "gone": (situation(repository=RepositoryState.ARCHIVED), situation(repository=RepositoryState.EMPTY)),
    "archived": (situation(repository=RepositoryState.ACTIVE),),
    "too_small": (situation(NEW, FLAT), situation(None, None)),
    "one_burst": (
        situation((0.5, 0.02), UP, figures={"stars": in_a_burst(0.49)}),
        situation((0.5, 0.02), UP, figures={"stars": in_a_burst(0.62, days_ago=28)}),  # before this window
        situation((0.5, 0.6), UP, figures={"stars": in_a_burst(0.62, half=0.6)}),  # they do not surely rise
        situation(UP, UP),
    ),
    "not_enough_seen": (situation(), situation(UP, UP, None, None, None)),
    "fading": (
        situation(DOWN, (-0.10, 0.11)),
        situation((-0.10, 0.11), DOWN),
        situation(DOWN, DOWN, thin=(Stage.ACTION,)),
    ),
    "newcomers_leave": (
        situation(figures=people(new=19, returned=4, share=2.0)),  # a handful
        situation(figures=people(new=60, returned=60, share=5.0)),  # half of them are old hands
        situation(figures=people(new=60, returned=20, share=20.0)),  # a fifth came back
        situation(figures=people(new=60, returned=10, share=14.0)),  # a seventh of 71: the interval reaches a fifth
        situation(
            figures=people(new=60, returned=0, share=0.0, active=19.0)
        ),  # of how many nobody came back is not known
        situation(figures={key: one for key, one in LEAVE.items() if key != "returning_share"}),
        situation(figures={**LEAVE, "new_contributors": measured("new_contributors", 60, at_least=True)}),
    ),
    "one_organisation": (
        situation(figures=organisations(2, 80.0)),
        situation(figures=organisations(1, 49.9)),
        situation(figures=organisations(1, 80.0, active=19)),
        situation(figures={key: one for key, one in ONE.items() if key != "elephant_factor"}),
    ),
    "interest_without_use": (
        situation(UP, SLIGHTLY),
        situation(UP, (0.06, 0.07)),
        situation(UP, FLAT, thin=(Stage.ACTION,)),
    ),
    "interest_without_activation": (
        situation(UP, UP, None),
        situation(UP, UP, (0.09, 0.10)),
        situation(UP, UP, SLIGHTLY),
        situation(UP, UP, FLAT, thin=(Stage.ACTIVATION,)),
    ),
    "use_without_activation": (
        situation(FLAT, UP, None),
        situation(FLAT, UP, SLIGHTLY),
        situation(FLAT, UP, (0.05, 0.06)),
        situation(FLAT, UP, FLAT, thin=(Stage.ACTIVATION,)),
    ),
    "downloads_without_contributions": (
        situation(FLAT, FLAT, figures=downloads(0.03, 0.025)),  # the difference may be chance
        situation(FLAT, FLAT, figures=downloads(0.03, 0.04)),  # downloads do not surely rise
        situation(FLAT, SLIGHTLY, figures=downloads(0.30, 0.02)),  # contributions rise too
        situation(FLAT, FLAT),
    ),
    "use_without_payment": (
        situation(UP, UP, UP, None),
        situation(UP, UP, UP, SLIGHTLY),
        situation(UP, UP, UP, (0.08, 0.09)),
        situation(UP, FLAT, FLAT, FLAT),
        situation(UP, UP, UP, FLAT, thin=(Stage.MONETIZATION,)),
    ),
    "come_and_go": (
        situation(UP, UP, UP, UP, None),
        situation(UP, UP, UP, UP, SLIGHTLY),
        situation(UP, UP, UP, UP, (0.08, 0.09)),
        situation(FLAT, FLAT, back=DOWN),
        situation(UP, UP, back=FLAT, thin=(Stage.RETENTION,)),
    ),
    "thin_top": (situation((-0.03, 0.04), FLAT), situation(DOWN, DOWN), situation(DOWN, None)),
    "use_outruns_attention": (situation(FLAT, SLIGHTLY), situation(DOWN, UP), situation((0.09, 0.02), UP)),
    "everything_moves": (
        situation(SLIGHTLY, UP),
        situation(UP, (0.03, 0.04)),
        situation((0.03, 0.04), UP),
        situation(UP, UP, thin=(Stage.INTENT,)),
    ),
    "interest_rises": (situation((0.01, 0.02), FLAT), situation(UP, FLAT), situation(SLIGHTLY, DOWN)),
    "use_rises": (situation(FLAT, (0.01, 0.02)), situation(FLAT, UP), situation(DOWN, SLIGHTLY)),
    "use_fades": (situation(FLAT, (-0.01, 0.02)), situation(DOWN, DOWN), situation(UP, DOWN)),
    "money_stays_behind": (
        situation(business=money(0.05, 0.05)),
        situation(business=money(0.30, 0.051)),
        situation(business=money(0.30, 0.05, years=1)),
        situation(business=MoneyAndUse((), {})),
    ),
    "money_follows_use": (
        situation(business=money(0.05, 0.20)),
        situation(business=money(0.30, 0.05)),
        situation(business=money(0.30, 0.20, years=1)),
        situation(business=Missing("no company")),
    ),
    "steady": (situation(SLIGHTLY, FLAT), situation(FLAT, SLIGHTLY), situation(FLAT, None)),
}
"""For each rule situations in which it does not hold, though little is wanting."""

RULES: Final = {rule.key: rule for rule in READINGS}


def holds(key: str, now: Situation) -> bool:
    rule = RULES[key]
    return lacking(rule, now) is None and rule.holds(now)


def test_every_rule_is_tried_with_what_holds_and_what_just_misses() -> None:
    assert list(HOLDS) == [rule.key for rule in READINGS if rule.key in HOLDS]
    assert set(HOLDS) == set(MISSES) == set(RULES)
    assert len(RULES) == len(READINGS) >= 12


@pytest.mark.parametrize("key", HOLDS)
def test_a_rule_is_the_reading_of_a_situation_that_it_is_made_for(key: str) -> None:
    assert read(HOLDS[key]).key == key


@pytest.mark.parametrize(("key", "now"), [(key, now) for key, misses in MISSES.items() for now in misses])
def test_a_rule_does_not_hold_where_little_is_wanting(key: str, now: Situation) -> None:
    assert not holds(key, now)
    assert read(now).key != key
    assert key not in {reading.key for reading in also(now)}


def test_what_a_rule_needs_is_in_the_catalogue() -> None:
    assert {key for rule in READINGS for key in rule.metrics} <= set(BY_KEY)


def test_what_also_holds_stands_below_the_reading_in_the_order_of_the_table() -> None:
    now = situation(
        UP, UP, business=money(0.30, 0.20), figures=(LEAVE | ONE | {"active_contributors": measured("a", 70)})
    )
    assert read(now).key == "newcomers_leave"
    assert [one.key for one in also(now)] == ["one_organisation", "everything_moves", "money_follows_use"]


@pytest.mark.parametrize("key", sorted(UNREADABLE))
def test_beside_what_forbids_to_read_the_numbers_nothing_else_is_said(key: str) -> None:
    assert also(HOLDS[key]) == ()


def test_a_rule_that_cannot_be_looked_at_says_what_it_lacks() -> None:
    now = situation(UP, UP)
    assert lacking(RULES["use_without_payment"], now) == Missing("of payment nothing can be said (not seen here)")
    assert lacking(RULES["newcomers_leave"], now) is not None
    thin = situation(UP, UP, FLAT, thin=(Stage.ACTIVATION,))
    assert lacking(RULES["interest_without_activation"], thin) == Missing(
        "of activation only 20 % of what counts is seen"
    )
    bound = situation(figures={**LEAVE, "new_contributors": measured("new_contributors", 60, at_least=True)})
    missing = lacking(RULES["newcomers_leave"], bound)
    assert missing is not None
    assert missing.reason.endswith("only a lower bound is known")


# --- Sentences -------------------------------------------------------------------------------------------------------

SENTENCES: Final = {
    "one_burst": "Stars grow by 50.0 % ± 2.0 a month, and 62 % of those of the last 28 days came in the week up to "
    "2026-11-12: what stays of it can be told when the burst has faded.",
    "newcomers_leave": "60 of 70 contributors of the last 28 days are new, and of the 200 of the 84 days before 10 "
    "came back (5 %, at most 9 % by the 95 % interval): newcomers come once, and leave.",
    "one_organisation": "One organisation writes at least half of the commits, as far as the profiles of 80 % of the "
    "60 active contributors tell: it carries the project, and what it decides the project does.",
    "interest_without_activation": "Stars grow by 10.0 % ± 2.0 a month while dependent repositories stand still "
    "(0.0 % ± 2.0): interest that does not turn into something built on it; the free product may satisfy people as it "
    "is.",
    "use_without_payment": "Dependent repositories grow by 10.0 % ± 2.0 a month while sponsors stand still "
    "(0.0 % ± 2.0): what people get from it grows, what they give for it does not.",
    "money_stays_behind": "Over the same 5 years up to 2026-09-30, PyPI downloads grew by 30 % a year and revenue grew "
    "by 5.0 % a year: money has not followed use so far.",
    "money_follows_use": "Over the same 5 years up to 2026-09-30, PyPI downloads grew by 30 % a year and revenue grew "
    "by 20 % a year: money follows use.",
    "thin_top": "Stars fall by 10.0 % ± 2.0 a month while issues opened stand still (0.0 % ± 2.0): use still lives on "
    "earlier interest; weak interest now is weak demand later.",
}


@pytest.mark.parametrize("key", SENTENCES)
def test_the_sentence_says_what_was_seen_and_how_sure(key: str) -> None:
    assert read(HOLDS[key]).text.replace("\N{NO-BREAK SPACE}", " ") == SENTENCES[key]


def test_one_of_a_kind_grows_and_many_grow() -> None:
    income = Situation(
        None,
        {**HOLDS["steady"].metrics, "collective_income": measured("collective_income", 1e4, grown(0.1, 0.02))},
        {
            **HOLDS["steady"].stages,
            Stage.MONETIZATION: dataclasses.replace(
                HOLDS["come_and_go"].stages[Stage.MONETIZATION], parts=("collective_income",)
            ),
        },
    )
    assert income.subject(Stage.MONETIZATION).moves().startswith("grows by")
    assert income.subject(Stage.INTENT).moves().startswith("stand still")


def test_revenue_that_falls_is_told_without_a_minus() -> None:
    assert "and revenue fell by 12 % a year" in read(situation(business=money(0.30, -0.12))).text.replace("\xa0", " ")


def test_the_flywheel_names_the_further_stages_that_turn_with_it() -> None:
    text = read(situation(UP, UP, UP, None, UP)).text.replace("\xa0", " ")
    assert text.endswith(
        "interest and use move together, and with them activation (+10.0 % ± 2.0) and return (+10.0 % ± 2.0)."
    )


def test_three_further_stages_are_listed_as_in_a_sentence() -> None:
    text = read(situation(UP, UP, UP, UP, UP)).text.replace("\xa0", " ")
    figure = "(+10.0 % ± 2.0)"
    assert text.endswith(f"and with them activation {figure}, payment {figure} and return {figure}.")


def test_when_nobody_came_back_the_sentence_says_so() -> None:
    nobody = people(new=200, returned=0, share=0.0, active=200.0)
    assert "before none came back (0 %, at most 2 % by the 95 % interval)" in read(situation(figures=nobody)).text


def test_a_share_is_no_more_sure_than_the_people_it_is_of() -> None:
    """Wilson's interval, against values from its formula worked out by hand."""
    assert findings.upper_end(0, 20) == pytest.approx(0.1611, abs=1e-4)
    assert findings.upper_end(5, 50) == pytest.approx(0.2136, abs=1e-4)
    assert findings.upper_end(50, 50) == pytest.approx(1.0)


# --- Of every situation ----------------------------------------------------------------------------------------------

_growths = any_of.tuples(
    any_of.floats(-0.6, 2.0).map(lambda x: round(x, 5)), any_of.sampled_from([1e-4, 0.01, 0.05, 0.4, 3.0])
)
_seen = any_of.one_of(any_of.none(), any_of.just(NEW), _growths)
_counts = any_of.integers(0, 900).map(float)
_shares = any_of.floats(0, 100).map(lambda x: round(x, 3))


@any_of.composite
def parts(draw: any_of.DrawFn) -> dict[str, Any]:
    """What a situation is made of: anything that a project may be like, each part of it seen or not."""
    found: dict[str, tuple[float, bool, tuple[float, float] | None]] = {}
    for key, values in (
        *((key, _counts) for key in ("new_contributors", "returning_contributors", "elephant_factor")),
        *((key, _shares) for key in ("returning_share", "organisation_known_share")),
        *((key, _counts) for key in ("npm_downloads", "active_contributors")),
    ):
        if draw(any_of.booleans()):
            found[key] = (draw(values), draw(any_of.booleans()), draw(any_of.none() | _growths))
    business = draw(
        any_of.one_of(
            any_of.none(), any_of.tuples(any_of.floats(-0.9, 3), any_of.floats(-0.9, 3), any_of.integers(1, 16))
        )
    )
    burst = draw(any_of.none() | any_of.floats(0.2, 1.4).map(lambda x: round(x, 3)))
    thin = tuple(draw(any_of.sets(any_of.sampled_from(list(Stage)))))
    state = draw(any_of.sampled_from(list(RepositoryState)))
    return {
        "stages": [draw(_seen) for _ in Stage],
        "thin": thin,
        "state": state,
        "money": business,
        "figures": found,
        "burst": burst,
    }


def put_together(made_of: dict[str, Any]) -> Situation:
    """The situation; a metric without a growth of its own is too small for one."""
    metrics = {
        key: measured(key, value, small(value, value) if growth is None else grown(*growth), at_least=bound)
        for key, (value, bound, growth) in made_of["figures"].items()
    }
    business = NO_COMPANY if made_of["money"] is None else money(*made_of["money"])
    stages, thin, state = made_of["stages"], made_of["thin"], made_of["state"]
    if made_of["burst"] is not None:
        metrics["stars"] = in_a_burst(made_of["burst"])
    return situation(*stages, thin=thin, repository=state, business=business, figures=metrics)


def figures(text: str) -> set[str]:
    """Every number in a text, without sign and separators."""
    return set(re.findall(r"\d+(?:\.\d+)?", text.replace(",", "")))


SAID_IN_WORDS: Final = figures(
    "28 days, 84 days, 95 % interval, archived since 2026-05-01, up to 2026-09-30, the week up to 2026-11-12"
)


def known(now: Situation) -> set[str]:
    """Every number that a sentence may carry: those that are there, as they are written."""
    found: list[str] = []
    for state in now.stages.values():
        if state.growth is not None:
            found.append(wording.growth(state.growth, state.low, state.high))
            found.append(f"{100 * state.coverage:.0f}")
    for one in now.metrics.values():
        growth = one.growth
        if one.value is not None:
            found.append(f"{one.value:,.0f}")
        if not isinstance(growth, Missing) and growth.month is not None:
            found.append(wording.growth(growth.month, growth.low, growth.high))
    downloads, contributions = now.pooled(DOWNLOADS), now.pooled(CONTRIBUTIONS)
    found += [wording.growth(one.growth, one.low, one.high) for one in (downloads, contributions) if one is not None]
    if (burst := findings.burst_of_interest(now)) is not None:
        found.append(f"{100 * min(burst[1], 1.0):.0f}")
    if (leavers := findings.leaving_newcomers(now)) is not None:
        share = 100 * leavers.returned / leavers.before
        found.append(f"{leavers.active} {leavers.before} {share:.0f} {100 * leavers.most:.0f}")
    if not isinstance(now.money, Missing):
        pair = now.money.pairs[0]
        found.append(f"{wording.percent(pair.use.growth)} {wording.percent(pair.revenue.growth)} {pair.years:.3g}")
    return set().union(*map(figures, found))


@settings(max_examples=400, deadline=None)
@given(parts())
def test_every_situation_has_one_reading_that_quotes_no_number_that_is_missing(made_of: dict[str, Any]) -> None:
    now = put_together(made_of)
    readings = [read(now), *also(now)]
    assert len({reading.key for reading in readings}) == len(readings)
    assert (readings[0].key in UNREADABLE) <= (len(readings) == 1)
    for reading in readings:
        assert figures(reading.text) <= known(now) | SAID_IN_WORDS, reading.text
        assert not re.search(r"None|nan|inf\b", reading.text)
        assert re.fullmatch(r"[A-Za-z0-9].*[^.;:,]\.", reading.text, re.DOTALL)


@settings(max_examples=200, deadline=None)
@given(parts())
def test_no_rule_holds_on_a_stage_or_metric_that_it_needs_and_that_is_missing(made_of: dict[str, Any]) -> None:
    now = put_together(made_of)
    said = {reading.key for reading in (read(now), *also(now))}
    for rule in READINGS:
        unseen = [stage for stage in rule.stages if now.goes(stage) not in MEASURED]
        missing = [key for key in rule.metrics if now.metrics[key].value is None or now.metrics[key].at_least]
        if unseen or missing:
            assert rule.key not in said
