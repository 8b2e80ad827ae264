"""docs/metrics.md: every metric, formula, stage and reading in words, from the same tables that the code runs on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from groundswell import figures
from groundswell.catalogue import (
    EVERY_DAY,
    EVERY_WEEK,
    FEWEST_ALIKE,
    METRICS,
    RATIOS,
    SIZES,
    STAGES,
    in_words,
    of_stage,
)
from groundswell.models import Kind, Metric, Signal, Stage
from groundswell.readings import READINGS

_TOP: Final = """\
<!-- Made by `python generate.py docs` from the tables in groundswell/; changes made here are lost. -->

# Metrics

What is measured, how, and what it does not say. A *signal* is one raw number of a source; a *metric* is computed from
signals and shown. Missing is never zero: a value that is not there has a reason, all the way to the page.
"""

_GROWTH: Final = """\
## Growth

A *month* is 28 days wherever windows are compared: four whole weeks, so that weekends weigh the same. The figure shown
is scaled to a mean month, `(1 + g)^(30.4375/28) − 1`. `T` is the last day for which a series is complete.

| kind of signal | growth over the window |
|---|---|
| stock: a level on a day | `g = S(T)/S(T−28) − 1`; `S` is read on the straight line between observations \
at most 14 days apart, otherwise it is missing |
| flow: an amount in a day | `g = F(T)/F(T−28) − 1`; `F` is the sum of 28 days, of which at least 24 were observed; \
a missing day counts as the mean of the same weekday in the window; an exact 0 inside a large series is a missing day |
| counter: a running total | as a flow, from its differences; where the total falls, the days are missing |
| rolling: an amount in the last N days | the value against the value N days before |
| period: an amount in a calendar month or quarter | closed period against closed period, per day of the period |
| closing: a level at the end of a calendar month or quarter | the level against the one a period before; \
nothing is read between them |

- **Several packages** of a project on one registry are added up, like for like: a rate is taken over the packages that
  have both of the windows it compares, and a note names those that do not. Missing days are filled in package by
  package before they are added.
- **Two signals of one metric** are never mixed in one number. The value is taken from the best signal that can give a
  value, the growth from the best that can give a growth, and it is said when they differ.
- **Compound growth** a month over 3, 6 and 12 months: `(V(T)/V(T−m months))^(1/m) − 1`, from the best signal that
  reaches back far enough. **Year on year**: `V(T)/V(T−12 months) − 1`. **Acceleration**: the log growth of this window
  less that of the one before.
- **Too small for a percentage**: below 50 (levels, and people in a window) or 100 (amounts) at the start, growth is
  *new*.
- **How sure**: every growth has a 95 % interval. Counts vary more than chance alone, by `φ`: Pearson's χ²/df of the
  last 26 weekly amounts (at least 8) around a log-linear Poisson trend, at least 1. Flow:
  `log(F1/F0) ± q·sqrt(φ/M1 + φ/M0)`, `M` half of what was seen and half of what the trend expects. Stock:
  `g ± q·sqrt(φ·U)/S0`, `U` the gain that the trend expects, at least 1; where gains come in bursts it reaches further
  to the side that they go to. `q` is 1.96, and up to Student's t where `φ` is known from few amounts; missing days that
  were filled in widen it. A series is *rising* if the interval lies above 0, *falling* if below, else *steady*: no
  arrow for noise. [calibration.md](calibration.md) says how often these intervals hold the truth.
- **Shares** (unit: per cent) do not grow, they change: what is given is the difference in percentage points to the
  value one window before. From 2 % to 4 % is no doubling of anything that could be counted. A share has no interval,
  because the number of people behind it is not part of it; so it gets no arrow, and weighs 0 in its stage. Shares of
  several places are not added up: the first one that the project names is shown, and the others are named.
- **Waits** (time to first response, time to close) do not grow either: their median is shown with its chart.
- **Late values**: what could not be read keeps its last value, marked with its age and the reason; after 14 days it is
  missing. What is read in turn is not late before its turn: {turns}.
- **A lower bound** ("at least") has no growth: two bounds say nothing about the change between them.
"""

_MARKET: Final = """\
## Against the market

Registries grow, and rest in December; neither is a project's doing. So beside a growth stands the market's over the
same window, and what is left without it, `(1 + g)/(1 + g_market) − 1`, with its interval.

- **Downloads**: the market is the total over all packages of the registry, asked once a run and kept in
  `history/market.csv`. It grows by the formulas above. The errors of both are added as if they were independent; what
  is good or bad for all moves both, so the interval is wide rather than narrow. Only like is set against like: a growth
  by months, or of a registry that gives no total, stands alone, and says why.
- **Stars**: the median growth of the other tracked projects of the same size, at least {alike} of them: {sizes}. The
  median is of those projects and stands for no larger crowd, so it has no interval of its own.

## Money and use

Where a project names a company that reports to the SEC, the yearly growth of its revenue stands beside that of each
registry's downloads, over the same span: `(A(end)/A(start))^(1/years) − 1`, where `A(t)` is the amount of the twelve
months up to the end of a quarter. Revenue needs four quarters in a row, downloads twelve months in a row; the span is
the longest between two ends of a quarter that both have, and at least a year, so that the two twelve months share no
day. The packages that are known at both ends are added up; registries never are. A company that no longer reports is
shown as that, with the span up to its last quarter.
"""

_STAGES: Final = """\
## Stages

- **Growth of a stage**: `exp(Σ w·log(1+g)/Σ w) − 1` over its metrics that have a growth and an interval; `w` is the
  metric's weight × `min(1, (0.10/σ)²)`, σ the standard error of its log growth a month: a figure too noisy to tell
  counts less. Its interval is propagated as if the metrics were independent.
- **Coverage**: the weight of those metrics / the weight that the project could show. A registry on which the project
  names no package is not asked for and takes no part; if it names a package on none, downloads still count once as
  not seen. A metric whose numbers are too small for a percentage is not covered: nothing of it stands behind the
  growth shown.
- **Indicator**: rising, steady or falling by the interval; *new* when the numbers are too small; else not measured.
- **Index**: 100 twelve months ago, chained month by month; a month's growth is the weighted mean of the log growths of
  the metrics that have one in it. With a shorter history it begins at 100 in the first of its months without a gap.
- **Percentile**: the stage's level is the weighted mean of the percentiles of its metrics' values, and is compared with
  the other tracked projects. None below 3 projects, nor with values for less than half of the weight.
- **Furthest stage**: the last stage in which any one metric reaches its threshold in `projects.yaml`. A stage without a
  threshold cannot be reached; one that is not reached, or not measured, holds no later one back.
- **Movement** from a stage to the next: ratios in units that people know, and their drift
  `(1 + g_next)/(1 + g_this) − 1` with its interval. Downloads of different registries are never added up.
"""


def page(signals: Mapping[str, Signal]) -> str:
    """The whole document in Markdown, from the signals of all sources by their full names."""
    sections = [_TOP, _overview()]
    for stage in Stage:
        sections.append(f"## {STAGES[stage].label}\n\n{STAGES[stage].meaning}\n")
        metrics = [metric for metric in METRICS if metric.stage is stage]
        sections.extend(_metric(metric, signals) for metric in metrics)
        if not metrics:
            sections.append(f"Not measured: {STAGES[stage].unmeasured}.\n")
    sections.append(_own_figures())
    sections += [_GROWTH.format(turns=_turns()), _market(), _STAGES, _ratios(), _readings()]
    return "\n".join(sections)


_OWN: Final = """\
## Own figures

What only the owner of a project knows, and brings in `projects.yaml` (docs/forking.md, Private figures). Each counts in
its stage like any other; a relative-only one has an index, growth and direction, and no value. These are known by their
key; any other key says itself what it is. In the data the key is `own_` and the key of the figure.
"""


def _own_figures() -> str:
    rows = (
        (f"`{key}`", STAGES[one.stage].label, f"{one.weight:g}", one.unit, f"{one.way}, every {figures.time_of(one)}")
        for key, one in figures.USUAL.items()
    )
    return f"{_OWN}\n{_table(('key', 'stage', 'weight', 'unit', 'kind'), rows)}"


def _overview() -> str:
    rows = (
        (f"[{metric.label}](#{_anchor(metric.label)})", STAGES[metric.stage].label, f"{metric.weight:g}", metric.unit)
        for metric in METRICS
    )
    return _table(("metric", "stage", "weight", "unit"), rows)


def _metric(metric: Metric, signals: Mapping[str, Signal]) -> str:
    total = sum(other.weight for other in of_stage(metric.stage))
    weight = f"{metric.weight:g} of {total:g} in all" if metric.weight else "0, it is shown and does not count"
    rows = [
        ("key in the data", f"`{metric.key}`"),
        ("unit", metric.unit),
        ("weight in its stage", weight),
        ("formula", f"{metric.formula}."),
        ("seen", "every day" if metric.refresh_days == EVERY_DAY else f"in turn, every {metric.refresh_days} days"),
    ]
    if metric.chaoss:
        rows.append(("CHAOSS metric that it belongs to", metric.chaoss))
    facts = "".join(f"- {name}: {text}\n" for name, text in rows)
    return f"### {metric.label}\n\n{metric.meaning}\n\n{facts}\n{_signals(metric, signals)}"


def _signals(metric: Metric, signals: Mapping[str, Signal]) -> str:
    found = [(name, signals[name]) for name in metric.signals if name in signals]
    if not found:
        return "No source gives it at present.\n"
    rows = (
        (
            f"[`{name}`]({signal.docs})",
            _kind(signal),
            f"{signal.lag} {'day' if signal.lag == 1 else 'days'}",
            signal.backfill,
            f"{signal.caveat} Credit: {signal.credit}." if signal.credit else signal.caveat,
        )
        for name, signal in found
    )
    return _table(("signal, best first", "kind", "lag", "reaches back", "what it does not say"), rows)


def _kind(signal: Signal) -> str:
    if signal.kind is Kind.ROLLING:
        return f"rolling: an amount in the last {signal.days} days, as given"
    return f"{signal.kind}: {in_words(signal)}"


def _turns() -> str:
    weekly = [metric.noun for metric in METRICS if metric.refresh_days == EVERY_WEEK]
    return f"{', '.join(weekly)} every {EVERY_WEEK} days"


def _market() -> str:
    sizes = "; ".join(f"projects {size.label}" for size in reversed(SIZES))
    return _MARKET.format(alike=FEWEST_ALIKE, sizes=sizes)


def _ratios() -> str:
    rows = ((f"{STAGES[rule.start].label} → {STAGES[rule.end].label}", rule.label) for rule in RATIOS)
    return _table(("movement", "ratio"), rows)


def _readings() -> str:
    rows = ((rule.title, rule.when, rule.idea) for rule in READINGS)
    table = _table(("reading", "holds when", "the idea"), rows)
    head = (
        "One sentence for each project: the first of these that holds, with its numbers; the others that hold stand\n"
        "below it. A rule does not hold on a stage of which too little is seen, nor on a figure that is missing."
    )
    return f"## Readings\n\n{head}\n\n{table}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return "".join(_table_lines(tuple(head), rows))


def _table_lines(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n"
    yield f"|{'---|' * len(head)}\n"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |\n"


def _anchor(label: str) -> str:
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w\- ]", "", label.lower()).replace(" ", "-")
