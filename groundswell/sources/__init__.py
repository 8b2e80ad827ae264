"""The sources: each module in this folder reads one site, and its file name is its key everywhere.

A source gives LABEL, NAMING, SIGNALS, PACE and `fetch` (models.SourceModule says what each is). Nothing lists the
sources: a module that is here is used.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import cast

from groundswell.models import Naming, Signal, SourceModule


def load() -> Mapping[str, SourceModule]:
    """Every source by its key, in the order of their keys."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return {name: cast(SourceModule, importlib.import_module(f"{__name__}.{name}")) for name in names}


def signals(sources: Mapping[str, SourceModule]) -> Mapping[str, Signal]:
    """Every signal by its full name, such as `npm.downloads`."""
    return {f"{key}.{signal.key}": signal for key, source in sources.items() for signal in source.SIGNALS}


def namings(sources: Mapping[str, SourceModule]) -> Mapping[str, Naming]:
    """What a project may name for each source."""
    return {key: source.NAMING for key, source in sources.items()}


def labels(sources: Mapping[str, SourceModule]) -> Mapping[str, str]:
    """The name that people know each source by."""
    return {key: source.LABEL for key, source in sources.items()}


def markets(sources: Mapping[str, SourceModule]) -> Mapping[str, tuple[str, ...]]:
    """Source → the signals that it also gives for all of its packages together, under the target ""; most have none."""
    named: Mapping[str, tuple[str, ...]] = {key: getattr(source, "MARKET", ()) for key, source in sources.items()}
    return {key: signals for key, signals in named.items() if signals}


def paces(sources: Mapping[str, SourceModule]) -> Mapping[str, float]:
    """Host → least seconds between two requests, over all sources."""
    return {host: seconds for source in sources.values() for host, seconds in source.PACE.items()}
