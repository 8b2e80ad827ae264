"""What goes in and out of a stand-in: requests, responses, and what a request is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the real host would have seen it."""

    method: str
    host: str  # "api.github.com"
    path: str  # "/repos/o/r", percent signs resolved
    query: Mapping[str, str]  # the last value of each parameter
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    address: str  # where the stand-in for this host is: "http://127.0.0.1:4711/api.github.com"
    raw_path: str  # path and query as they came

    @classmethod
    def read(cls, method: str, target: str, headers: Mapping[str, str], body: bytes, server: str) -> Self:
        """Make a request of what came over the wire: `target` is `/<host>/<path>?<query>`."""
        parts = urlsplit(target)
        host, _, path = parts.path.removeprefix("/").partition("/")
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        raw = f"/{path}" + (f"?{parts.query}" if parts.query else "")
        return cls(method, host, unquote(f"/{path}"), query, headers, body, f"{server}/{host}", raw)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a response travels, when it does not simply arrive."""

    delay: float = 0.0  # seconds before the first byte
    piece: int = 0  # bytes at a time; 0 sends all at once
    pause: float = 0.0  # seconds between two pieces
    missing: int = 0  # bytes that are promised by Content-Length and never sent
    reset: bool = False  # the connection breaks off without an answer


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, with what it cost."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    points: int = 0  # GraphQL points, or REST requests, that it was charged with
    delivery: Delivery = Delivery()

    def with_headers(self, headers: Mapping[str, str]) -> Response:
        """The same answer with more headers."""
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is about, as far as faults and the log want to know."""

    names: frozenset[str] = frozenset()  # repositories and packages, in lower case
    size: int = 1  # how many things are asked for at once: aliases, packages

    def about(self, name: str) -> bool:
        """Whether a repository or package is among what is asked for."""
        return name.lower() in self.names


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer in UTF-8."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def as_html(text: str, status: int) -> Response:
    """An answer of type text/html, whatever its text is."""
    return Response(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})
