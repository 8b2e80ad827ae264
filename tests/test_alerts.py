"""Alerts: each kind of rule is told once when it becomes true, not by noise, and not by what is no news."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from groundswell import alert_log, alerts, config
from groundswell.alert_log import Alert, Log
from groundswell.closing import Known
from groundswell.config_alerts import KINDS, SHORT, USUAL_RULES, Alerts, Rule, in_full, rule
from groundswell.config_alerts import RulePart as Part
from groundswell.models import (
    Anomaly,
    Card,
    Correction,
    Growth,
    Kind,
    Measured,
    Missing,
    Oddity,
    Origin,
    OwnFigure,
    Provenance,
    Reading,
    RepositoryState,
    Stage,
    StageState,
)
from tests import cards as made
from tests.cards import HOSTILE

FIRST: Final = dt.date(2026, 10, 1)
SETTLED: Final = alerts.WATCHED_FIRST  # the day, counted from the first, from which something may be told
KELP: Final = made.project("tidewater/kelp", "Kelp", tags=("storage",), targets={"github": ("",), "npm": ("kelp",)})
LABELS: Final = {"github": "GitHub", "npm": "npm", "pypi": "PyPI"}

Change = Callable[[Card], Card]


def rules(*lines: str | dict[str, object]) -> tuple[Rule, ...]:
    return tuple(rule(Part.model_validate(in_full(one) if isinstance(one, str) else one)) for one in lines)


def tracked(*given: Rule, projects: Sequence[Card] = ()) -> config.Config:
    named = tuple(card.project for card in projects) or (KELP,)
    return config.Config(config.Tracker(), named, config.DEFAULT_THRESHOLDS, config.Gate(), (), Alerts(given))


def grown(month: float, half: float, end: float = 5000) -> Growth:
    return made.growth(month, half, end)


def kelp(
    stars: float = 5000, month: float = 0.05, half: float = 0.01, reading: str = "They grow.", **more: Any
) -> Card:
    """Kelp with stars and npm downloads that grow alike; `more` goes to the stars."""
    metrics = {
        "stars": made.measured("stars", stars, grown(month, half, stars), **more),
        "npm_downloads": made.measured("npm_downloads", 10 * stars, grown(month, half, 10 * stars)),
    }
    return made.card(KELP, metrics, reading, facts=made.facts("tidewater/kelp"))


def told(given: Sequence[Rule], days: Sequence[Card | None], start: Log | None = None) -> list[Alert]:
    """What is told of one card a day; None is a day without a run. The first days are those of a new project."""
    return list(run(given, days, start).told[len(start.told) if start else 0 :])


def run(given: Sequence[Rule], days: Sequence[Card | None], start: Log | None = None) -> Log:
    log = start or Log(as_of=FIRST - dt.timedelta(days=1), watched={KELP.id: FIRST - dt.timedelta(days=30)})
    assert log.as_of is not None
    day = log.as_of
    for card in days:
        day += dt.timedelta(days=1)
        if card is not None:
            seen = dataclasses.replace(card, as_of=day)
            log = alerts.evaluate(log, tracked(*given, projects=[card]), [seen], LABELS, day)
    return log


def titles(found: Sequence[Alert]) -> list[str]:
    return [one.title.replace("\u00a0", " ") for one in found]


# --- Each kind -------------------------------------------------------------------------------------------------------


def test_a_growth_is_told_when_its_whole_interval_lies_beyond_the_bound_and_not_before() -> None:
    given = rules("growth of stars below -10 %")
    unsure, sure = kelp(month=-0.12, half=0.03), kelp(month=-0.14, half=0.03)
    found = told(given, [kelp(), unsure, unsure, sure, sure])
    assert titles(found) == ["Kelp: growth of stars is below −10 % a month"]
    assert found[0].day == FIRST + dt.timedelta(days=3)
    assert "−14.0 % ± 3.0" in found[0].text.replace("\u00a0", " ")
    assert "22 November 2026; from GitHub" in found[0].text


def test_a_growth_above_a_bound_is_told_by_the_lower_end_of_its_interval() -> None:
    found = told(
        rules("growth of stars above 20 %"), [kelp(), kelp(month=0.22, half=0.03), kelp(month=0.24, half=0.03)]
    )
    assert [one.day for one in found] == [FIRST + dt.timedelta(days=2)]


def test_a_growth_on_the_bound_rings_once_until_the_growth_itself_is_back() -> None:
    given = rules("growth of stars below -10 %")
    over, touching, back = kelp(month=-0.14, half=0.03), kelp(month=-0.12, half=0.03), kelp(month=-0.09, half=0.03)
    assert len(told(given, [kelp(), over, touching, over, touching, over])) == 1
    assert len(told(given, [kelp(), over, back, over])) == 2


def test_growth_of_downloads_is_of_each_registry_by_itself() -> None:
    shrunk = kelp(month=-0.2, half=0.01)
    pypi = made.measured("pypi_downloads", 9000, grown(-0.2, 0.01, 9000))
    both = [dataclasses.replace(card, metrics={**card.metrics, "pypi_downloads": one}) for card, one in (
        (kelp(), made.measured("pypi_downloads", 9000, grown(0.02, 0.01, 9000))), (shrunk, pypi),
    )]  # fmt: skip
    assert {one.subject for one in told(rules("growth of downloads below -10 %"), both)} == {
        "npm_downloads",
        "pypi_downloads",
    }


def test_an_indicator_is_told_when_it_has_turned_for_days_and_not_when_it_trembles() -> None:
    given = rules("stage indicator of intent changed")
    rising, edge, steady, falling = (kelp(month=m, half=0.02) for m in (0.03, 0.015, 0.005, -0.03))
    days = [rising, edge, rising, *[edge] * 9, *[steady] * 4, edge, *[falling] * 4]
    found = told(given, days)
    assert titles(found) == [
        "Kelp: Intent now steady, after rising",
        "Kelp: Intent now falling, after steady",
    ]
    assert [(one.day - FIRST).days for one in found] == [15, 20], "on the fourth day of each"
    down, near = kelp(month=-0.03, half=0.02), kelp(month=-0.015, half=0.02)
    assert titles(told(given, [down, near, down, *[near] * 5, *[steady] * 4])) == [
        "Kelp: Intent now steady, after falling"
    ]
    assert told(given, [down, *[near] * 6, down]) == []
    assert told(given, [rising, *[falling, falling, rising] * 5]) == []
    assert told(given, [rising, *[steady] * 3, falling, rising]) == [], "each way has its own days"


def test_an_indicator_is_told_for_the_turns_that_the_rule_names() -> None:
    given = rules({"when": "indicator", "of": "intent", "to": "falling"})
    rising, steady, falling = ([kelp(month=m)] * 4 for m in (0.05, 0.0, -0.05))
    assert len(told(given, [*rising, *steady, *falling, *rising, *falling])) == 2
    assert told(given, [*falling, *rising]) == []


def with_sponsors(sponsors: float, **more: Any) -> Card:
    card = kelp()
    seen = made.measured("sponsors", sponsors, Missing("few"), **more)
    return dataclasses.replace(card, metrics={**card.metrics, "sponsors": seen}, furthest=Stage.ACTION)


def test_a_further_stage_is_told_when_a_metric_passes_its_threshold() -> None:
    found = told(rules("furthest stage changed"), [with_sponsors(3), with_sponsors(4), with_sponsors(5)])
    assert titles(found) == ["Kelp has reached Monetization"]
    assert found[0].text == "Furthest stage on 3 October 2026, by sponsors 5; before: Action."


def test_a_stage_is_lost_when_it_is_clearly_below_and_no_figure_is_missing() -> None:
    given = rules("furthest stage lost")
    gone = dataclasses.replace(kelp(), furthest=Stage.ACTION)
    before, there, nearly, clearly = (with_sponsors(n) for n in (3, 50, 4.9, 4))
    assert told(given, [before, there, gone, gone]) == [], "missing is not lost"
    assert told(given, [before, there, nearly]) == []
    assert titles(told(given, [before, there, clearly])) == ["Kelp is no longer at Monetization"]
    days = [with_collective(one, None) for one in (before, there, clearly)]
    assert told(given, days) == [], "another figure that could pass is not seen"
    assert len(told(given, [*days, with_collective(clearly, 1)])) == 1


def with_collective(card: Card, backers: float | None) -> Card:
    """The same for a project that names a collective."""
    entry = dataclasses.replace(card.project, targets={**KELP.targets, "opencollective": ("kelp",)})
    seen = made.measured("sponsors", backers, Missing("few"), metric="collective_backers") if backers else None
    metrics = {**card.metrics, **({"collective_backers": seen} if seen else {})}
    return dataclasses.replace(card, project=entry, metrics=metrics)


def test_a_level_is_told_on_the_way_up_and_clearly_below_it_on_the_way_down() -> None:
    given = rules("stars crossed a round level")
    path = [99_000, 99_990, 100_003, 99_995, 100_010, 99_100, 98_900, 99_500, 100_000]
    assert titles(told(given, [kelp(stars=one) for one in path])) == [
        "Kelp: stars reached 100,000",
        "Kelp: stars fell below 100,000",
        "Kelp: stars reached 100,000",
    ]


def test_an_amount_may_go_up_and_down_by_more_than_a_stock_before_it_has_left_a_level() -> None:
    given = rules("npm downloads left the hundred-thousand")
    assert told(given, [kelp(stars=one) for one in (10_100, 9_900, 9_600, 10_100)]) == []
    (one,) = told(given, [kelp(stars=one) for one in (10_100, 9_400)])
    assert one.title == "Kelp: npm downloads fell below 100,000"
    assert one.text == "94,000 in the 28 days up to 20 November 2026; from npm."


def test_left_the_hundred_thousand_tells_of_no_other_level_and_of_no_way_up() -> None:
    given = rules("left the hundred-thousand")
    assert titles(told(given, [kelp(stars=one) for one in (60_000, 120_000, 45_000, 9_000)])) == [
        "Kelp: stars fell below 100,000"
    ]


def test_a_jump_over_several_levels_is_told_once_with_the_one_that_says_most() -> None:
    given = rules("stars crossed a round level")
    assert titles(told(given, [kelp(stars=900), kelp(stars=6000), kelp(stars=150)])) == [
        "Kelp: stars reached 5,000",
        "Kelp: stars fell below 200",
    ]


def reads(key: str, text: str = "They grow.") -> Card:
    return dataclasses.replace(kelp(), reading=Reading(key, text))


def test_another_reading_is_told_when_it_has_lasted_a_week() -> None:
    given = rules("reading changed")
    calm, loud = reads("steady"), reads("word_of_mouth", "Downloads outrun stars.")
    assert told(given, [calm, *[loud] * 7]) == []
    (one,) = told(given, [calm, *[loud] * 9])
    assert (one.title, one.day) == ("Kelp reads otherwise", FIRST + dt.timedelta(days=8))
    assert one.text.startswith("Downloads outrun stars.")
    assert told(given, [calm, *[loud] * 6, calm, *[loud] * 6, calm]) == [], "what goes to and fro has not lasted"
    assert told(given, [calm, *[reads("not_enough_seen")] * 9, calm]) == [], "too little seen is no reading"


def test_a_growth_that_is_measured_for_the_first_time_is_told_once() -> None:
    given = rules("newly measured")
    young = dataclasses.replace(kelp(), metrics={**kelp().metrics, "stars": unmeasured()})
    young = dataclasses.replace(young, stages={**young.stages, Stage.INTENT: bare()})
    assert titles(told(given, [young, young, kelp(), young, kelp()])) == [
        "Kelp: growth of Intent is measured for the first time"
    ]


def unmeasured() -> Measured:
    return made.measured("stars", 5000, Missing("9 more days of history needed"))


def bare() -> StageState:
    card = made.card(KELP, {}, "")
    return card.stages[Stage.INTENT]


def test_what_an_import_fills_in_at_once_is_not_newly_measured() -> None:
    given = rules("newly measured")
    young = dataclasses.replace(kelp(), metrics={**kelp().metrics, "stars": unmeasured()})
    young = dataclasses.replace(young, stages={**young.stages, Stage.INTENT: bare()})
    seen = unmeasured().provenance
    assert seen is not None
    imported = kelp(provenance=dataclasses.replace(seen, observed_since=dt.date(2020, 1, 1)))
    assert told(given, [young, imported, imported]) == []


def in_state(state: RepositoryState, name: str = "tidewater/kelp") -> Card:
    return dataclasses.replace(kelp(), facts=made.facts(name, id="R_1", state=state))


def test_a_repository_that_is_archived_renamed_gone_or_back_is_told() -> None:
    given = rules("repository changed")
    here, archived = in_state(RepositoryState.ACTIVE), in_state(RepositoryState.ARCHIVED)
    gone, renamed = in_state(RepositoryState.GONE), in_state(RepositoryState.ACTIVE, "tidewater/bull-kelp")
    assert titles(told(given, [here, archived, archived, here])) == [
        "Kelp is archived on GitHub",
        "Kelp is back on GitHub",
    ]
    assert titles(told(given, [here, renamed, renamed])) == ["Kelp is called tidewater/bull-kelp on GitHub now"]
    assert told(given, [here, gone, here, gone, here]) == [], "one answer may be wrong"
    assert titles(told(given, [here, gone, gone, gone])) == ["Kelp is not on GitHub any more, or not public"]
    assert told(rules("repository archived"), [here, renamed, gone, gone]) == []


def test_another_repository_under_the_same_name_is_not_told_as_what_became_of_the_first() -> None:
    other = dataclasses.replace(kelp(), facts=made.facts("tidewater/kelp", id="R_2", state=RepositoryState.ARCHIVED))
    assert told(rules("repository changed"), [in_state(RepositoryState.ACTIVE), other, other]) == []


# --- What is no news -------------------------------------------------------------------------------------------------

STARS: Final = rules("stars crossed a round level", "growth of stars below -10 %", "growth of intent below -10 %")


def fallen(**more: Any) -> Card:
    return kelp(stars=900, month=-0.3, half=0.01, **more)


def test_the_same_day_tells_it_and_the_next_run_of_that_day_does_not_tell_it_again() -> None:
    log = run(STARS, [kelp(), fallen()])
    assert len(log.told) == 3
    assert log.as_of is not None
    again = alerts.evaluate(log, tracked(*STARS), [dataclasses.replace(fallen(), as_of=log.as_of)], LABELS, log.as_of)
    assert again == log
    assert again.as_json() == log.as_json()


def test_what_goes_to_and_fro_within_a_day_is_told_once_of_that_day() -> None:
    given = rules("stars crossed a round level")
    log = run(given, [kelp(), fallen()])
    assert log.as_of is not None
    for stars in (5000, 900, 5000):
        card = dataclasses.replace(kelp(stars=stars), as_of=log.as_of)
        log = alerts.evaluate(log, tracked(*given), [card], LABELS, log.as_of)
    assert titles(log.told) == ["Kelp: stars fell below 1,000", "Kelp: stars reached 5,000"]


@pytest.mark.parametrize(
    "more",
    [
        {"stale": Missing("last seen 3 days ago: GitHub answered 500")},
        {"missing": Missing("not seen yet")},
        {"at_least": True},
        {"anomalies": (Anomaly(Oddity.ZERO, "github.stars", made.TODAY, made.TODAY, {}, "a fall to zero"),)},
        {"anomalies": (Anomaly(Oddity.STEP, "github.stars", made.TODAY, made.TODAY, {}, "a step"),)},
    ],
    ids=["kept from an earlier day", "missing", "a lower bound", "odd", "a step"],
)
def test_nothing_is_told_of_a_figure_that_cannot_be_judged_and_it_is_told_when_it_can(more: dict[str, Any]) -> None:
    log = run(STARS, [kelp(), fallen(**more), fallen(**more)])
    assert log.told == ()
    assert len(told(STARS, [fallen()], log)) == 3


def test_a_burst_is_a_fact_and_is_told() -> None:
    burst = Anomaly(Oddity.BURST, "github.stars", made.TODAY, made.TODAY, {"amount": 3.0}, "a burst")
    assert len(told(rules("stars crossed a round level"), [kelp(), kelp(stars=20_100, anomalies=(burst,))])) == 1


def test_a_stage_of_which_a_part_cannot_be_judged_is_not_judged_either() -> None:
    given = rules("growth of intent below -10 %")
    assert told(given, [kelp(), fallen(stale=Missing("last seen 3 days ago"))]) == []
    assert len(told(given, [kelp(), fallen()])) == 1


@pytest.mark.parametrize(
    "change",
    [{"targets": ("", "other")}, {"signal": "ecosystems.stars"}, {"observed_since": dt.date(2020, 1, 1)}],
    ids=["another package", "another source", "an imported past"],
)
def test_a_figure_that_is_another_one_is_taken_as_it_stands(change: dict[str, Any]) -> None:
    before = kelp().metrics["stars"].provenance
    assert before is not None
    where = dataclasses.replace(before, **change)
    log = run(STARS, [kelp(), fallen(provenance=where)])
    assert log.told == ()
    assert told(STARS, [kelp(provenance=where)], log), "from then on it is told"


def test_a_move_that_is_only_a_correction_of_the_past_is_taken_as_it_stands() -> None:
    day = FIRST + dt.timedelta(days=1)
    noted = Correction("tidewater/kelp", "github.stars", day, day, day, 9, day, 5000, 900, -0.8)
    assert told(STARS, [kelp(), dataclasses.replace(fallen(), corrections=(noted,)), fallen()]) == []


def test_a_first_run_and_a_new_rule_tell_nothing() -> None:
    assert told(STARS, [fallen()]) == []
    log = run(STARS[:1], [kelp(), kelp()])
    assert told(STARS, [fallen(), fallen()], log) == told(STARS[:1], [fallen(), fallen()], log)


def test_a_new_project_is_watched_for_a_week_before_anything_is_told_of_it() -> None:
    new = Log(as_of=FIRST - dt.timedelta(days=1))
    assert told(STARS, [kelp()] * (SETTLED - 1) + [fallen()] * 3, new) == []
    assert len(told(STARS, [kelp()] * SETTLED + [fallen()], new)) == 3


def test_a_run_for_an_earlier_day_and_one_that_asks_nobody_tell_nothing(tmp_path: Path) -> None:
    log = run(STARS, [kelp(), kelp()])
    assert log.as_of is not None
    early = log.as_of - dt.timedelta(days=1)
    assert alerts.evaluate(log, tracked(*STARS), [fallen()], LABELS, early) is log
    alert_log.save(tmp_path, log)
    before = (tmp_path / alert_log.FILE).read_bytes()
    later = log.as_of + dt.timedelta(days=9)
    known = Known(tracked(*STARS), {}, {}, LABELS, later)
    assert alerts.keep(tmp_path, known, [fallen()], ()).alerts == ()
    assert (tmp_path / alert_log.FILE).read_bytes() == before
    assert len(alerts.keep(tmp_path, known, [fallen()], (KELP,)).alerts) == 3


def test_a_run_for_one_project_forgets_nothing_of_the_others() -> None:
    other = dataclasses.replace(kelp(), project=dataclasses.replace(KELP, id="a/b", name="B"))
    both = tracked(*STARS, projects=[kelp(), other])
    log = alerts.evaluate(Log(), both, [kelp(), other], LABELS, FIRST)
    one = alerts.evaluate(log, both, [other], LABELS, FIRST + dt.timedelta(days=1))
    assert one.known == log.known
    assert one.watched == log.watched


def test_what_is_no_longer_in_the_list_or_among_the_rules_is_forgotten() -> None:
    log = run(STARS, [kelp()])
    assert len(log.known) == 3
    fewer = alerts.evaluate(log, tracked(*STARS[:1]), [kelp()], LABELS, FIRST + dt.timedelta(days=1))
    assert list(fewer.known) == [alerts.rule_name(STARS[0])]
    other = dataclasses.replace(kelp(), project=dataclasses.replace(KELP, id="a/b", name="B"))
    gone = alerts.evaluate(log, tracked(*STARS, projects=[other]), [other], LABELS, FIRST + dt.timedelta(days=1))
    assert {project for of in gone.known.values() for project in of} == {"a/b"}
    assert set(gone.watched) == {"a/b"}


def test_two_rules_that_say_the_same_ring_once() -> None:
    given = (*rules("stars crossed a round level"), *rules({"when": "level", "tags": "storage"}))
    assert len(told(given, [kelp(), fallen()])) == 1


@pytest.mark.parametrize(
    ("more", "holds"),
    [
        ({"projects": "Tidewater/KELP"}, True),
        ({"projects": "a/b"}, False),
        ({"categories": "databases"}, True),
        ({"categories": "Tools"}, False),
        ({"tags": ["x", "Storage"]}, True),
        ({"tags": "x"}, False),
        ({"stages": "intent"}, True),
        ({"stages": "action"}, False),
    ],
    ids=str,
)
def test_filters_choose_projects_categories_tags_and_stages(more: dict[str, object], holds: bool) -> None:
    given = rules({"when": "level", **more})
    assert bool(told(given, [kelp(), fallen()])) is holds


def test_an_owners_own_levels_are_told_nowhere_and_its_growth_is() -> None:
    figure = OwnFigure("mau", "Monthly users", "people", Stage.RETENTION, Kind.STOCK, 1, Origin.FILE, "x", "mau")
    where = Provenance("figures.mau", Kind.STOCK, ("",), FIRST, "", "")
    entry = dataclasses.replace(KELP, figures=(figure,))

    def day(value: float, month: float) -> Card:
        own = made.measured("stars", value, grown(month, 0.01, value), metric=figure.metric, provenance=where)
        card = kelp()
        return dataclasses.replace(card, project=entry, metrics={**card.metrics, figure.metric: own})

    given = (Rule("level", of=(figure.metric,), to=("reached", "left")), *rules("growth of own_mau below -10 %"))
    (one,) = told(given, [day(7131, 0.1), day(3313, -0.4)])
    assert one.kind == "growth"
    assert "from the owner" in one.text
    assert not {"7131", "7,131", "3313", "3,313"} & set((one.title + one.text).replace(".", " ").split())


def test_the_usual_rules_are_few_and_of_what_is_sure() -> None:
    assert Alerts().rules == USUAL_RULES
    noisy = [kelp(stars=5000 + 90 * n, month=0.02 * (-1) ** n, half=0.01) for n in range(40)]
    assert told(USUAL_RULES, noisy) == []
    assert titles(told(USUAL_RULES, [kelp(stars=9990), kelp(stars=10_002)])) == ["Kelp: stars reached 10,000"]


def test_every_kind_of_rule_does_something_and_can_be_said() -> None:
    assert set(alerts.KINDS) == set(KINDS)
    for one in SHORT:
        (given,) = rules(one.example)
        said = alerts.in_words(given, {})
        assert said
        assert not said.endswith("."), said


# --- The file --------------------------------------------------------------------------------------------------------


def test_the_file_is_the_same_for_the_same_log_and_comes_back_as_it_was(tmp_path: Path) -> None:
    log = run((*STARS, *rules("reading changed")), [kelp(), fallen(), reads("word_of_mouth")])
    alert_log.save(tmp_path, log)
    assert alert_log.load(tmp_path) == log
    assert json.loads((tmp_path / alert_log.FILE).read_text())["format"] == alert_log.FORMAT


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"\xff\xfe", b'{"format": 1, "told": [{"id": "x"}]}', b'{"format": 2}',
        b'{"format": 1, "known": {"r": {"a/b": {"stars": "one two three"}}}}',
    ],
    ids=str,
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_said_left_as_it_is_and_stops_no_site(tmp_path: Path, content: bytes) -> None:
    (tmp_path / alert_log.FILE).write_bytes(content)
    with pytest.raises(alert_log.BrokenAlerts):
        alert_log.load(tmp_path)
    found = alerts.keep(tmp_path, Known(tracked(*STARS), {}, {}, LABELS, FIRST), [kelp()], (KELP,))
    assert found.alerts == ()
    assert "alerts.json" in found.broken
    assert "update the tracker" in found.broken or "bring it back from the branch data" in found.broken
    assert (tmp_path / alert_log.FILE).read_bytes() == content


def test_the_log_does_not_grow_without_end() -> None:
    given = rules("stars crossed a round level")
    log = run(given, [kelp(stars=900 if n % 2 else 2000) for n in range(alert_log.MOST_KEPT + 20)])
    assert len(log.told) == alert_log.MOST_KEPT
    assert len({one.id for one in log.told}) == alert_log.MOST_KEPT
    assert [one.day for one in log.told] == sorted(one.day for one in log.told)


def test_half_a_sign_in_a_name_breaks_no_file(tmp_path: Path) -> None:
    log = run(
        rules("repository changed"), [in_state(RepositoryState.ACTIVE), in_state(RepositoryState.ACTIVE, "a/\ud800")]
    )
    alert_log.save(tmp_path, log)
    assert alert_log.load(tmp_path) == log
    assert len(log.told) == 1


def test_hostile_names_survive_the_file(tmp_path: Path) -> None:
    evil = dataclasses.replace(kelp(), project=dataclasses.replace(KELP, name=HOSTILE))
    bad = dataclasses.replace(fallen(), project=dataclasses.replace(KELP, name=HOSTILE))
    log = run(STARS, [evil, bad])
    alert_log.save(tmp_path, log)
    assert alert_log.load(tmp_path).told[0].name == HOSTILE
