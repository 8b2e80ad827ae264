"""Under which licence a tracker gives away what is its own of the figures: what it computed, wrote and put together.

Counts are facts, and belong to nobody; what their sources ask of those who pass them on stands beside them as `credit`,
and no tracker can give it away. Why that is so, and why there is no licence unless the owner names one, stands in
docs/decisions/0018-licence-of-the-figures.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence that is made for data as well as for texts, and also lets go of the right in a database as such."""

    key: str  # as SPDX calls it
    label: str
    address: str
    asks: str  # of those who use it; completes "You may use, change and pass on all of it"


LICENCES: Final[Mapping[str, Licence]] = {
    one.key: one
    for one in (
        Licence(
            "CC-BY-4.0",
            "Creative Commons Attribution 4.0 International",
            "https://creativecommons.org/licenses/by/4.0/",
            ", also for money, if you name this tracker, link to the licence, and say what you have changed",
        ),
        Licence(
            "CC-BY-SA-4.0",
            "Creative Commons Attribution-ShareAlike 4.0 International",
            "https://creativecommons.org/licenses/by-sa/4.0/",
            ", also for money, if you name this tracker, link to the licence, say what you have changed, and pass on "
            "what you make of it under the same licence",
        ),
        Licence(
            "CC0-1.0",
            "CC0 1.0 Universal",
            "https://creativecommons.org/publicdomain/zero/1.0/",
            ", also for money, and nothing is asked of you",
        ),
    )
}


def address(key: str | None) -> str | None:
    """Where a licence stands; None for a tracker that names none."""
    return LICENCES[key].address if key else None
