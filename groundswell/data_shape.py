"""The shape of the data files: what stands where, as a JSON Schema for those who take the figures away.

The functions in `data_files` write the files. What they write is checked against these shapes, both ways: a key that
has no line here, and a line here that nobody writes, is a mistake.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

from groundswell.evidence import Evidence
from groundswell.models import Direction, Kind, Oddity, RepositoryState, Stage

FORMAT: Final = 1  # goes up when something is taken away or changes its meaning; additions leave it
EARLIER: Final = (
    Path(__file__).parent.parent / "schemas"
)  # those of today too, so that none is lost when FORMAT goes up
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", description="A calendar month: 2026-10.")]
Share = Annotated[float, Field(description="A relative change: 0.05 is five per cent more.")]
Licence = Annotated[
    str | None,
    Field(description="Address of the licence of what is the tracker's own; null: none is named. See `credits`."),
]
Reason = Annotated[str, Field(description="Why, as a sentence without a full stop.")]


class Shape(BaseModel):
    """A JSON object."""

    model_config = ConfigDict(populate_by_name=True)


class Lineage(Shape):
    """Where a number is from: of several numbers, all their sources, the newest day, and every way they are known."""

    sources: list[str]
    day: dt.date | None
    evidence: list[Evidence]


class OfMetric(Shape):
    """Where each number of a metric is from, in the shape of the metric itself."""

    value: Lineage | None
    growth: Lineage | None
    compound: dict[str, Lineage | None]
    year_on_year: Lineage | None
    acceleration: Lineage | None
    index: Lineage | None


class Growth(Shape):
    """Relative growth over one window of 28 days, or over what the kind of the signal compares."""

    window: Share | None = Field(description="Growth of the window; null when the base is too small.")
    month: Share | None = Field(description="The same, scaled to a mean month of 30.4375 days.")
    points: float | None = Field(description="Of a share alone: its change in percentage points.")
    low: Share | None = Field(description="Lower end of the 95 % interval of `month`.")
    high: Share | None = Field(description="Upper end of the 95 % interval of `month`.")
    direction: Direction | None = Field(description="What the interval allows to be said; null without one.")
    start: float | None = Field(description="The amount or level compared with; null for an index.")
    end: float | None = Field(description="The amount or level now; null for an index.")
    end_day: dt.date = Field(description="The last day of the window.")
    dispersion: float | None = Field(description="How much more the weekly amounts scatter than chance alone.")
    unsure: Reason | None = Field(description="Why there is no interval.")


class Provenance(Shape):
    """Which signal a metric is from, of which targets, since when it was really observed."""

    signal: str
    kind: Kind
    targets: list[str] = Field(description='What the project names for the source; "" is its repository.')
    observed_since: dt.date | None = Field(description="null: every day was filled in afterwards.")
    docs: str = Field(description="Where the source documents the number.")
    credit: str | None = Field(description="Whom to name, and the licence, wherever the number is shown.")


class NoMarket(Shape):
    """Why a growth cannot be set against its market's."""

    missing: Reason


class Against(Shape):
    """A growth beside that of the market around it, over the same window, a month."""

    from_: Lineage = Field(alias="from")
    market: str
    growth: Share
    low: Share | None
    high: Share | None
    difference: Share = Field(description="(1 + growth) / (1 + growth of the market) − 1.")
    difference_low: Share | None
    difference_high: Share | None
    direction: Direction | None = Field(description="Of the difference: steady moves with the market.")
    end_day: dt.date
    signal: str
    docs: str


class OtherFigure(Shape):
    """A number of a project, and all that is known of it. What is missing is null, and says why; it is never 0."""

    value: float | None
    observed: dt.date | None = Field(description="The day that the value is of.")
    growth: Growth | None
    compound: dict[str, Share | None] = Field(description="Months (3, 6, 12) → mean growth a month.")
    year_on_year: Share | None
    acceleration: float | None = Field(description="This window's log growth less the one before.")
    missing: Reason | None = Field(description="Why there is no value; with a value, why there is no growth.")
    at_least: bool = Field(description="The value is a lower bound.")
    stale: Reason | None = Field(description="The value is an old one that was kept: since when, and why.")
    provenance: Provenance | None
    from_: OfMetric | None = Field(alias="from")
    notes: list[str]
    relative: bool = Field(description="The owner shows growth alone: there is no value, but an index.")
    index: float | None = Field(description="Newest point of the index of such a figure.")


class Metric(OtherFigure):
    """A metric of a project, and all that is known of it. What is missing is null, and says why; it is never 0."""

    against: Against | NoMarket | None = Field(description="null: this metric has no market.")


class StageState(Shape):
    """One of the five stages of a project."""

    from_: Lineage | None = Field(alias="from")
    growth: Share | None = Field(description="A month: the weighted mean of its metrics that exist.")
    low: Share | None
    high: Share | None
    coverage: float = Field(ge=0, le=1, description="Weight of the metrics that are there, of all that could be.")
    indicator: Direction | None = Field(description="null is not measured.")
    percentile: float | None = Field(ge=0, le=100, description="Its level among the tracked projects.")
    metrics: list[str] = Field(description="Keys of the metrics that count.")
    missing: Reason | None


class OfMovement(Shape):
    """Where the numbers of a movement are from."""

    drift: Lineage | None
    low: Lineage | None
    high: Lineage | None
    ratios: dict[str, Lineage | None]


class Movement(Shape):
    """The way from one stage to the next."""

    from_: OfMovement = Field(alias="from")
    ratios: dict[str, float] = Field(description="In units that people know: downloads a month per star.")
    drift: Share | None = Field(description="(1 + growth of the next) / (1 + growth of this) − 1, a month.")
    low: Share | None
    high: Share | None
    missing: Reason | None


class Yearly(Shape):
    """Compound growth a year."""

    growth: Share
    start: float = Field(description="Amount of the first twelve months.")
    end: float = Field(description="Amount of the last twelve.")
    signal: str
    targets: list[str]
    docs: str


class Pair(Shape):
    """The use that one metric tells of and the company's revenue, over the longest span that both cover."""

    from_: Lineage = Field(alias="from")
    metric: str
    start: dt.date
    end: dt.date
    years: float
    use: Yearly
    revenue: Yearly
    notes: list[str]


class NoMoney(Shape):
    """Why revenue cannot stand beside use."""

    pairs: Annotated[list[Pair], Field(max_length=0)]
    missing: Reason


class Money(Shape):
    """Growth of revenue beside that of downloads: a pair for each registry, since they are never added up."""

    pairs: list[Pair]
    without: dict[str, Reason] = Field(description="Metrics that have no pair, and why.")
    silent_since: dt.date | None = Field(description="The company no longer reports: its last quarter's last day.")
    notes: list[str]
    missing: None


class Reading(Shape):
    """What the stages together say, as one sentence with its numbers."""

    key: str
    text: str


class Anomaly(Shape):
    """Something that is odd in a column of the history."""

    from_: Lineage = Field(alias="from")
    kind: Oddity
    column: str
    first: dt.date
    last: dt.date
    seen: dict[str, float] = Field(description="The numbers that it was found by.")
    says: str
    kept_out_of_growth: bool


class Correction(Shape):
    """A source said something else of days gone by than it had said before."""

    from_: Lineage = Field(alias="from")
    column: str
    noted: dt.date
    first: dt.date
    last: dt.date
    days: int
    day: dt.date = Field(description="The day that changed most.")
    before: float | None
    after: float | None
    share: Share | None = Field(description="Change of all these days together; null when they were 0.")


class Failure(Shape):
    """A source gave no usable answer."""

    source: str
    target: str | None
    reason: Reason
    deferred: bool = Field(description="Nobody was asked: left for a later run.")


class Record(Shape):
    """A project."""

    id: str = Field(description="owner/name, as the tracker's list has it.")
    name: str
    category: str
    tags: list[str]
    state: RepositoryState | None
    repository: str = Field(description="owner/name, as it is now.")
    metrics: dict[str, Metric]
    other_figures: dict[str, OtherFigure] = Field(description="Figures that no metric is made from.")
    stages: dict[Stage, StageState]
    furthest_stage: Stage | None
    movement: dict[str, Movement]
    money: Money | NoMoney
    reading: Reading
    also: list[Reading]
    notes: list[str]
    anomalies: list[Anomaly]
    corrections: list[Correction]
    failures: list[Failure]


class OfMonths(Shape):
    """Where the closed months of a metric are from, and how each is known."""

    sources: list[str]
    evidence: dict[Month, Evidence]


class Scorecard(Shape):
    """All projects of a scorecard at one day."""

    schema_: str = Field(alias="$schema")
    format: Literal[1]
    as_of: dt.date
    license: Licence
    credits: list[str] = Field(description="Whom to name beside these figures, with their licence.")
    projects: list[Record]
    left_out: list[str] = Field(description="Entries of the tracker's list that were wrong, and why.")


class OneProject(Record):
    """A project of a scorecard at one day, with its metrics and stages by closed months."""

    schema_: str = Field(alias="$schema")
    format: Literal[1]
    as_of: dt.date
    license: Licence
    credits: list[str] = Field(description="Whom to name beside these figures, with their licence.")
    months: dict[str, dict[Month, float | None]] = Field(
        description="Metric → closed month → level at its end, or amount in it; null is missing."
    )
    months_from: dict[str, OfMonths | None]
    stage_index: dict[Stage, dict[Month, float]] = Field(description="100 = twelve months ago.")
    stage_index_from: dict[Stage, Lineage | None]


class MonthlyMetric(Shape):
    """A metric of a project by closed months, as far back as there are any."""

    label: str
    unit: str
    kind: Kind = Field(description="Of a stock or a closing a value is the level at the month's end, else an amount.")
    first: Month = Field(description="The month of the first value.")
    step: int = Field(description="Months from one value to the next: 3 where there is one a quarter.")
    values: list[float | None] = Field(description="null is missing.")
    filled_in: list[tuple[int, int]] = Field(
        description="Places among the values, from the first to the last of a stretch, that were filled in afterwards."
    )
    source: str
    observed_since: dt.date | None
    own: bool = Field(description="The project's owner brings it; nobody else can check it.")
    relative: bool = Field(description="The values are an index; the level is not published.")
    at_least: bool = Field(description="The newest value is a lower bound.")
    credit: str | None


class Months(Shape):
    """All metrics of a project by closed months, and no more: what the page Compare reads."""

    schema_: str = Field(alias="$schema")
    format: Literal[1]
    as_of: dt.date
    license: Licence
    credits: list[str] = Field(description="Whom to name beside these figures, with their licence.")
    id: str
    name: str
    created: dt.date | None = Field(description="The day that the repository was created.")
    metrics: dict[str, MonthlyMetric]


SHAPES: Final[Mapping[str, type[Shape]]] = {"scorecard": Scorecard, "project": OneProject, "months": Months}


class _WithoutTitles(GenerateJsonSchema):
    """A field's name says what a title made of it would say again."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 (the name is pydantic's)
        return False


def schema_place(name: str) -> str:
    """Address of a format's schema, from the site's root. It has the format's number, so that it means one thing."""
    return f"data/schema/{name}-{FORMAT}.json"


def schema_address(name: str, root: str | None, to_root: str) -> str:
    """What a data file calls its schema: the full address, or the way to it where the site's is not known."""
    return f"{root}/{schema_place(name)}" if root else f"{to_root}{schema_place(name)}"


def schema(name: str, root: str | None) -> dict[str, Any]:
    """JSON Schema of a format. Keys that it does not name may be added without notice: readers pass over them."""
    made = SHAPES[name].model_json_schema(by_alias=True, schema_generator=_WithoutTitles)
    head = {"$schema": _DRAFT} | ({"$id": f"{root}/{schema_place(name)}"} if root else {})
    return {**head, **made}


def earlier() -> Iterator[Path]:
    """The schemas of earlier formats, which stay where they were published: files that were taken away name them."""
    return (path for path in sorted(EARLIER.glob("*.json")) if int(path.stem.rpartition("-")[2]) < FORMAT)


def earlier_text(path: Path, root: str | None) -> str:
    """One of them as it is published."""
    draft, *rest = json.loads(path.read_text(encoding="utf-8")).items()
    name = {"$id": f"{root}/data/schema/{path.name}"} if root else {}
    return _text({**dict([draft]), **name, **dict(rest)})


def schema_text(name: str, root: str | None) -> str:
    """The schema as a file."""
    return _text(schema(name, root))


def _text(whole: Mapping[str, Any]) -> str:
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
