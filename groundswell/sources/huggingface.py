"""Hugging Face: downloads and likes of models and data sets."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, NonNegativeInt, Strict, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Hugging Face"
NAMING = Naming(
    r"(?:datasets/)?(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}",
    "google-bert/bert-base-uncased",
    "a model on Hugging Face, or datasets/ and the name of a data set",
)
_DOCS: Final = "https://huggingface.co/docs/hub/models-download-stats"
SIGNALS = (
    Signal(
        "downloads_30d",
        Kind.ROLLING,
        "downloads",
        lag=0,
        backfill="none: Hugging Face gives today's window alone",
        docs=_DOCS,
        caveat="Counts requests for one chosen file of a model, such as config.json, so a look counts as a download.",
        days=30,
    ),
    Signal(
        "downloads_all_time",
        Kind.COUNTER,
        "downloads",
        lag=0,
        backfill="none: Hugging Face gives today's total alone",
        docs=_DOCS,
        caveat="Counts requests for one chosen file of a model, such as config.json, so a look counts as a download.",
    ),
    Signal(
        "likes",
        Kind.STOCK,
        "likes",
        lag=0,
        backfill="none: Hugging Face gives today's number alone",
        docs="https://huggingface.co/docs/hub/api",
        caveat="A like says that somebody looked, not that anybody uses it.",
    ),
)
PACE = {"huggingface.co": 0.7}  # 500 requests in 5 minutes without a token

ADDRESS: Final = "https://huggingface.co/api/{}/{}?expand[]=downloads&expand[]=downloadsAllTime&expand[]=likes"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a model or data set, unless today's numbers are there already; two where it was renamed."""
    for ask in asks:
        if all(ask.newest.get(signal.key, dt.date.min) >= today for signal in SIGNALS):
            yield Answer("huggingface", ask.project, ask.target, ())
            continue
        try:
            figures = _read(ask.target, door)
        except Unanswered as error:
            yield Failure("huggingface", ask.project, ask.target, str(error))
            continue
        lacking = [signal.key for signal in SIGNALS if signal.key not in figures]
        if figures.get("downloads_all_time") == 0 and "downloads_all_time" in ask.newest:
            lacking.append("downloads_all_time")
        observations = tuple(Observation(key, today, figures[key]) for key in figures if key not in lacking)
        yield Answer("huggingface", ask.project, ask.target, observations)
        if lacking:
            reason = "gave no total of downloads, or 0 for one that cannot be 0"
            yield Failure("huggingface", ask.project, ask.target, reason, signals=tuple(lacking))


def _read(target: str, door: Door) -> Mapping[str, int]:
    kind, name = ("datasets", target[9:]) if target.startswith("datasets/") else ("models", target)
    try:
        answer = door.json(ADDRESS.format(kind, name))
        current = name_in(answer)
        if current != name and "downloads_all_time" not in parse(answer):  # a redirect forgets what was asked for
            answer = door.json(ADDRESS.format(kind, current))
    except Broken as error:
        if str(error) == "answered 401":  # what is not there is answered like what is private
            raise NotFound("has nothing public of that name") from None
        raise
    return parse(answer)


_Amount = Annotated[NonNegativeInt, Strict()]


class _Repository(BaseModel):
    id: str
    downloads: _Amount
    all_time: _Amount | None = Field(alias="downloadsAllTime", default=None)
    likes: _Amount


_REPOSITORY: Final = TypeAdapter(_Repository)


def parse(answer: object) -> Mapping[str, int]:
    """Signal → number; the total of all time only where it is given. Raises Broken."""
    found = shaped(_REPOSITORY, answer)
    figures = {"downloads_30d": found.downloads, "likes": found.likes}
    return figures if found.all_time is None else {**figures, "downloads_all_time": found.all_time}


def name_in(answer: object) -> str:
    """The name that the model or data set has now. Raises Broken."""
    name = shaped(_REPOSITORY, answer).id
    if not re.fullmatch(NAMING.pattern, name):
        raise Broken("answered with a name that cannot be one")
    return name
