"""Any number of generated projects with a plausible mix of sizes, for runs that count requests."""

from __future__ import annotations

import functools
from typing import Final

import numpy as np

from sandbox.entry import Entry, Package
from sandbox.model import Course, generator
from sandbox.team import Team

CATEGORIES: Final = ("Data engines", "Developer tools", "Infrastructure", "Libraries", "Observability")
LANGUAGES: Final = ("Python", "Go", "Rust", "TypeScript", "Java")
LICENCES: Final = ("MIT", "Apache-2.0", "BSD-3-Clause", None)
OWNERS_SHARE: Final = 4  # every fourth project belongs to the owner of the one before it


@functools.cache
def mix(count: int, seed: int = 1) -> tuple[Entry, ...]:
    """That many projects, of 30 to some 200,000 stars; the first ones are the same for every count."""
    rng = generator(seed, "generated projects")
    return tuple(_entry(place, rng) for place in range(count))


def _entry(place: int, rng: np.random.Generator) -> Entry:
    size = float(np.clip(rng.lognormal(8.0, 1.5), 30, 220_000))
    growth = float(rng.normal(0.012, 0.02))
    gained = size * float(rng.lognormal(-4.3, 0.6)) / 28  # a day
    busy = size**0.6 / 40 * float(rng.lognormal(0, 0.5))
    name = f"invented-{place:04}"
    owner = f"generated-{place - 1 if place % OWNERS_SHARE == OWNERS_SHARE - 1 else place:04}"
    pypi, npm = _packages(name, owner, size, growth, rng)
    return Entry(
        repository=f"{owner}/{name}",
        name=f"Invented {place:04}",
        category=CATEGORIES[place % len(CATEGORIES)],
        story=f"Generated project number {place}.",
        born=-int(rng.integers(500, 2_600)),
        stars=round(size),
        gains=Course(gained, growth),
        issues=Course(0.25 * busy, growth),
        pulls=Course(0.30 * busy, growth),
        commits=Course(0.9 * busy, growth / 2),
        team=Team(max(2, round(busy)), busy / 4 + 0.2, 0.5),
        language=LANGUAGES[place % len(LANGUAGES)],
        licence=LICENCES[place % len(LICENCES)],
        pypi=pypi,
        npm=npm,
        sponsors=round(size**0.35) if rng.random() < 0.4 else None,
        release_days=int(rng.integers(10, 70)),
    )


def _packages(
    name: str, owner: str, size: float, growth: float, rng: np.random.Generator
) -> tuple[tuple[Package, ...], tuple[Package, ...]]:
    daily = Course(size * float(rng.lognormal(0, 1)), growth + 0.01)
    on_pypi, on_npm, scoped = rng.random(3) < (0.55, 0.4, 0.3)
    npm_name = f"@{owner}/{name}" if scoped else name
    return (
        (Package(name, daily),) if on_pypi else (),
        (Package(npm_name, daily.times(0.5)),) if on_npm else (),
    )
