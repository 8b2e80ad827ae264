"""What all pages of a run share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from groundswell.config import DEFAULT_THRESHOLDS, Mistake, Tracker
from groundswell.config_shape import Gate
from groundswell.models import Signal, Stage


@dataclass(frozen=True, slots=True)
class Setting:
    """The tracker, the day, and the sources by name. Goes to other processes, therefore holds no module."""

    tracker: Tracker
    as_of: dt.date
    labels: Mapping[str, str]  # source key → the name that people know it by
    signals: Mapping[str, Signal]  # by full name
    mistakes: tuple[Mistake, ...] = ()
    credits: tuple[str, ...] = ()  # whom to name on every page, since their figures are among those shown
    thresholds: Mapping[Stage, Mapping[str, float]] = field(default_factory=lambda: DEFAULT_THRESHOLDS)
    gate: Gate = field(default_factory=Gate)
    latest: tuple[str, str] | None = None  # the newest edition: its month and its address
    own: Path | None = None  # the folder of the tracker's own templates

    def label(self, source: str) -> str:
        """The name that people know a source by."""
        return self.labels.get(source, source)
