"""Metrics of the people behind a repository, from GitHub's public record: who comes, who returns, for whom they work.

docs/decisions/0009-how-people-are-counted.md says how, and what each number misses. Windows are of 28 days; nothing
that tells who somebody is leaves the moment of counting.
"""

from __future__ import annotations

from typing import Final

from groundswell.models import PER_CENT, Metric, Stage

EVERY_WEEK: Final = 7  # what is read commit by commit is read in turn

_WINDOW: Final = "the number in the last 28 days; growth compares it with the 28 days before"
_SHARE: Final = "the share in the last 28 days; its change is given in percentage points, against the 28 days before"
_FACTOR: Final = "the number in the last 28 days, bots left out; nobody in them gives none"
_WAIT: Final = (
    "the median over all of them, also those that still wait: each counts as waiting for as long as is known "
    "(Kaplan and Meier); where fewer than half are through, a lower bound"
)
_NO_GROWTH: Final = "a wait does not grow: compare it with what it was on the chart"
_NO_ISSUES: Final = "nobody opened an issue in the last 28 days, or the project takes none on GitHub"
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
    no_growth: str = "",
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
        no_growth=no_growth,
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
        "first_pull_requests_merged",
        "First pull requests merged",
        "people",
        Stage.ACTIVATION,
        2,
        "People of whom a pull request was merged in the last 28 days, and none in the 84 days before: offers that "
        "were taken, as GitHub sees it. It weighs more than new contributors, because somebody looked at what a "
        "newcomer offered and took it; a project that merges by other means than GitHub's shows none.",
    ),
    _of_people(
        "issue_authors",
        "Issue authors",
        "people",
        Stage.ACTION,
        1,
        "Different people who opened an issue in the last 28 days: how many use it so that they say something, where "
        "issues opened may be the work of a few. It weighs half of those, because each of its people is in them too.",
        chaoss="Contributors",
        none_given="the project takes no issues on GitHub",
    ),
    _of_people(
        "time_to_first_response",
        "Time to first response, in hours",
        "hours",
        Stage.ACTIVATION,
        0,
        "How long half of the people who opened an issue in the last 28 days waited, or wait, for somebody else to "
        "comment on it; bots are nobody. Taken from 20 issues spread evenly over the window. Shown, because a newcomer "
        "who is not answered goes; it does not count, because it is the maintainers' doing.",
        _WAIT,
        chaoss="Time to First Response",
        none_given=_NO_ISSUES,
        no_growth=_NO_GROWTH,
    ),
    _of_people(
        "unanswered_share",
        "Issues without a response",
        PER_CENT,
        Stage.ACTIVATION,
        0,
        "The share of the same issues of the last 28 days that nobody but their author and bots had commented on when "
        "they were read. The newest of them have not waited long.",
        _SHARE,
        none_given=_NO_ISSUES,
    ),
    _of_people(
        "time_to_close",
        "Time to close, in days",
        "days",
        Stage.ACTIVATION,
        0,
        "How long half of the issues of the last 28 days were open, or are. A bot that closes what is old makes it "
        "short. Shown beside the time to first response, and does not count for the same reason.",
        _WAIT,
        chaoss="Time to Close",
        none_given=_NO_ISSUES,
        no_growth=_NO_GROWTH,
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
