"""The catalogue: what is measured, in which stage it counts and how much, as tables. Pages and documents are made from
them; adding a metric, a ratio or a stage's name is adding one entry here and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from groundswell.community import COMMUNITY
from groundswell.figures import unit_of
from groundswell.models import OWN, Kind, Metric, Project, Signal, Stage
from groundswell.months import period_name
from groundswell.places import PLACES

EVERY_DAY: Final = 1  # how often a source looks again, in days
EVERY_WEEK: Final = 7  # costs many points of GitHub's hourly limit and moves slowly: refreshed in turn

_LEVEL: Final = "the level on the newest day; growth compares it with the level 28 days before"
_AMOUNT: Final = "the amount in the 28 days that end on the newest complete day; growth compares it with the 28 before"
_WINDOW: Final = "the amount in the last 28 days as the source gives it; growth compares it with the window before"
_OWN_FORMULAS: Final[Mapping[Kind, str]] = {
    Kind.STOCK: _LEVEL,
    Kind.FLOW: _AMOUNT,
    Kind.PERIOD: "the amount of the last closed period; growth compares it with the period before, by the day",
    Kind.CLOSING: "the level at the end of the last closed period; growth compares it with the period before",
}

_CORE: Final[tuple[Metric, ...]] = (
    Metric(
        key="stars",
        label="Stars",
        noun="stars",
        unit="stars",
        stage=Stage.INTENT,
        weight=3,
        group="stars",
        signals=("github.stars",),
        meaning="People who marked the repository to find it again: the widest public sign of interest. "
        "A star says that somebody looked, not that anybody uses it, and bursts of stars can be bought.",
        formula=_LEVEL,
        chaoss="Project Popularity",
    ),
    Metric(
        key="watchers",
        label="Watchers",
        noun="watchers",
        unit="people",
        stage=Stage.INTENT,
        weight=1,
        group="watchers",
        signals=("github.watchers",),
        meaning="People who are told of everything that happens in the repository: few, and serious. "
        "It moves little, therefore it weighs less than stars.",
        formula=_LEVEL,
        chaoss="Project Popularity",
    ),
    Metric(
        key="forks",
        label="Forks",
        noun="forks",
        unit="forks",
        stage=Stage.INTENT,
        weight=1,
        group="forks",
        signals=("github.forks",),
        meaning="Copies of the repository under other names. Most are made to look or to keep, and never send anything "
        "back; those that do are counted as pull requests. So a fork counts as interest, not as use, and weighs a "
        "third of a star.",
        formula=_LEVEL,
        chaoss="Technical Fork",
    ),
    Metric(
        key="pypi_downloads",
        label="PyPI downloads",
        noun="PyPI downloads",
        unit="downloads",
        stage=Stage.ACTION,
        weight=3,
        group="downloads",
        signals=("pypi.downloads", "pypi.downloads_month", "pypi.downloads_last_month"),
        meaning="Installations of the project's packages from PyPI, most of them by build machines. "
        "Alone they mislead: a changed build script of one large user looks like a thousand new ones.",
        formula=f"{_AMOUNT}; several packages of a project are added up, like for like",
        chaoss="Number of Downloads",
        place="PyPI package",
    ),
    Metric(
        key="npm_downloads",
        label="npm downloads",
        noun="npm downloads",
        unit="downloads",
        stage=Stage.ACTION,
        weight=3,
        group="downloads",
        signals=("npm.downloads",),
        meaning="Installations of the project's packages from npm, most of them by build machines. "
        "Downloads of different registries count different things and are never added up.",
        formula=f"{_AMOUNT}; several packages of a project are added up, like for like",
        chaoss="Number of Downloads",
        place="npm package",
    ),
    Metric(
        key="active_contributors",
        label="Active contributors",
        noun="active contributors",
        unit="people",
        stage=Stage.ACTION,
        weight=2,
        group="active_contributors",
        signals=("github.active_contributors",),
        meaning="Different people who wrote the commits of the last 28 days, bots left out. "
        "With more commits than could be read it is a lower bound, and has no growth.",
        formula=_WINDOW,
        chaoss="Contributors",
        refresh_days=EVERY_WEEK,
    ),
    Metric(
        key="issues_opened",
        label="Issues opened",
        noun="issues opened",
        unit="issues",
        stage=Stage.ACTION,
        weight=2,
        group="issues_opened",
        signals=("github.issues", "github.issues_opened"),
        meaning="Who meets a problem or has a wish is really using the project: the best public sign of who does. "
        "Projects that keep their issues elsewhere show none here.",
        formula=_AMOUNT,
        chaoss="Issues New",
        none_given="the project has no issues on GitHub: they are switched off there",
    ),
    Metric(
        key="pull_requests_opened",
        label="Pull requests opened",
        noun="pull requests opened",
        unit="pull requests",
        stage=Stage.ACTION,
        weight=2,
        group="pull_requests_opened",
        signals=("github.pull_requests", "github.pull_requests_opened"),
        meaning="Changes that people offer: use that has become a contribution. Those of the project's own staff and "
        "of bots are among them.",
        formula=_AMOUNT,
        chaoss="Change Requests",
    ),
    Metric(
        key="commits",
        label="Commits",
        noun="commits",
        unit="commits",
        stage=Stage.ACTION,
        weight=1,
        group="commits",
        signals=("github.commits",),
        meaning="Commits on the main branch in the last 28 days. How work is cut into commits is a habit of each "
        "project, therefore it weighs least.",
        formula=_WINDOW,
        chaoss="Code Changes Commits",
        refresh_days=EVERY_WEEK,
    ),
    Metric(
        key="releases",
        label="Releases",
        noun="releases",
        unit="releases",
        stage=Stage.ACTION,
        weight=0,
        group="releases",
        signals=("github.releases",),
        meaning="Releases published on GitHub. Shown, because it says that the project is alive; it does not count, "
        "because how often to release is the maintainers' decision and not an action of the community.",
        formula=_AMOUNT,
        chaoss="Release Frequency",
    ),
    Metric(
        key="sponsors",
        label="Sponsors",
        noun="sponsors",
        unit="sponsors",
        stage=Stage.MONETIZATION,
        weight=1,
        group="sponsors",
        signals=("github.sponsors",),
        meaning="People and organisations that pay the repository's owner through GitHub Sponsors today. "
        "Money that goes to a company instead is not seen, and all projects of an owner have the same sponsors.",
        formula=_LEVEL,
        none_given="the owner takes no sponsors on GitHub",
    ),
)

METRICS: Final = (*_CORE, *COMMUNITY, *PLACES)
CORE: Final = frozenset(
    metric.key for metric in (*_CORE, *COMMUNITY)
)  # what is said of every project, be it there or missing

BY_KEY: Final[Mapping[str, Metric]] = {metric.key: metric for metric in METRICS}
DOWNLOADS: Final = tuple(metric.key for metric in METRICS if metric.group == "downloads")
CONTRIBUTIONS: Final = tuple(
    metric.key for metric in METRICS if metric.stage is Stage.ACTION and metric.weight and metric.group != "downloads"
)


_COUNTING: Final[Mapping[Stage, tuple[Metric, ...]]] = {
    stage: tuple(metric for metric in METRICS if metric.stage is stage and metric.weight > 0) for stage in Stage
}


def own_metrics(project: Project) -> tuple[Metric, ...]:
    """The metrics of the figures that a project's owner brings."""
    return tuple(
        Metric(
            key=figure.metric,
            label=figure.label,
            noun=figure.label[:1].lower() + figure.label[1:] if figure.label[1:2].islower() else figure.label,
            unit=unit_of(figure),
            stage=figure.stage,
            weight=figure.weight,
            group=figure.metric,
            signals=(f"{OWN}.{figure.signal}",),
            meaning="A figure of the owner's own: no public record has it.",
            formula=_OWN_FORMULAS[figure.kind],
            place="figure of the owner's own",
        )
        for figure in project.figures
    )


def metrics_of(project: Project) -> tuple[Metric, ...]:
    """All metrics that are measured for a project: those of the catalogue, and the figures of its owner's own."""
    return (*METRICS, *own_metrics(project))


def other_metrics(project: Project, signals: Mapping[str, Signal], labels: Mapping[str, str]) -> tuple[Metric, ...]:
    """A figure for each signal of a place that the project names and that no metric is made from.

    So a new source is seen before anybody has thought about its place in a stage. It is made from the signal's own
    documentation, and counts nowhere.
    """
    known = {name for metric in metrics_of(project) for name in metric.signals}
    found = []
    for name, signal in signals.items():
        source = name.partition(".")[0]
        if name not in known and source != OWN and project.targets.get(source):  # own figures are all in `known`
            found.append(_other(name, signal, labels.get(source, source)))
    return tuple(found)


def _other(name: str, signal: Signal, label: str) -> Metric:
    label = f"{label}: {signal.key.replace('_', ' ')}"
    formula = {Kind.STOCK: _LEVEL, Kind.ROLLING: _WINDOW}.get(signal.kind, _AMOUNT)
    # It has no stage; the first one is as good as any, since it weighs nothing and is shown apart.
    return Metric(name, label, label, signal.unit, Stage.INTENT, 0, name, (name,), signal.caveat, formula)


def metric_of(key: str, project: Project) -> Metric:
    """A metric of a project by its key."""
    return BY_KEY.get(key) or next(metric for metric in own_metrics(project) if metric.key == key)


def of_stage(stage: Stage, project: Project | None = None) -> tuple[Metric, ...]:
    """The metrics that count in a stage, in the catalogue's order; those of weight 0 are not among them.

    With a project, the figures of its owner's own are there too.
    """
    own = () if project is None else own_metrics(project)
    return (*_COUNTING[stage], *(metric for metric in own if metric.stage is stage and metric.weight > 0))


def is_named(metric: Metric, project: Project) -> bool:
    """Whether the project names a place that the metric can come from."""
    return any(project.targets.get(source) for source in metric.sources)


EXPECTED: Final = frozenset({"downloads", "dependents"})  # groups that nearly every project has somewhere


def possible(stage: Stage, project: Project) -> float:
    """The weight of a stage that a project could show: the metrics that it names a place for.

    Where it names none of a group that is to be expected, the group's largest weight counts once: what happens there is
    not seen, but not absent.
    """
    groups: dict[str, list[Metric]] = {}
    for metric in of_stage(stage, project):
        groups.setdefault(metric.group, []).append(metric)
    weight = 0.0
    for name, group in groups.items():
        named = [metric.weight for metric in group if is_named(metric, project)]
        weight += sum(named) or (max(metric.weight for metric in group) if name in EXPECTED else 0.0)
    return weight


@dataclass(frozen=True, slots=True)
class StageNote:
    """What a stage is, in words."""

    label: str
    noun: str  # inside a sentence that is not about stages: "interest"
    meaning: str
    unmeasured: str  # why nothing is seen of it where no place of it is named; completes "… is not measured: "


STAGES: Final[Mapping[Stage, StageNote]] = {
    Stage.INTENT: StageNote(
        label="Intent",
        noun="interest",
        meaning="People notice the project and mean to look at it.",
        unmeasured="no place that tells of it is named for this project",
    ),
    Stage.ACTION: StageNote(
        label="Action",
        noun="use",
        meaning="People do something with it: they install it, report a problem, offer a change.",
        unmeasured="no place that tells of it is named for this project",
    ),
    Stage.ACTIVATION: StageNote(
        label="Activation",
        noun="activation",
        meaning="It becomes part of what people build: others depend on it, newcomers' first changes are accepted.",
        unmeasured="no repository and no package is named for this project; accounts and trials are private",
    ),
    Stage.MONETIZATION: StageNote(
        label="Monetization",
        noun="payment",
        meaning="Somebody pays.",
        unmeasured="no place that tells of it is named for this project",
    ),
    Stage.RETENTION: StageNote(
        label="Retention",
        noun="return",
        meaning="People and organisations stay and come back.",
        unmeasured="no repository and no forum is named for this project; active users are private",
    ),
}


ENOUGH_PEOPLE: Final = 20  # a base that is counted in people of a month: one of them is no more than five in a hundred


@dataclass(frozen=True, slots=True)
class RatioRule:
    """How many of one stage's units come to one, a hundred or a thousand of an earlier one's.

    `start` and `end` are the movement that it stands at: the step that it tells of.
    """

    key: str
    label: str
    start: Stage
    end: Stage
    of: tuple[str, ...]  # metric keys; more than one are added up, which only like things may be
    base: str  # metric key
    scale: float = 1.0
    smallest: float | None = None  # least base to divide by; None is the base for a percentage of its kind
    registry: str = ""  # the only one whose packages `of` may be about: registries count differently, and never mix


def _is_level(metric: Metric) -> bool:
    return metric.formula.startswith(_LEVEL)


def _downloads_per_star(metric: Metric) -> RatioRule:
    return RatioRule(
        key=f"{metric.key}_per_star",
        label=f"{metric.noun}{'' if _is_level(metric) else ' a month'} per star",
        start=Stage.INTENT,
        end=Stage.ACTION,
        of=(metric.key,),
        base="stars",
    )


def _dependents_per_download(registry: str, key: str) -> RatioRule:
    return RatioRule(
        key=f"dependent_repositories_per_1000_{key}",
        label=f"dependent repositories per 1,000 {BY_KEY[key].noun} a month",
        start=Stage.ACTION,
        end=Stage.ACTIVATION,
        of=("dependent_repositories",),
        base=key,
        scale=1000.0,
        registry=registry,
    )


_REGISTRIES: Final[Mapping[str, str]] = {  # as ecosyste.ms names it, without ".org" → where its downloads are counted
    "pypi": "pypi_downloads",
    "npmjs": "npm_downloads",
    "crates.io": "crates_downloads",
    "rubygems": "rubygems_downloads",
    "nuget": "nuget_downloads",
    "hex.pm": "hex_downloads",
    "conda-forge": "conda_downloads",
    "packagist": "packagist_downloads",
    "cran.r-project": "cran_downloads",
    "pub.dev": "pub_downloads",
}

RATIOS: Final[tuple[RatioRule, ...]] = (
    *(_downloads_per_star(BY_KEY[key]) for key in DOWNLOADS),
    RatioRule(
        key="active_contributors_per_1000_stars",
        label="active contributors per 1,000 stars",
        start=Stage.INTENT,
        end=Stage.ACTION,
        of=("active_contributors",),
        base="stars",
        scale=1000.0,
    ),
    RatioRule(
        key="issues_and_pull_requests_per_1000_stars",
        label="issues and pull requests a month per 1,000 stars",
        start=Stage.INTENT,
        end=Stage.ACTION,
        of=("issues_opened", "pull_requests_opened"),
        base="stars",
        scale=1000.0,
    ),
    *(_dependents_per_download(registry, key) for registry, key in _REGISTRIES.items()),
    RatioRule(
        key="new_per_100_contributors",
        label="new contributors per 100 active contributors",
        start=Stage.ACTION,
        end=Stage.ACTIVATION,
        of=("new_contributors",),
        base="active_contributors",
        scale=100.0,
        smallest=ENOUGH_PEOPLE,
    ),
    RatioRule(
        key="first_pull_requests_per_100_contributors",
        label="people whose first pull request was merged per 100 active contributors",
        start=Stage.ACTION,
        end=Stage.ACTIVATION,
        of=("first_pull_requests_merged",),
        base="active_contributors",
        scale=100.0,
        smallest=ENOUGH_PEOPLE,
    ),
    RatioRule(
        key="sponsors_per_1000_dependents",
        label="sponsors per 1,000 dependent repositories",
        start=Stage.ACTIVATION,
        end=Stage.MONETIZATION,
        of=("sponsors",),
        base="dependent_repositories",
        scale=1000.0,
    ),
    RatioRule(
        key="backers_per_1000_dependents",
        label="Open Collective backers per 1,000 dependent repositories",
        start=Stage.ACTIVATION,
        end=Stage.MONETIZATION,
        of=("collective_backers",),
        base="dependent_repositories",
        scale=1000.0,
    ),
    RatioRule(
        key="returning_per_100_contributors",
        label="returning contributors per 100 active contributors",
        start=Stage.MONETIZATION,
        end=Stage.RETENTION,
        of=("returning_contributors",),
        base="active_contributors",
        scale=100.0,
        smallest=ENOUGH_PEOPLE,
    ),
    RatioRule(
        key="active_members_per_100_forum_members",
        label="active members in 30 days per 100 members of the forum",
        start=Stage.MONETIZATION,
        end=Stage.RETENTION,
        of=("active_members",),
        base="discourse_members",
        scale=100.0,
    ),
)

COUNTED_IN_PEOPLE: Final = frozenset(metric.key for metric in METRICS if metric.unit in ("people", "organisations"))
# people of a window are not an amount: twice the days do not bring twice the people, so they are not scaled to a month

KINDS: Final[Mapping[Kind, str]] = {
    Kind.STOCK: "a level on a day",
    Kind.FLOW: "an amount in a day",
    Kind.COUNTER: "a running total; the amount of a day is its difference",
    Kind.ROLLING: "an amount in the last days, as given",
    Kind.PERIOD: "an amount in a calendar {period}",
    Kind.CLOSING: "a level at the end of a calendar {period}",
}


def in_words(signal: Signal) -> str:
    """What a signal's kind means, said with the length of its period."""
    return KINDS[signal.kind].format(period=period_name(signal.months))


FEWEST_ALIKE: Final = 5  # other projects of a size, for the median of their growth


@dataclass(frozen=True, slots=True)
class Size:
    """Projects with so many stars are of a size."""

    least: int
    label: str  # after "projects"


SIZES: Final = (  # the largest first
    Size(100_000, "with 100,000 stars and more"),
    Size(10_000, "with 10,000 to 99,999 stars"),
    Size(1_000, "with 1,000 to 9,999 stars"),
    Size(0, "with fewer than 1,000 stars"),
)


def size(stars: float) -> Size:
    """The size that a project with so many stars is of."""
    return next(one for one in SIZES if stars >= one.least)
