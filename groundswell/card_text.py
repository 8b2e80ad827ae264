"""A project's card in Markdown: what its page says, in the page's own words, for a summary or a pull request.

It is made from the record that the page is made from, and everything in it that may be from outside is set as text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from groundswell import markdown
from groundswell.catalogue import own_metrics
from groundswell.charts import Odd, Plot
from groundswell.markdown import plain
from groundswell.models import Card, Metric
from groundswell.pages import expected, project, shown
from groundswell.pages.project import HeadFigure, Step, View
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Figure, Mark

SIGNS: Final = {
    "rising": "▲",
    "falling": "▼",
    "steady": "=",
    "new": "✳",
    "none": "–",
}  # beside their word, as on the page
MOST_LINES: Final = 12  # of a list; the page has all of it


class _NoDrawing:
    """A page's record holds its charts; nobody looks at them here."""

    def draw(self, shown: Plot, events: Sequence[dt.date] = (), odd: Sequence[Odd] = ()) -> str:  # noqa: ARG002
        return ""


def card_text(card: Card, setting: Setting) -> str:
    """The card: head figures with growth and interval, stages with coverage, what is missing and until when."""
    view = project.view(card, setting, _NoDrawing())
    return "\n\n".join(_parts(view, own_figures(card)))


def own_figures(card: Card) -> str:
    """What the project's owner brings, as its page shows it; empty when that is nothing."""
    rows = [_own(metric, card) for metric in own_metrics(card.project)]
    heads = ("Own figure", "As it is shown", "Growth a month, 95 % interval", "From")
    return markdown.table(heads, rows) if rows else ""


def _own(metric: Metric, card: Card) -> tuple[str, ...]:
    found = card.metrics[metric.key]
    value, growth = shown.value(metric, found), expected.dated(shown.growth(found.growth), card.as_of)
    text = expected.when(f"{value.text} {value.title}", card.as_of) if value.missing else value.text
    return plain(metric.label), plain(text), _growth(growth), plain(shown.origin(metric.key, card.project))


def _parts(view: View, own: str) -> Iterator[str]:
    yield f"### {plain(view.name)} ([{plain(view.id)}](https://github.com/{view.id}))"
    if view.description:
        yield f"> {plain(view.description)}"
    yield plain(" · ".join([*view.about, *view.tags]))
    yield f"**{plain(view.reading)}**"
    for note in view.notes:
        yield f"⚠ {plain(note)}"
    if view.head:
        heads = ("Figure", "Value", "Growth a month, 95 % interval", "From")
        yield markdown.table(heads, map(_figure, view.head))
    else:
        yield "No public figure of it could be read yet."
    if own:
        yield own
    yield markdown.table(("Stage", "Direction", "Growth a month", "Measured", "Rests on"), map(_stage, view.steps))
    yield f"Furthest stage: {plain(view.furthest or 'none yet')}."
    yield from _list("Not there yet", [f"{label}: {why}" for label, why in view.missing])
    yield from _list("Gave no answer", [f"{where}: {why}" for where, why in view.failures])


def _figure(figure: HeadFigure) -> tuple[str, ...]:
    label = f"{figure.label} {figure.span}".strip()
    return plain(label), plain(figure.value.text), _growth(figure.growth), plain(figure.value.witness)


def _growth(figure: Figure) -> str:
    if figure.missing:
        return plain(f"{figure.text} {figure.title}")
    return plain(f"{_mark(figure.mark)} {figure.text}".strip())


def _mark(mark: Mark | None) -> str:
    return f"{SIGNS[mark.key]} {mark.word}," if mark else ""


def _stage(step: Step) -> tuple[str, ...]:
    direction = f"{SIGNS[step.mark.key]} {step.mark.word}"
    figure = step.figure.text
    return f"{step.number} {plain(step.label)}", direction, plain(figure), f"{step.coverage} %", plain(step.measured)


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        more = [f"- {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        yield "\n".join([f"{title}:", "", *(f"- {plain(line)}" for line in lines[:MOST_LINES]), *more])
