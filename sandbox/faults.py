"""Faults that can be ordered: which requests they meet, and what happens to those. One table says what there is.

A fault is ordered as a word and settings: `html host=api.npmjs.org status=429 times=2`. The settings `host`, `path`
(a part of path and query), `target` (a repository or package) and `times` say what it meets; the others are the kind's.
"""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sandbox.exchange import Asked, Delivery, Request, Response, as_html, as_json

Setting = str | int | float
Settings = Mapping[str, Setting]

ALWAYS: Final = -1
KEPT_WHOLE: Final = frozenset(
    {"rateLimit", "databaseId", "id", "week", "number", "size"}
)  # numbers that are not figures
HTML_PAGE: Final = (
    "<!DOCTYPE html>\n<html><head><title>Access denied</title></head><body>Error {status}</body></html>\n"
)


class FaultError(Exception):
    """An order that cannot be carried out, said to the person who gave it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An order: what it meets, and what happens then."""

    kind: str
    host: str | None = None
    path: str | None = None
    target: str | None = None
    times: int = ALWAYS  # how many requests it meets before it is used up
    settings: Settings = field(default_factory=dict)

    def meets(self, request: Request, asked: Asked) -> bool:
        """Whether a request is one of those that were meant."""
        return (
            self.host in (None, request.host)
            and (self.path is None or self.path in request.raw_path or self.path in request.path)
            and (self.target is None or asked.about(self.target))
            and ("aliases" not in self.settings or asked.size > self.number("aliases"))
        )

    def number(self, name: str) -> float:
        """A setting that is a number."""
        return float(self.settings[name])

    def whole(self, name: str) -> int:
        """A setting that is a whole number."""
        return int(self.settings[name])

    def word(self, name: str) -> str:
        """A setting that is a word."""
        return str(self.settings[name])


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be ordered. With neither `instead` nor `after`, the host itself heeds it."""

    meaning: str
    settings: Settings = field(default_factory=dict)  # name → what it is unless ordered otherwise
    instead: Callable[[Fault], Response] | None = None  # answers in place of the host
    after: Callable[[Fault, Response], Response] | None = None  # changes the host's answer
    host: str | None = None  # the only host that can have it
    path: str | None = None  # the only part of that host that can have it
    words: Mapping[str, Collection[str]] = field(
        default_factory=dict
    )  # setting → what it may be, where that is limited


# --- In place of an answer -------------------------------------------------------------------------------------------


def _status(fault: Fault) -> Response:
    wait = fault.word("retry_after")
    message = {"message": fault.word("message"), "status": fault.word("status")}
    return as_json(message, fault.whole("status"), {"Retry-After": wait} if wait else {})


def _html(fault: Fault) -> Response:
    return as_html(HTML_PAGE.format(status=fault.word("status")), fault.whole("status"))


def _body(fault: Fault) -> Response:
    return Response(fault.whole("status"), fault.word("text").encode(), {"Content-Type": fault.word("type")})


def _redirect(fault: Fault) -> Response:
    return Response(fault.whole("status"), b"", {"Location": fault.word("to")})


def _reset(_fault: Fault) -> Response:
    return Response(0, b"", delivery=Delivery(reset=True))


# --- Changed answers -------------------------------------------------------------------------------------------------


def _delay(fault: Fault, answer: Response) -> Response:
    return replace(answer, delivery=replace(answer.delivery, delay=fault.number("seconds")))


def _drip(fault: Fault, answer: Response) -> Response:
    slow = replace(answer.delivery, piece=fault.whole("bytes"), pause=fault.number("pause"))
    return replace(answer, delivery=slow)


def _truncated(_fault: Fault, answer: Response) -> Response:
    half = len(answer.body) // 2
    return replace(answer, body=answer.body[:half], delivery=replace(answer.delivery, missing=len(answer.body) - half))


def _broken(_fault: Fault, answer: Response) -> Response:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _huge(fault: Fault, answer: Response) -> Response:
    return replace(answer, body=b" " * round(fault.number("megabytes") * 2**20) + answer.body)


def _with_numbers(change: Callable[[int | float], object]) -> Callable[[Fault, Response], Response]:
    def after(_fault: Fault, answer: Response) -> Response:
        if "json" not in answer.headers.get("Content-Type", ""):
            return answer
        changed = json.dumps(_numbers(json.loads(answer.body), change), ensure_ascii=False)
        return replace(answer, body=changed.encode())

    return after


def _numbers(value: object, change: Callable[[int | float], object]) -> object:
    if isinstance(value, dict):
        return {key: one if key in KEPT_WHOLE else _numbers(one, change) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one, change) for one in value]
    if isinstance(value, str) and value.isdecimal():
        return _as_text(change(int(value)))  # some hosts quote their integers
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return change(value)
    return value


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, (int, float)) else value


def _recounted(fault: Fault, answer: Response) -> Response:
    factor = fault.number("factor")
    return _with_numbers(lambda number: round(number * factor))(fault, answer)


KINDS: Final[Mapping[str, Kind]] = {
    "status": Kind(
        "a status with a JSON message",
        {"status": 500, "retry_after": "", "message": "Something went wrong"},
        instead=_status,
    ),
    "html": Kind("a page of HTML, as a guard in front of the host sends it", {"status": 429}, instead=_html),
    "body": Kind("any text under any type", {"status": 200, "text": "", "type": "application/json"}, instead=_body),
    "null": Kind(
        "null instead of the answer", {"status": 200, "text": "null", "type": "application/json"}, instead=_body
    ),
    "empty": Kind(
        "an empty list instead of the answer", {"status": 200, "text": "[]", "type": "application/json"}, instead=_body
    ),
    "redirect": Kind("sent to another host", {"status": 302, "to": "http://elsewhere.invalid/"}, instead=_redirect),
    "reset": Kind("the connection is reset", instead=_reset),
    "delay": Kind("the answer comes late", {"seconds": 1.0}, after=_delay),
    "drip": Kind("the answer comes in small pieces", {"bytes": 64, "pause": 0.01}, after=_drip),
    "truncated": Kind("the connection ends in the middle of the answer", after=_truncated),
    "broken": Kind("JSON that ends in the middle", after=_broken),
    "huge": Kind("an answer after megabytes of blanks", {"megabytes": 25}, after=_huge),
    "negative": Kind("every figure is negative", after=_with_numbers(lambda number: -abs(number) - 1)),
    "zeros": Kind("every figure is 0, as in an outage", after=_with_numbers(lambda _: 0)),
    "recounted": Kind(
        "every figure is so many times what it was: days gone by are counted anew, or somebody else is answered for",
        {"factor": 0.8},
        after=_recounted,
    ),
    "wrong-type": Kind("every figure is a word", after=_with_numbers(lambda _: "many")),
}
"""The faults that every host can have. A host adds its own in its module, as `FAULTS`."""


class Faults:
    """The orders in force, safe to use from several threads."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds = {**KINDS, **kinds}
        self._orders: list[Fault] = []
        self._lock = threading.Lock()

    def order(self, fault: Fault) -> None:
        """Put an order in force. Raises FaultError when there is no such kind or setting."""
        checked = self._checked(fault)
        with self._lock:
            self._orders.append(checked)

    def clear(self) -> None:
        """Take all orders back."""
        with self._lock:
            self._orders.clear()

    def in_force(self) -> tuple[Fault, ...]:
        """The orders that are not used up."""
        with self._lock:
            return tuple(self._orders)

    def meeting(self, request: Request, asked: Asked) -> tuple[Fault, ...]:
        """The orders that a request meets; each is counted as carried out once more."""
        with self._lock:
            met = [place for place, fault in enumerate(self._orders) if fault.meets(request, asked)]
            faults = tuple(self._orders[place] for place in met)
            for place in met:
                self._orders[place] = _once_less(self._orders[place])
            self._orders = [fault for fault in self._orders if fault.times != 0]
            return faults

    def instead(self, faults: Iterable[Fault]) -> Response | None:
        """The answer of the first order that answers itself."""
        for fault in faults:
            instead = self.kinds[fault.kind].instead
            if instead is not None:
                return instead(fault)
        return None

    def after(self, faults: Iterable[Fault], answer: Response) -> Response:
        """The answer as all orders leave it."""
        for fault in faults:
            change = self.kinds[fault.kind].after
            if change is not None:
                answer = change(fault, answer)
        return answer

    def _checked(self, fault: Fault) -> Fault:
        kind = self.kinds.get(fault.kind)
        if kind is None:
            raise FaultError(f"there is no fault {fault.kind!r}; there are: {', '.join(sorted(self.kinds))}")
        unknown = sorted(set(fault.settings) - set(kind.settings))
        if unknown:
            allowed = ", ".join(["host", "path", "target", "times", *kind.settings])
            raise FaultError(f"{fault.kind} has no setting {unknown[0]!r}; it has: {allowed}")
        settings = {**kind.settings, **fault.settings}
        for name, allowed_words in kind.words.items():
            if settings[name] not in allowed_words:
                raise FaultError(f"{name} of {fault.kind} must be one of: {', '.join(allowed_words)}")
        return replace(fault, host=fault.host or kind.host, path=fault.path or kind.path, settings=settings)


def _once_less(fault: Fault) -> Fault:
    return fault if fault.times == ALWAYS else replace(fault, times=fault.times - 1)


def made(order: Mapping[str, object]) -> Fault:
    """A fault from a mapping such as `{"kind": "html", "host": "api.npmjs.org", "status": 429}`. Raises FaultError."""
    rest = {name: value for name, value in order.items() if name not in ("kind", "host", "path", "target", "times")}
    for name, value in rest.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise FaultError(f"{name} must be a text or a number")
    times = order.get("times", ALWAYS)
    if not isinstance(order.get("kind"), str) or isinstance(times, bool) or not isinstance(times, int) or times == 0:
        raise FaultError("an order needs a kind, and `times` is a whole number above 0")
    where = {name: str(order[name]) for name in ("host", "path", "target") if order.get(name) is not None}
    settings = {name: value for name, value in rest.items() if isinstance(value, (str, int, float))}
    return Fault(str(order["kind"]), times=times, settings=settings, **where)


def read(text: str) -> Fault:
    """A fault from a line such as `html host=api.npmjs.org status=429`. Raises FaultError."""
    kind, *pairs = shlex.split(text) or [""]
    order: dict[str, object] = {"kind": kind}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise FaultError(f"{pair!r} is not of the form name=value")
        order[name] = _value(value)
    return made(order)


def _value(text: str) -> Setting:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def listed(kinds: Mapping[str, Kind]) -> str:
    """All kinds with their settings and meanings, a line each, for the command line's help."""
    lines = []
    for name, kind in sorted(kinds.items()):
        settings = " ".join(f"{key}={value}" for key, value in kind.settings.items())
        lines.append(f"  {f'{name} {settings}'.strip()}: {kind.meaning}")
    return "\n".join(lines)
