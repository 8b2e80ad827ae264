"""Every number in the code that something is decided by, with what the line that sets it says of it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Final

from groundswell import (
    alerts,
    anomalies,
    bursts,
    catalogue,
    closing,
    corrections,
    dispersion,
    findings,
    growth,
    intervals,
    market,
    metrics,
    money,
    monthly,
    pooling,
    situation,
    stages,
    standing,
    standstill,
    strays,
    windows,
)

DECISIVE: Final[tuple[ModuleType, ...]] = (
    *(windows, growth, dispersion, intervals, pooling, metrics, monthly),
    *(stages, standing, catalogue, situation, findings, market, money),
    *(anomalies, bursts, strays, standstill, corrections, closing, alerts),
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A constant of the code."""

    name: str  # "windows.FARTHEST"
    value: str
    says: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Those of one module."""

    module: str
    about: str  # the first sentence of what the module says of itself
    rows: tuple[Threshold, ...]


@cache
def thresholds() -> tuple[Thresholds, ...]:
    """The constants of every module that decides something, in the order of the flow; modules without one left out."""
    found = (Thresholds(_name(module), _about(module), tuple(_of(module))) for module in DECISIVE)
    return tuple(one for one in found if one.rows)


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _about(module: ModuleType) -> str:
    first = " ".join((module.__doc__ or "").split())
    return re.split(r"(?<=\.) ", first)[0]


def _of(module: ModuleType) -> Iterator[Threshold]:
    """What is set at the top of a module in capitals and is a number, or a row of numbers."""
    text = inspect.getsource(module)
    lines = text.splitlines()
    for node in ast.parse(text).body:
        target = (
            node.target
            if isinstance(node, ast.AnnAssign)
            else node.targets[0]
            if isinstance(node, ast.Assign)
            else None
        )
        if isinstance(target, ast.Name) and target.id.isupper():
            value = getattr(module, target.id)
            if _is_number(value):
                yield Threshold(f"{_name(module)}.{target.id}", _written(value), _comment(lines, node))


def _is_number(value: object) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(map(_is_number, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _written(value: object) -> str:
    return ", ".join(map(_written, value)) if isinstance(value, tuple) else f"{value:,g}"


def _comment(lines: list[str], node: ast.stmt) -> str:
    """What stands behind a constant, or below it where the line had no room."""
    assert node.end_lineno is not None
    here = [line.partition("#")[2].strip() for line in lines[node.lineno - 1 : node.end_lineno]]
    for line in lines[node.end_lineno :]:
        if not line.startswith("#"):
            break
        here.append(line.lstrip("# ").strip())
    return " ".join(filter(None, here))
