"""Made-up cards of many kinds, for what is shown: rising, falling, steady, new, stale, missing, archived, hostile."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Mapping

import numpy as np

from groundswell.catalogue import METRICS, STAGES
from groundswell.models import (
    EMPTY_SERIES,
    Card,
    Direction,
    Event,
    Failure,
    Growth,
    Kind,
    Measured,
    Missing,
    Movement,
    Project,
    Provenance,
    Ratio,
    Reading,
    RepositoryFacts,
    RepositoryState,
    Series,
    Stage,
    StageState,
)

TODAY = dt.date(2026, 11, 22)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}\u202e$\\frac{1}{2}$"
KINDS = {
    "stars": ("github.stars", Kind.STOCK),
    "watchers": ("github.watchers", Kind.STOCK),
    "forks": ("github.forks", Kind.STOCK),
    "issues_opened": ("github.issues_opened", Kind.PERIOD),
    "pull_requests_opened": ("github.pull_requests", Kind.COUNTER),
    "commits": ("github.commits", Kind.ROLLING),
    "active_contributors": ("github.active_contributors", Kind.ROLLING),
    "releases": ("github.releases", Kind.COUNTER),
    "pypi_downloads": ("pypi.downloads", Kind.FLOW),
    "npm_downloads": ("npm.downloads", Kind.FLOW),
    "sponsors": ("github.sponsors", Kind.STOCK),
}


def series(key: str, value: float, month: float, seed: int = 0, *, days: int = 430, step: int = 1) -> Series:
    """A series that ends two days ago near a value and grew by so much a month, with a week's rhythm and noise."""
    kind = KINDS[key][1]
    if kind is Kind.PERIOD:
        ends = [dt.date(2025 + (9 + n) // 12, (9 + n) % 12 + 1, 1) - dt.timedelta(days=1) for n in range(1, 14)]
        day = np.array([end.toordinal() for end in ends], dtype=np.int64)
    else:
        newest = TODAY.toordinal() - (2 if kind is Kind.FLOW else 0)
        day = np.arange(newest - days, newest + 1, 7 if kind is Kind.ROLLING else step, dtype=np.int64)
    path = value * np.exp(math.log1p(month) * (day - day[-1]) / 30.4375)
    chance = np.random.default_rng(seed)
    if kind is Kind.STOCK:
        gains = chance.poisson(np.maximum(np.diff(path, prepend=path[0]), 0.2)).cumsum()
        return Series(day, np.round(path[0]) + gains * (path[-1] - path[0]) / max(gains[-1], 1) // 1)
    if kind in {Kind.FLOW, Kind.COUNTER}:
        week = np.where(day % 7 < 2, 0.5, 1.2)
        return Series(day, chance.poisson(path / 28 * week).astype(np.float64))
    return Series(day, chance.poisson(path).astype(np.float64))


def growth(month: float, half: float, end: float, day: dt.date = TODAY) -> Growth:
    """A growth with an even interval."""
    low, high = month - half, month + half
    direction = Direction.RISING if low > 0 else Direction.FALLING if high < 0 else Direction.STEADY
    window = (1 + month) ** (28 / 30.4375) - 1
    return Growth(window, month, low, high, direction, round(end / (1 + window)), end, day, 1.7)


def new(start: float, end: float, day: dt.date = TODAY) -> Growth:
    """A growth whose base is too small."""
    return Growth(None, None, None, None, Direction.NEW, start, end, day, unsure=Missing("the base is below 50"))


def measured(key: str, value: float, seen: Growth | Missing, *, seed: int = 0, **more: object) -> Measured:
    """A metric with a series that fits it."""
    signal, kind = KINDS[key]
    month = seen.month if isinstance(seen, Growth) and seen.month is not None else 0.02
    since = dt.date(2026, 6, 1) if kind is Kind.STOCK else dt.date(2025, 9, 18)
    line = series(key, value, month, seed)
    fields: dict[str, object] = {
        "metric": key,
        "value": value,
        "observed": line.last_day,
        "growth": seen,
        "compound": {3: month * 0.9, 6: month * 0.8, 12: Missing("40 more days of history needed")},
        "year_on_year": Missing("40 more days of history needed"),
        "acceleration": 0.004,
        "missing": None,
        "provenance": Provenance(
            signal, kind, ("",), since, "https://docs.github.com/rest/activity/starring", "Stars can be taken back."
        ),
        "series": line,
    }
    return Measured(**{**fields, **more})  # type: ignore[arg-type]


def absent(key: str, reason: str) -> Measured:
    """A metric without a value."""
    why = Missing(reason)
    return Measured(key, None, None, why, dict.fromkeys((3, 6, 12), why), why, why, why, None, EMPTY_SERIES)


def _stage(stage: Stage, metrics: Mapping[str, Measured], percentile: float) -> StageState:
    mine = [metric for metric in METRICS if metric.stage is stage and metric.weight]
    found = [(m, g) for m in mine if isinstance(g := metrics[m.key].growth, Growth)]
    known = [(m, g) for m, g in found if g.month is not None and g.low is not None and g.high is not None]
    weight = sum(m.weight for m, _ in known)
    if not known:
        if found:
            return StageState(stage, None, None, None, 0.0, Direction.NEW, None, EMPTY_SERIES, (), None)
        reason = Missing(STAGES[stage].unmeasured)
        return StageState(stage, None, None, None, 0.0, None, None, EMPTY_SERIES, (), reason)
    month = sum(m.weight * (g.month or 0) for m, g in known) / weight
    half = math.sqrt(sum((m.weight * ((g.high or 0) - (g.low or 0)) / 2) ** 2 for m, g in known)) / weight
    low, high = month - half, month + half
    direction = Direction.RISING if low > 0 else Direction.FALLING if high < 0 else Direction.STEADY
    days = np.array([dt.date(2026, n, 28).toordinal() for n in range(1, 11)], dtype=np.int64)
    index = Series(days, 100 * (1 + month) ** np.arange(10.0))
    coverage = min(1.0, weight / sum(m.weight for m in mine))
    return StageState(
        stage, month, low, high, coverage, direction, percentile, index, tuple(m.key for m, _ in known), None
    )


def _movements(stages: Mapping[Stage, StageState], metrics: Mapping[str, Measured]) -> tuple[Movement, ...]:
    order = list(Stage)
    found = []
    for here, there in itertools.pairwise(order):
        before, after = stages[here], stages[there]
        ratios: tuple[Ratio, ...] = ()
        stars, npm = metrics["stars"].value, metrics["npm_downloads"].value
        if here is Stage.INTENT and stars and npm:
            ratios = (Ratio("npm_downloads_per_star", "npm downloads a month per star", npm / stars),)
        if before.growth is None or after.growth is None:
            why = Missing(f"{there.value} is not measured")
            found.append(Movement(here, there, ratios, None, None, None, why))
        else:
            drift = (1 + after.growth) / (1 + before.growth) - 1
            found.append(Movement(here, there, ratios, drift, drift - 0.02, drift + 0.02))
    return tuple(found)


def card(  # what varies between the cards below
    project: Project,
    metrics: Mapping[str, Measured],
    reading: str,
    *,
    facts: RepositoryFacts | None = None,
    failures: tuple[Failure, ...] = (),
    notes: tuple[str, ...] = (),
    percentile: float = 50.0,
) -> Card:
    """A card; metrics that are not given are missing."""
    named = {"pypi_downloads": "no PyPI package is named for this project"}
    named["npm_downloads"] = "no npm package is named for this project"
    every = {m.key: metrics.get(m.key) or absent(m.key, named.get(m.key, "not seen yet")) for m in METRICS}
    stages = {stage: _stage(stage, every, percentile) for stage in Stage}
    furthest = next((s for s in reversed(Stage) if stages[s].growth is not None), None)
    said = Reading("everything_moves" if "grow" in reading else "steady", reading)
    return Card(project, TODAY, facts, every, stages, _movements(stages, every), said, furthest, failures, notes)


def facts(name: str, **more: object) -> RepositoryFacts:
    """A live repository."""
    fields: dict[str, object] = {
        "id": f"R_{name}", "name": name, "state": RepositoryState.ACTIVE, "language": "Rust", "licence": "Apache-2.0",
        "description": "An invented project that stores small things in a large way.",
        "homepage": "https://example.org/", "topics": ("database", "storage"), "created": dt.date(2019, 4, 2),
    }  # fmt: skip
    return RepositoryFacts(**{**fields, **more})  # type: ignore[arg-type]


def cards() -> tuple[Card, ...]:
    """A dozen, in no particular order."""
    return (
        _riser(), _faller(), _giant(), _young(), _stale(), _archived(), _hostile(), _bare(), _unsure(), _gone(),
        _lopsided(), _downloads_only(),
    )  # fmt: skip


def project(id_: str, name: str, category: str = "Databases", **more: object) -> Project:
    """An entry of the list."""
    return Project(id_, name, category, **more)  # type: ignore[arg-type]


def _riser() -> Card:
    met = {
        "stars": measured("stars", 23512, growth(0.0815, 0.0052, 23512), seed=1),
        "watchers": measured("watchers", 312, growth(0.021, 0.012, 312), seed=2),
        "forks": measured("forks", 1841, growth(0.043, 0.009, 1841), seed=3),
        "npm_downloads": measured("npm_downloads", 1_284_113, growth(0.112, 0.041, 1_284_113), seed=4),
        "pypi_downloads": measured("pypi_downloads", 88_410, growth(0.061, 0.038, 88_410), seed=5),
        "active_contributors": measured("active_contributors", 61, growth(0.05, 0.11, 61), seed=6),
        "issues_opened": measured("issues_opened", 214, growth(0.09, 0.08, 214), seed=7),
        "pull_requests_opened": measured("pull_requests_opened", 342, growth(0.07, 0.06, 342), seed=8),
        "commits": measured("commits", 401, growth(-0.02, 0.07, 401), seed=9, at_least=True),
        "releases": measured("releases", 3, new(2, 3), seed=10),
        "sponsors": measured("sponsors", 64, growth(0.03, 0.04, 64), seed=11),
    }
    text = (
        "PyPI downloads grow by 6.1 % ± 3.8 a month and stars grow by 8.2 % ± 0.5 a month: interest and use move "
        "together."
    )
    events = (
        Event(dt.date(2026, 3, 3), "Version 2.0", "https://example.org/2.0"),
        Event(dt.date(2026, 9, 12), "Joins a foundation"),
    )
    entry = project("Tidewater/kelp", "Kelp", tags=("storage", "embedded"), events=events)
    return card(entry, met, text, facts=facts("Tidewater/kelp"), percentile=91)


def _faller() -> Card:
    met = {
        "stars": measured("stars", 8230, growth(-0.0121, 0.0041, 8230), seed=12),
        "npm_downloads": measured("npm_downloads", 41_200, growth(-0.093, 0.06, 41_200), seed=13),
        "issues_opened": measured("issues_opened", 12, Missing("9 more days of history needed"), seed=14),
    }
    text = "Stars fall by 1.2 % ± 0.4 a month and npm downloads fall by 9.3 % ± 6.0: interest and use go back together."
    return card(project("ebb/flotsam", "Flotsam"), met, text, facts=facts("ebb/flotsam"), percentile=12)


def _giant() -> Card:
    met = {
        "stars": measured("stars", 184_203, growth(0.0006, 0.0009, 184_203), seed=15),
        "forks": measured("forks", 41_002, growth(0.001, 0.002, 41_002), seed=16),
        "pypi_downloads": measured("pypi_downloads", 212_400_113, growth(0.004, 0.021, 212_400_113), seed=17),
        "active_contributors": measured("active_contributors", 412, growth(0.01, 0.06, 412), seed=18),
    }
    text = (
        "Neither interest nor use moves by more than chance: stars +0.1 % ± 0.1, PyPI downloads +0.4 % ± 2.1 a month."
    )
    entry = project("continental/shelf", "Shelf, the long-standing distributed data platform", "Data platforms")
    return card(entry, met, text, facts=facts("continental/shelf"), percentile=99)


def _young() -> Card:
    met = {"stars": measured("stars", 87, new(31, 87), seed=19), "forks": measured("forks", 4, new(1, 4), seed=20)}
    text = "Too small or too young for percentages: 87 stars, 4 forks."
    return card(project("spray/droplet", "Droplet", "Tools"), met, text, facts=facts("spray/droplet"))


def _stale() -> Card:
    old = Missing("last seen 6 days ago; npm answered 429 (too many requests) since 2026-11-16")
    met = {
        "stars": measured("stars", 5120, growth(0.031, 0.004, 5120), seed=21),
        "npm_downloads": measured("npm_downloads", 90_332, growth(0.02, 0.05, 90_332), seed=22, stale=old),
    }
    failure = Failure("npm", "lagoon/still", "still", "answered 429 (too many requests)", ("downloads",))
    text = "Stars grow by 3.1 % ± 0.4 a month while npm downloads stand still (+2.0 % ± 5.0)."
    return card(project("lagoon/still", "Still", "Tools"), met, text, facts=facts("lagoon/still"), failures=(failure,))


def _archived() -> Card:
    met = {"stars": measured("stars", 2310, growth(-0.001, 0.002, 2310), seed=23)}
    gone = facts("salt/marsh", state=RepositoryState.ARCHIVED, archived=dt.date(2026, 2, 1))
    text = "The repository is archived since 2026-02-01: nobody can open an issue or offer a change there any more."
    return card(project("salt/marsh", "Marsh"), met, text, facts=gone)


def _hostile() -> Card:
    met = {"stars": measured("stars", 733, growth(0.2, 0.05, 733), seed=24, notes=(HOSTILE,))}
    entry = project(
        "evil/x-y.z", f"=cmd()|{HOSTILE}", HOSTILE, tags=(HOSTILE,),
        events=(Event(dt.date(2026, 8, 1), HOSTILE, "javascript:alert(3)"),),
    )  # fmt: skip
    known = facts(
        "evil/x-y.z", description=HOSTILE, homepage="javascript:alert(4)", language=HOSTILE, licence=HOSTILE,
        topics=(HOSTILE, "@SUM(1)"),
    )  # fmt: skip
    failure = Failure("pypi", "evil/x-y.z", HOSTILE, HOSTILE)
    return card(entry, met, f"+{HOSTILE}", facts=known, failures=(failure,), notes=(HOSTILE,))


def _bare() -> Card:
    failure = Failure("github", "mist/fog", "", "left for the next run: the hour's limit is used up", deferred=True)
    return card(project("mist/fog", "Fog"), {}, "Not enough seen yet to say.", failures=(failure,))


def _unsure() -> Card:
    shaky = Growth(0.018, 0.0196, None, None, None, 402, 409, TODAY, unsure=Missing("5 more weeks of history needed"))
    met = {"stars": measured("stars", 409, shaky, seed=25)}
    return card(project("reef/coral", "Coral", "Tools"), met, "Not enough seen yet to say.", facts=facts("reef/coral"))


def _gone() -> Card:
    failure = Failure("github", "drift/wood", "", "has no public repository of that name", state=RepositoryState.GONE)
    text = "GitHub shows no public repository of that name any more: what stands here is what was seen before."
    gone = facts("drift/wood", state=RepositoryState.GONE)
    return card(project("drift/wood", "Driftwood"), {}, text, facts=gone, failures=(failure,))


def _lopsided() -> Card:
    wide = Growth(0.36, 0.4, 0.05, 0.86, Direction.RISING, 210, 286, TODAY - dt.timedelta(days=2), 3.2)
    met = {
        "stars": measured("stars", 1204, growth(0.012, 0.002, 1204), seed=26),
        "npm_downloads": measured("npm_downloads", 286, wide, seed=27),
    }
    text = "npm downloads grow by 40 % a month (+5 % to +86 %) while stars grow by 1.2 % ± 0.2: word of mouth."
    note = "is now called gulf/stream on GitHub"
    return card(
        project("gulf/creek", "Creek", "Tools"), met, text, facts=facts("gulf/stream"), notes=(note,), percentile=40
    )


def _downloads_only() -> Card:
    met = {"pypi_downloads": measured("pypi_downloads", 3120, growth(0.08, 0.03, 3120), seed=28)}
    failure = Failure("github", "abyss/trench", "", "answered 502 (a fault of its own)")
    text = "Not enough seen yet to say: PyPI downloads grow by 8.0 % ± 3.0 a month."
    return card(project("abyss/trench", "Trench"), met, text, failures=(failure,))
