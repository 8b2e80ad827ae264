"""What GitHub gives: every signal, how it behaves in time, and what it does not say."""

from __future__ import annotations

from typing import Final

from groundswell.models import PER_CENT, Kind, Signal

_REPOSITORY: Final = "https://docs.github.com/en/graphql/reference/objects#repository"
_COMMIT: Final = "https://docs.github.com/en/graphql/reference/objects#commit"
_USER: Final = "https://docs.github.com/en/graphql/reference/objects#user"
_ISSUE: Final = "https://docs.github.com/en/graphql/reference/objects#issue"
_PULL: Final = "https://docs.github.com/en/graphql/reference/objects#pullrequest"
_HISTORY: Final = "https://docs.github.com/en/rest/activity/starring#get-repository-star-history"
_SEARCH: Final = "https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests"
_NOTHING: Final = "nothing: it is known from the first run on"

SIGNALS: Final = (
    Signal(
        "stars",
        Kind.STOCK,
        "stars",
        lag=0,
        backfill="60 weeks, rebuilt from the stars gained",
        docs=_REPOSITORY,
        caveat="A star says that somebody looked, not that anybody uses it; rebuilt days lack the stars taken back "
        "since, and are a little low.",
    ),
    Signal(
        "stars_gained",
        Kind.FLOW,
        "stars",
        lag=2,
        backfill="60 weeks",
        docs=_HISTORY,
        caveat="Counts the stars that are still held, on the day they were given, so that a star taken back leaves the "
        "past too; GitHub's days need not begin and end with UTC's.",
    ),
    Signal(
        "watchers",
        Kind.STOCK,
        "watchers",
        lag=0,
        backfill=_NOTHING,
        docs=_REPOSITORY,
        caveat="People who want to be told of what happens; maintainers among them, and GitHub keeps no history of it.",
    ),
    Signal(
        "forks",
        Kind.STOCK,
        "forks",
        lag=0,
        backfill=_NOTHING,
        docs=_REPOSITORY,
        caveat="A fork is made to offer a change, and also to keep a copy that is never touched.",
    ),
    Signal(
        "issues",
        Kind.COUNTER,
        "issues",
        lag=0,
        backfill=f"{_NOTHING}; issues_opened reaches back 13 months",
        docs=_REPOSITORY,
        caveat="All issues ever opened that are still there: a deleted or transferred one leaves the count.",
    ),
    Signal(
        "issues_open",
        Kind.STOCK,
        "issues",
        lag=0,
        backfill=_NOTHING,
        docs=_REPOSITORY,
        caveat="Pull requests are not among them; a project that closes old issues by a bot has few.",
    ),
    Signal(
        "issues_opened",
        Kind.PERIOD,
        "issues",
        lag=1,
        backfill="13 months",
        docs=_SEARCH,
        caveat="Issues opened in a calendar month that are still there when they are counted, those by bots too.",
    ),
    Signal(
        "pull_requests",
        Kind.COUNTER,
        "pull requests",
        lag=0,
        backfill=f"{_NOTHING}; pull_requests_opened reaches back 13 months",
        docs=_REPOSITORY,
        caveat="All pull requests ever opened, by staff and bots too.",
    ),
    Signal(
        "pull_requests_open",
        Kind.STOCK,
        "pull requests",
        lag=0,
        backfill=_NOTHING,
        docs=_REPOSITORY,
        caveat="Drafts are among them.",
    ),
    Signal(
        "pull_requests_merged",
        Kind.COUNTER,
        "pull requests",
        lag=0,
        backfill=_NOTHING,
        docs=_REPOSITORY,
        caveat="A change that was merged by hand, or by another system than GitHub, counts as closed, not as merged.",
    ),
    Signal(
        "pull_requests_opened",
        Kind.PERIOD,
        "pull requests",
        lag=1,
        backfill="13 months",
        docs=_SEARCH,
        caveat="Pull requests opened in a calendar month, those by staff and bots among them.",
    ),
    Signal(
        "releases",
        Kind.COUNTER,
        "releases",
        lag=0,
        backfill=_NOTHING,
        docs=_REPOSITORY,
        caveat="Releases made on GitHub; a version that is only tagged is none.",
    ),
    Signal(
        "discussions",
        Kind.COUNTER,
        "discussions",
        lag=0,
        backfill=_NOTHING,
        docs=_REPOSITORY,
        caveat="Missing where a project has not switched discussions on.",
    ),
    Signal(
        "commits",
        Kind.ROLLING,
        "commits",
        lag=1,
        backfill="a year, in windows of 28 days that end every 14",
        docs=_COMMIT,
        caveat="Commits of 28 days on the default branch without those by known bots, read once a week; how work is "
        "cut into commits is a habit of each project.",
        days=28,
    ),
    Signal(
        "active_contributors",
        Kind.ROLLING,
        "people",
        lag=1,
        backfill="12 weeks, and a year where no more than 2,500 commits were made in the rest of it",
        docs=_COMMIT,
        caveat="Authors of the commits of 28 days on the default branch, known bots left out, read once a week; a "
        "person with two addresses that belong to no account counts twice, and co-authors do not count.",
        days=28,
    ),
    Signal(
        "new_contributors",
        Kind.ROLLING,
        "people",
        lag=1,
        backfill="40 weeks, where no more than 2,500 commits were made in them",
        docs=_COMMIT,
        caveat="Authors of the commits of 28 days who wrote none in the 84 days before, known bots left out, read once "
        "a week; somebody who was silent for twelve weeks counts as new again, and so does one with a new address.",
        days=28,
    ),
    Signal(
        "returning_contributors",
        Kind.ROLLING,
        "people",
        lag=1,
        backfill="40 weeks, where no more than 2,500 commits were made in them",
        docs=_COMMIT,
        caveat="Authors of the commits of 28 days who wrote one in the 84 days before too, known bots left out, read "
        "once a week; whoever comes back after more than twelve weeks is not among them.",
        days=28,
    ),
    Signal(
        "returning_share",
        Kind.ROLLING,
        PER_CENT,
        lag=1,
        backfill="40 weeks, where no more than 2,500 commits were made in them",
        docs=_COMMIT,
        caveat="Of the authors of the 84 days before, those who wrote a commit in the last 28; many contribute rarely "
        "and are not lost, and in a small project one person moves it.",
        days=28,
    ),
    Signal(
        "contributor_stickiness",
        Kind.ROLLING,
        PER_CENT,
        lag=1,
        backfill="12 weeks, and a year where no more than 2,500 commits were made in the rest of it",
        docs=_COMMIT,
        caveat="Contributors of a week, in the mean of four, of those of the four together; squashed changes make "
        "people look rarer than they are.",
        days=28,
    ),
    Signal(
        "organisations",
        Kind.ROLLING,
        "organisations",
        lag=1,
        backfill=_NOTHING,
        docs=_USER,
        caveat="Names in the public profiles of the authors of 28 days, compared without @ and case; one organisation "
        "under two names counts twice, and most people name none.",
        days=28,
    ),
    Signal(
        "organisations_with_two_or_more",
        Kind.ROLLING,
        "organisations",
        lag=1,
        backfill=_NOTHING,
        docs=_USER,
        caveat="Of these, the ones that at least two authors of 28 days name.",
        days=28,
    ),
    Signal(
        "organisation_known_share",
        Kind.ROLLING,
        PER_CENT,
        lag=1,
        backfill=_NOTHING,
        docs=_USER,
        caveat="Authors of 28 days whose public profile names an organisation, of all authors.",
        days=28,
    ),
    Signal(
        "contributor_absence_factor",
        Kind.ROLLING,
        "people",
        lag=1,
        backfill="12 weeks, and a year where no more than 2,500 commits were made in the rest of it",
        docs=_COMMIT,
        caveat="The fewest authors with half of the commits of 28 days; commits are not equally large, and somebody on "
        "holiday is missing.",
        days=28,
    ),
    Signal(
        "elephant_factor",
        Kind.ROLLING,
        "organisations",
        lag=1,
        backfill=_NOTHING,
        docs=_USER,
        caveat="The fewest organisations with half of those commits of 28 days whose author's profile names one.",
        days=28,
    ),
    Signal(
        "first_pull_requests_merged",
        Kind.ROLLING,
        "people",
        lag=1,
        backfill="as far as the newest 1,000 merged pull requests reach, 40 weeks at most",
        docs=_PULL,
        caveat="People of whom a pull request was merged in 28 days and none in the 84 before, apps left out; somebody "
        "who was merged long ago counts again, and a change merged by other means than GitHub's does not count.",
        days=28,
    ),
    Signal(
        "issue_authors",
        Kind.ROLLING,
        "people",
        lag=1,
        backfill="as far as the newest 1,000 issues reach, a year at most",
        docs=_ISSUE,
        caveat="Accounts that opened an issue in 28 days, apps and known bots left out; those deleted since are not "
        "among them.",
        days=28,
    ),
    Signal(
        "time_to_first_response",
        Kind.ROLLING,
        "hours",
        lag=1,
        backfill=_NOTHING,
        docs=_ISSUE,
        caveat="Of 20 issues of 28 days; a comment by anybody but the author and bots is a response, be it a helpful "
        "one or not, and an answer given elsewhere, or by closing without a word, is none.",
        days=28,
    ),
    Signal(
        "unanswered_share",
        Kind.ROLLING,
        PER_CENT,
        lag=1,
        backfill=_NOTHING,
        docs=_ISSUE,
        caveat="Of the same 20 issues, those without such a comment when they were read.",
        days=28,
    ),
    Signal(
        "time_to_close",
        Kind.ROLLING,
        "days",
        lag=1,
        backfill=_NOTHING,
        docs=_ISSUE,
        caveat="Of all issues that people opened in 28 days, as they stand at the end of the last day; one that was "
        "opened again counts as open.",
        days=28,
    ),
    Signal(
        "sponsors",
        Kind.STOCK,
        "sponsors",
        lag=0,
        backfill=_NOTHING,
        docs="https://docs.github.com/en/graphql/reference/interfaces#sponsorable",
        caveat="Sponsors of the repository's owner, for all that the owner does, so that projects of one owner show "
        "the same number; GitHub keeps no history of it.",
    ),
)
