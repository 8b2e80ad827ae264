"""crates.io: downloads of a crate by day, 90 days back with today's so far.

Shape: github.com/rust-lang/crates.io (controllers/krate/downloads.rs): the five newest versions, and the older ones
together; a day without a download has no row. Who does not say who asks is refused.

A crate belongs to the gallery's project whose short name it holds, such as `galley-setter-core`; see `registered`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sandbox.entry import Entry, Package
from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.model import Arrivals
from sandbox.project import date_of, number_of
from sandbox.world import World

HOST: Final = "crates.io"
DAYS: Final = 90
SHARES: Final = (0.34, 0.17, 0.09, 0.05, 0.02)  # of the downloads: the newest versions', the newest first
ADDRESS: Final = re.compile(r"/api/v1/crates/([^/]+)/downloads")
REFUSAL: Final = "We require that all requests include a `User-Agent` header.\n"


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({named[1].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if not request.headers.get("user-agent"):
            return Response(403, REFUSAL.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        named = ADDRESS.fullmatch(request.path)
        if named is None:
            return as_json({"errors": [{"detail": "Not Found"}]}, 404)
        arrivals = registered(self.world, named[1], HOST, 0.4)
        if arrivals is None:
            return as_json({"errors": [{"detail": f"crate `{named[1]}` does not exist"}]}, 404)
        return as_json(self._downloads(named[1], arrivals))

    def _downloads(self, name: str, arrivals: Arrivals) -> dict[str, object]:
        counts = arrivals.day_counts(self.world.now)
        start = max(len(counts) - DAYS, 0)
        dates = [date_of(arrivals.first + place).isoformat() for place in range(start, len(counts))]
        newest, rows, rest = number_of(name) % 1_000_000, [], counts[start:].copy()
        for place, share in enumerate(SHARES):
            part = np.floor(counts[start:] * share).astype(rest.dtype)
            rest -= part
            rows += [
                {"date": date, "downloads": int(count), "version": newest - place}
                for date, count in zip(dates, part, strict=True)
                if count
            ]
        extra = [{"date": date, "downloads": int(count)} for date, count in zip(dates, rest, strict=True) if count]
        return {"version_downloads": rows, "meta": {"extra_downloads": extra}}


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - a refusal is ordered as a fault
    """Somebody who answers for crates.io."""
    return _Attendant(world)


def registered(world: World, target: str, registry: str, scale: float) -> Arrivals | None:
    """Downloads from a registry of what a target names: `scale` times those of the project's first package.

    It names the project whose short name (what stands after the owner; a former one too) it holds after its own last
    `/`, in any case and however dots and dashes are written; the longest, where it holds several.
    """
    name = _plain(target.rpartition("/")[2])
    held = {short: entry for entry in world.entries for short in _short_names(entry) if short in name}
    project = world.repository(held[max(held, key=len)].repository) if held else None
    if project is None:
        return None
    entry = project.entry
    package = next(iter((*entry.pypi, *entry.npm)), Package("", entry.gains.times(20)))
    own = replace(package, name=name, daily=package.daily.times(scale))
    arrivals = project.series.downloads(own, registry)
    return arrivals if arrivals.first <= world.today.toordinal() else None


def _short_names(entry: Entry) -> list[str]:
    return [_plain(name.partition("/")[2]) for name in (entry.repository, entry.former) if name]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]", "", name).lower()
