"""SEC EDGAR: a listed company's revenue by quarter, and what its customers have signed for and not yet had.

Every figure is repeated in later filings; the one that the SEC itself takes for a quarter has a `frame` (`CY2026Q1`).
The fourth quarter is in no filing: it is the year less its first nine months. A company that was bought or left the
exchange files no more: that is a state of it ("reports": false, with its last quarter), and no failure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal
from groundswell.months import month_end

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "SEC EDGAR"
NAMING = Naming(r"[0-9]{1,10}", "0001441816", "the number (CIK) of a company that reports to the SEC", shared=True)
_DOCS: Final = "https://www.sec.gov/search-filings/edgar-application-programming-interfaces"
GRACE: Final = 60  # days after the lag of 30: a small company's year is due 90 days after its end, a quarter after 45
SIGNALS = (
    Signal(
        "revenue",
        Kind.PERIOD,
        "US dollars",
        lag=30,
        backfill="all quarters since about 2009",
        docs=_DOCS,
        caveat="Revenue of the whole company in the quarter, from whatever it sells.",
        months=3,
        grace=GRACE,
    ),
    Signal(
        "obligation",
        Kind.CLOSING,
        "US dollars",
        lag=30,
        backfill="all quarters since about 2018",
        docs=_DOCS,
        caveat="What customers have signed for and not yet been given, on the quarter's last day: a level, not an "
        "amount of the quarter.",
        months=3,
        grace=GRACE,
    ),
)
PACE = {"data.sec.gov": 1.0}

FACTS: Final = "https://data.sec.gov/api/xbrl/companyfacts/CIK{:010d}.json"
REVENUE: Final = (
    "RevenueFromContractWithCustomerExcludingAssessedTax",
    "Revenues",
    "RevenueFromContractWithCustomerIncludingAssessedTax",
    "SalesRevenueNet",
)
OBLIGATION: Final = ("RevenueRemainingPerformanceObligation",)
QUARTER: Final = re.compile(r"CY\d{4}Q[1-4]")
INSTANT: Final = re.compile(r"CY\d{4}Q[1-4]I")
YEAR: Final = re.compile(r"CY\d{4}")
NINE_MONTHS: Final = range(255, 290)  # days, also of a year of 53 weeks
SOONEST: Final = 100  # days from the end of one reported quarter to the first filing of the next
SILENCE: Final = 300  # days since the last quarter's end after which a company reports no more: a year's report may
# come 90 days after a quarter of 92, and late
EVERY: Final = 7  # days between two looks at a company whose next filing is due
EVERY_SILENT: Final = 28  # the same for one that reports no more: it might come back
NO_CONTACT: Final = "wants an e-mail address in every request: set CONTACT to one"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a company, when its next quarter may be there."""
    contact = door.outside.contact
    for ask in asks:
        if not due(ask, today):
            yield Answer("sec", ask.project, ask.target, ())
            continue
        if contact is None and door.outside.stand_in is None:
            yield Failure("sec", ask.project, ask.target, NO_CONTACT, deferred=True)
            continue
        headers = {"User-Agent": f"{door.outside.agent} {contact or ''}".strip()}
        try:
            observations = parse(door.json(FACTS.format(int(ask.target)), headers=headers))
        except NotFound:
            yield Failure("sec", ask.project, ask.target, "has no figures of a company of that number (404)")
        except Unanswered as error:
            yield Failure("sec", ask.project, ask.target, str(error))
        else:
            yield Answer("sec", ask.project, ask.target, observations, _state(observations, today))


def due(ask: Ask, today: dt.date) -> bool:
    """Whether a company is to be looked at: nothing is known of it, or its next quarter may have been filed."""
    newest, asked = ask.newest.get("revenue"), ask.state.get("asked")
    if newest is None or not isinstance(asked, str):
        return True
    every = EVERY_SILENT if ask.state.get("reports") is False else EVERY
    return (today - newest).days >= SOONEST and (today - dt.date.fromisoformat(asked)).days >= every


def _state(observations: Sequence[Observation], today: dt.date) -> Mapping[str, object]:
    last = max(one.day for one in observations if one.signal == "revenue")
    reports = (today - last).days <= SILENCE
    return {
        "asked": today.isoformat(),
        "reports": reports,
        "last_quarter": last.isoformat(),
        "ended": None if reports else f"the company no longer reports since {last}",
    }


class _Fact(BaseModel):
    start: dt.date | None = None  # none for a level on a day
    end: dt.date
    val: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
    filed: dt.date
    frame: str | None = None


class _Concept(BaseModel):
    units: dict[str, list[_Fact]]


class _Company(BaseModel):
    cik: int
    facts: dict[str, dict[str, object]]  # taxonomy → concept → what is said of it; most concepts are not ours


_COMPANY: Final = TypeAdapter(_Company)
_CONCEPT: Final = TypeAdapter(_Concept)


def parse(answer: object) -> tuple[Observation, ...]:
    """Revenue and obligation of each quarter, dated on the last day of the month it ends with. Raises Broken."""
    concepts = shaped(_COMPANY, answer).facts.get("us-gaap", {})
    revenues = [_quarters(_dollars(concepts[tag])) for tag in REVENUE if tag in concepts]
    revenue = max(revenues, key=lambda found: max(found, default=dt.date.min), default={})  # the one still in use
    if not revenue:
        raise Broken("gives no revenue of a quarter for this company")
    levels = [_dollars(concepts[tag]) for tag in OBLIGATION if tag in concepts]
    obligation = {_dated(one): one.val for facts in levels for one in facts if _framed(one, INSTANT)}
    found = [Observation("revenue", day, value) for day, value in sorted(revenue.items())]
    return (*found, *(Observation("obligation", day, value) for day, value in sorted(obligation.items())))


def _dollars(concept: object) -> Sequence[_Fact]:
    return shaped(_CONCEPT, concept).units.get("USD", [])


def _quarters(facts: Sequence[_Fact]) -> Mapping[dt.date, float]:
    nine = {one.start: one for one in sorted(facts, key=lambda one: one.filed) if _days(one) in NINE_MONTHS}
    quarters: dict[dt.date, float] = {}
    for year in facts:
        part = nine.get(year.start)
        if _framed(year, YEAR) and part is not None and year.val >= part.val:
            quarters[_dated(year)] = year.val - part.val
    return quarters | {_dated(one): one.val for one in facts if _framed(one, QUARTER)}


def _framed(fact: _Fact, pattern: re.Pattern[str]) -> bool:
    return fact.frame is not None and pattern.fullmatch(fact.frame) is not None


def _days(fact: _Fact) -> int:
    return 0 if fact.start is None else (fact.end - fact.start).days + 1


def _dated(fact: _Fact) -> dt.date:
    """The last day of the month nearest to the quarter's: years of 52 weeks end some days off it."""
    return month_end(fact.end - dt.timedelta(days=15))
