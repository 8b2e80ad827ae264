"""What all pages of a run share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from groundswell.config import Mistake, Tracker
from groundswell.models import Signal


@dataclass(frozen=True, slots=True)
class Setting:
    """The tracker, the day, and the sources by name. Goes to other processes, therefore holds no module."""

    tracker: Tracker
    as_of: dt.date
    labels: Mapping[str, str]  # source key → the name that people know it by
    signals: Mapping[str, Signal]  # by full name
    mistakes: tuple[Mistake, ...] = ()
    credits: tuple[str, ...] = ()  # whom to name on every page, since their figures are among those shown

    def label(self, source: str) -> str:
        """The name that people know a source by."""
        return self.labels.get(source, source)
