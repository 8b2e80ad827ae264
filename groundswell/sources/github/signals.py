"""What GitHub gives: every signal, how it behaves in time, and what it does not say."""

from __future__ import annotations

from typing import Final

from groundswell.models import Kind, Signal

_REPOSITORY: Final = "https://docs.github.com/en/graphql/reference/objects#repository"
_COMMIT: Final = "https://docs.github.com/en/graphql/reference/objects#commit"
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
        backfill="4 weeks",
        docs=_COMMIT,
        caveat="Authors of the commits of 28 days on the default branch, known bots left out, read once a week; a "
        "person with two addresses that belong to no account counts twice, and co-authors do not count.",
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
