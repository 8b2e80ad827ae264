"""One project's figures as a tidy table: a row a number, with its source, its day and how it is known."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from groundswell import evidence, lineage
from groundswell.catalogue import STAGES, metric_of
from groundswell.data_files import as_number, cell, closed, dated
from groundswell.models import Card, Measured, Stage, StageState

MONTH: Final = "month"
NEWEST: Final = "newest"
_INDEX: Final = "index"


class Row(NamedTuple):
    """A number. Its fields are the columns of the file."""

    project: str
    metric: str
    stage: str
    period: str
    date: str
    value: float | int | None
    unit: str
    source: str
    evidence: str
    credit: str
    note: str


COLUMNS: Final[Mapping[str, str]] = {
    "project": "owner/name, as the list of this tracker has it",
    "metric": "the key of the metric, or of the index of a stage",
    "stage": "the stage that it belongs to",
    "period": f"“{MONTH}”: the level at the end of a closed month, or the amount in it; “{NEWEST}”: as the page has it",
    "date": "2026-10 of a month, 2026-10-31 of a day",
    "value": "the number; an empty cell is a missing number, never 0",
    "unit": "what one of it is, in the plural",
    "source": "where it is from",
    "evidence": "how it is known, in the words above",
    "credit": "whom to name, and the licence, wherever the number is shown",
    "note": "what must be known of it: a lower bound, an old value, why there is none",
}


def project_csv(card: Card) -> str:
    """All numbers of a project by closed months, and its newest; a missing one is an empty cell with its reason."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(Row._fields)
    for row in _rows(card):
        rows.writerow([cell(value) for value in row])
    return text.getvalue()


def _rows(card: Card) -> Iterator[Row]:
    for key, found in card.metrics.items():
        if found.provenance is not None:
            yield from _of_metric(key, found, card)
    for stage, state in card.stages.items():
        yield from _of_stage(stage, state, card)


def _of_metric(key: str, found: Measured, card: Card) -> Iterator[Row]:
    assert found.provenance is not None
    metric, where = metric_of(key, card.project), found.provenance
    months = closed(found, card.as_of)
    unit = f"{_INDEX} points" if found.relative else metric.unit
    shown = Row(
        card.project.id, key, metric.stage.value, MONTH, "", None, unit, where.signal.partition(".")[0], "",
        where.credit, "",
    )  # fmt: skip
    known = lineage.of_months(found, months)
    assert known is not None
    hows = known["evidence"]
    assert isinstance(hows, Mapping)
    for month in reversed(months):
        name = month.last.isoformat()[:7]
        why = "too few days of this month were seen" if month.value is None else ""
        yield shown._replace(date=name, value=as_number(month.value), evidence=hows.get(name, ""), note=why)
    if found.value is not None and found.observed is not None:
        how = evidence.of_value(found)
        yield shown._replace(
            period=NEWEST,
            date=found.observed.isoformat(),
            value=as_number(found.value),
            evidence=how.value if how else "",
            note="; ".join(_notes(found)),
        )


def _notes(found: Measured) -> Iterator[str]:
    if found.at_least:
        yield "a lower bound: there was more than was read"
    if found.stale:
        yield found.stale.reason


def _of_stage(stage: Stage, state: StageState, card: Card) -> Iterator[Row]:
    """The index of a stage. It is made from several sources, which stand side by side."""
    known = lineage.of_index(stage, card)
    if known is None:
        return
    sources, hows = known["sources"], known["evidence"]
    assert isinstance(sources, list)
    assert isinstance(hows, list)
    note = f"{STAGES[stage].label}: 100 is the level of twelve months before the newest month"
    credit = "; ".join(_credits(card, state.parts))
    for month, value in dated(state.index).items():
        yield Row(
            card.project.id, f"{stage.value}_{_INDEX}", stage.value, MONTH, month, as_number(value), f"{_INDEX} points",
            "; ".join(sources), "; ".join(hows), credit, note,
        )  # fmt: skip


def _credits(card: Card, keys: Iterable[str]) -> Iterable[str]:
    """Whom to name for some metrics, each once."""
    known = (card.metrics[key].provenance for key in keys)
    return dict.fromkeys(where.credit for where in known if where is not None and where.credit)
