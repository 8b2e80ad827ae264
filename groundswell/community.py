"""Metrics of the people behind a repository, from GitHub's public record: who comes, who returns, for whom they work.

docs/decisions/ says how people are counted and what each number misses. Windows are of 28 days; nothing that tells who
somebody is leaves the moment of counting.
"""

from __future__ import annotations

from typing import Final

from groundswell.models import PER_CENT, Metric, Stage

EVERY_WEEK: Final = 7  # what is read commit by commit is read in turn

_WINDOW: Final = "the number in the last 28 days; growth compares it with the 28 days before"
_SHARE: Final = "the share in the last 28 days; its change is given in percentage points, against the 28 days before"
_FACTOR: Final = "the number in the last 28 days, bots left out; nobody in them gives none"
_NOBODY: Final = "nobody but bots wrote a commit in the last 28 days"


def _of_people(
    key: str,
    label: str,
    unit: str,
    stage: Stage,
    weight: float,
    meaning: str,
    formula: str = _WINDOW,
    *,
    chaoss: str | None = None,
    none_given: str = "",
) -> Metric:
    """A metric of one signal of GitHub's, each of a group of its own: none stands in for another."""
    noun = label[:1].lower() + label[1:]
    return Metric(
        key=key,
        label=label,
        noun=noun,
        unit=unit,
        stage=stage,
        weight=weight,
        group=key,
        signals=(f"github.{key}",),
        meaning=meaning,
        formula=formula,
        chaoss=chaoss,
        refresh_days=EVERY_WEEK,
        none_given=none_given,
    )


COMMUNITY: Final[tuple[Metric, ...]] = (
    _of_people(
        "new_contributors",
        "New contributors",
        "people",
        Stage.ACTIVATION,
        1,
        "Authors of commits of the last 28 days who wrote none in the 84 days before: newcomers, and people back after "
        "twelve weeks of silence. A newcomer has come as far as a change that is accepted. It weighs a third of the "
        "repositories that depend on the project, which are more people and further on.",
        chaoss="New Contributors",
    ),
    _of_people(
        "returning_contributors",
        "Returning contributors",
        "people",
        Stage.RETENTION,
        2,
        "Authors of commits of the last 28 days who wrote some in the 84 days before too: the people who stay. "
        "Of all that is public it is the nearest to what the stage asks, therefore it weighs as much as the active "
        "members of a forum.",
        chaoss="Contributors",
    ),
    _of_people(
        "returning_share",
        "Contributors who return",
        PER_CENT,
        Stage.RETENTION,
        0,
        "Of the authors of commits of the 84 days before, the share who wrote one in the last 28 days as well. "
        "Low where newcomers come once and leave. It says nothing of how many they are, therefore it does not count.",
        _SHARE,
        none_given="nobody wrote a commit in the 84 days before",
    ),
    _of_people(
        "contributor_stickiness",
        "Contributor stickiness",
        PER_CENT,
        Stage.RETENTION,
        0,
        "Contributors of a week, in the mean of the four, as a share of those of all 28 days: 100 % if everybody "
        "contributes every week, 25 % if everybody does in one alone. It says nothing of how many they are, therefore "
        "it does not count.",
        _SHARE,
        none_given=_NOBODY,
    ),
    _of_people(
        "organisations",
        "Organisations",
        "organisations",
        Stage.RETENTION,
        1,
        "Different organisations among the contributors of the last 28 days, as far as their public profiles name one. "
        "Organisations stay longer than people. A profile may be old, or say nothing, therefore it weighs half of the "
        "people who return.",
        chaoss="Organizational Diversity",
    ),
    _of_people(
        "organisations_with_two_or_more",
        "Organisations with two or more",
        "organisations",
        Stage.RETENTION,
        1,
        "Organisations that two or more of the contributors of the last 28 days name in their profiles: where the "
        "project is the work of a team, and not of one person in it.",
        chaoss="Organizational Diversity",
    ),
    _of_people(
        "organisation_known_share",
        "Contributors who name an organisation",
        PER_CENT,
        Stage.RETENTION,
        0,
        "The share of the contributors of the last 28 days whose public profile names an organisation: how much of the "
        "people the numbers of organisations speak for. Shown beside them, and does not count.",
        _SHARE,
        none_given=_NOBODY,
    ),
    _of_people(
        "contributor_absence_factor",
        "Contributor absence factor",
        "people",
        Stage.RETENTION,
        0,
        "The smallest number of people who wrote half of the commits of the last 28 days: how many would have to leave "
        "for the work to halve. Shown as a risk; it does not count, because more of it is not more of anything that "
        "people do.",
        _FACTOR,
        chaoss="Contributor Absence Factor",
        none_given=_NOBODY,
    ),
    _of_people(
        "elephant_factor",
        "Elephant factor",
        "organisations",
        Stage.RETENTION,
        0,
        "The smallest number of organisations whose people wrote half of those commits of the last 28 days of which "
        "the author's profile names one. 1 says that one organisation carries the project, as far as profiles tell.",
        _FACTOR,
        chaoss="Elephant Factor",
        none_given="no contributor of the last 28 days names an organisation",
    ),
)
