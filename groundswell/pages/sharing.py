"""What a page says of itself to those who show links to it (Open Graph), and to search engines (schema.org Dataset)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, data_files, data_shape, licences, posters, wording
from groundswell.catalogue import STAGES, metric_of
from groundswell.models import Card, Direction, Stage
from groundswell.pages import shown
from groundswell.pages.setting import Setting
from groundswell.portraits import Portrait
from groundswell.posters import Poster, Row, legible

PICTURE: Final = "pictures/scorecard.png"  # of all pages that have none of their own
_HOME: Final = "index.html"
_CONTEXT: Final = "https://schema.org"
_TERMS: Final = "data.html#licence"  # what is asked of those who take the figures away
_DOWNLOADS: Final = (("application/json", "json"), ("text/csv", "csv"))


@dataclass(frozen=True, slots=True)
class Sharing:
    """A page's picture and, where the page shows figures that can be taken away, what they are as a data set."""

    picture: str  # address from the site's root
    says: str  # the picture in words
    dataset: Mapping[str, object] | None = None


def of_project(card: Card, setting: Setting, portrait: Portrait) -> Sharing:
    """Of a project's page."""
    return Sharing(addresses.project_picture(card.project.id), portrait.words, _project(card, setting))


def of_page(address: str, cards: Sequence[Card], setting: Setting) -> Sharing:
    """Of a page that there is once. The scorecard is the data set of all projects."""
    says = f"{setting.tracker.title}: how many projects rise, hold steady and fall in each of the five stages"
    return Sharing(PICTURE, says, _scorecard(cards, setting) if address == _HOME else None)


def poster(cards: Sequence[Card], setting: Setting) -> Poster:
    """The picture of the scorecard."""
    return Poster(
        legible(setting.tracker.title, "Who grows, and how surely"),
        "Growth of open source in five stages",
        tuple(_row(stage, cards) for stage in Stage),
        f"{wording.several(len(cards), 'project')}, growth a month with its 95 % interval, as of "
        f"{wording.date(setting.as_of)}. Blue rises, grey holds steady, orange falls, light: it cannot be told.",
    )


def _row(stage: Stage, cards: Sequence[Card]) -> Row:
    ways = [card.stages[stage].indicator for card in cards]
    counts = [ways.count(way) for way in (Direction.RISING, Direction.STEADY, Direction.FALLING)]
    surest = sorted(cards, key=lambda card: (_sure(card, stage), card.project.id))
    ends = [(card, rises) for card, rises in ((surest[-1], True), (surest[0], False))] if surest else []
    moves = tuple(
        (legible(card.project.name, card.project.id), _growth(card, stage), rises)
        for card, rises in ends
        if (_sure(card, stage) > 0 if rises else _sure(card, stage) < 0)
    )
    rising, steady, falling = counts
    return Row(STAGES[stage].label, (rising, steady, falling, len(cards) - sum(counts)), moves)


def _sure(card: Card, stage: Stage) -> float:
    return shown.cautious(card.stages[stage].low, card.stages[stage].high)


def _growth(card: Card, stage: Stage) -> str:
    state = card.stages[stage]
    assert state.growth is not None  # only what surely moves is told
    return wording.growth(state.growth, state.low, state.high)


# --- Data sets -------------------------------------------------------------------------------------------------------


def _project(card: Card, setting: Setting) -> Mapping[str, object]:
    page = addresses.project_page(card.project.id)
    base = _base(page, setting)
    named = f"{card.project.name} ({card.project.id})"
    measured = [metric_of(key, card.project).label for key, found in card.metrics.items() if found.provenance]
    return {
        "@context": _CONTEXT,
        "@type": "Dataset",
        "name": f"Growth of {named}",
        "description": f"Figures of the open-source project {named} by month, with growth, interval, source "
        f"and day of each. {card.reading.text}",
        "url": base + page,
        "identifier": card.project.id,
        "isPartOf": {"@type": "Dataset", "name": setting.tracker.title, "url": base or _HOME},
        "keywords": ["open source", "growth", *card.project.tags],
        "variableMeasured": measured,
        "distribution": [
            _download(base + addresses.project_data(card.project.id, form), kind) for kind, form in _DOWNLOADS
        ],
        **_common(base, [card], setting),
    }


def _scorecard(cards: Sequence[Card], setting: Setting) -> Mapping[str, object]:
    base = _base(_HOME, setting)
    return {
        "@context": _CONTEXT,
        "@type": "Dataset",
        "name": setting.tracker.title,
        "description": f"{wording.sentence(setting.tracker.description)} Growth of "
        f"{wording.several(len(cards), 'open-source project')} in the five stages of a community, with interval, "
        "source and day of every figure.",
        "url": base or _HOME,
        "keywords": ["open source", "growth", *sorted({card.project.category for card in cards})],
        "variableMeasured": [STAGES[stage].label for stage in Stage],
        "distribution": [_download(f"{base}data/scorecard.{form}", kind) for kind, form in _DOWNLOADS],
        **_common(base, cards, setting),
    }


def _common(base: str, cards: Sequence[Card], setting: Setting) -> dict[str, object]:
    days = [int(found.series.days[0]) for card in cards for found in card.metrics.values() if len(found.series)]
    credit = data_files.credits_of(cards)
    return {
        "isAccessibleForFree": True,
        "license": licences.address(setting.tracker.license) or base + _TERMS,
        "dateModified": setting.as_of.isoformat(),
        "version": str(data_shape.FORMAT),
        "creator": {"@type": "Organization", "name": setting.tracker.title, "url": base or _HOME},
        **({"creditText": "; ".join(credit)} if credit else {}),
        **({"temporalCoverage": f"{dt.date.fromordinal(min(days))}/{setting.as_of}"} if days else {}),
    }


def _base(page: str, setting: Setting) -> str:
    """What stands before an address from the site's root: its full address, or the way back to the root."""
    return f"{setting.tracker.address}/" if setting.tracker.address else addresses.to_root(page)


def _download(address: str, kind: str) -> Mapping[str, object]:
    return {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": address}


def drawn(cards: Sequence[Card], setting: Setting) -> bytes:
    """The picture of the scorecard as PNG."""
    return posters.drawn(poster(cards, setting))
