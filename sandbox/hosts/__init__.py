"""The hosts that the sandbox stands in for: a module each, and nothing lists them.

A module gives `HOST`, the real host's name, and `attend(world, limits)`, which gives an Attendant for it. It may give
`FAULTS`, a table of the kinds of faults that only this host can have, and `TARGETS`, what projects of the gallery name
there (as in sandbox.places), for the tracker file of the demo.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, cast

from sandbox.exchange import Asked, Request, Response
from sandbox.faults import Fault, Kind
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a stand-in gives in an hour."""

    points: int = 1_000  # GitHub GraphQL points
    requests: int = 1_000  # GitHub REST requests with a token
    anonymous: int = 60  # GitHub REST requests without a token
    personal: int = 5_000  # points, and requests, of a personal token or of an App's
    app_seconds: int = 3_600  # until an App's token runs out


USUAL: Final = Limits()


class Attendant(Protocol):
    """Answers for one host, on one day of one world. Used from several threads."""

    def asked(self, request: Request) -> Asked:
        """What a request is about. Never fails: of a request that makes no sense it says nothing."""
        ...

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:
        """The answer. `faults` are the orders that the request meets; those of the host's own kinds are heeded here."""
        ...


class HostModule(Protocol):
    """What every module in this folder gives."""

    HOST: str

    def attend(self, world: World, limits: Limits) -> Attendant:
        """Somebody who answers for the host on the world's day, with fresh limits."""
        ...


def load() -> Mapping[str, HostModule]:
    """Every host's module by the host's name."""
    found = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    modules = [cast(HostModule, module) for module in found]
    return {module.HOST: module for module in modules}


def targets(modules: Mapping[str, HostModule]) -> dict[str, dict[str, tuple[str, ...]]]:
    """What the modules say that projects name: repository → key in a tracker file → what is named."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for module in modules.values():
        named: Mapping[str, Mapping[str, tuple[str, ...]]] = getattr(module, "TARGETS", {})
        for repository, by_key in named.items():
            found.setdefault(repository, {}).update(by_key)
    return found


def own_kinds(modules: Mapping[str, HostModule]) -> dict[str, Kind]:
    """The faults that only some hosts can have."""
    kinds: dict[str, Kind] = {}
    for module in modules.values():
        kinds |= getattr(module, "FAULTS", {})
    return kinds
