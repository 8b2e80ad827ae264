"""Every GraphQL document that is sent: what is asked of one repository, and how several are put into one query.

A part asks for one thing under one alias. Owners, names, dates and search texts travel as variables, never in the text.
Costs are GitHub's documented formula: one hundredth of a point for each connection (or search) of each alias, the sum
rounded, at least one point a query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

FRAGILE: Final[Mapping[str, str]] = {"watchers": "Watchers", "sponsorable": "Sponsors"}
"""Fields that GitHub may refuse, and the fragment that holds each: a refusal makes the whole repository null."""

SEARCH_PAUSE: Final = (
    2.0  # seconds before a query that searches: REST allows 30 searches a minute, GraphQL names no limit
)

_FRAGMENTS: Final[Mapping[str, str]] = {
    "Counters": """fragment Counters on Repository {
  id
  databaseId
  nameWithOwner
  description
  homepageUrl
  createdAt
  archivedAt
  isArchived
  isDisabled
  isEmpty
  isPrivate
  visibility
  stargazerCount
  forkCount
  hasIssuesEnabled
  hasDiscussionsEnabled
  primaryLanguage { name }
  licenseInfo { spdxId name }
  issues { totalCount }
  issuesOpen: issues(states: [OPEN]) { totalCount }
  pullRequests { totalCount }
  pullRequestsOpen: pullRequests(states: [OPEN]) { totalCount }
  pullRequestsMerged: pullRequests(states: [MERGED]) { totalCount }
  releases { totalCount }
  discussions { totalCount }
  repositoryTopics(first: 20) { nodes { topic { name } } }
}""",
    "Watchers": """fragment Watchers on Repository {
  watchers { totalCount }
}""",
    "Sponsors": """fragment Sponsors on Repository {
  sponsorable: owner {
    ... on Sponsorable {
      hasSponsorsListing
      sponsorshipsAsMaintainer(activeOnly: true, includePrivate: true) { totalCount }
    }
  }
}""",
    "CommitPage": """fragment CommitPage on CommitHistoryConnection {
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes { committedDate author { name email user { login } } }
}""",
    "CommitPageWithCompanies": """fragment CommitPageWithCompanies on CommitHistoryConnection {
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes { committedDate author { name email user { login company } } }
}""",
    "IssuePage": """fragment IssuePage on IssueConnection {
  pageInfo { hasNextPage endCursor }
  nodes { id createdAt closedAt author { __typename login } }
}""",
    "MergedPage": """fragment MergedPage on PullRequestConnection {
  pageInfo { hasNextPage endCursor }
  nodes { updatedAt mergedAt author { __typename login } }
}""",
    "Comments": """fragment Comments on Issue {
  comments(first: 10) {
    pageInfo { hasNextPage endCursor }
    nodes { createdAt author { __typename login } }
  }
}""",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What a part adds to a query."""

    body: str
    types: Mapping[str, str]  # variable → its type
    variables: Mapping[str, object]
    fragments: frozenset[str] = frozenset()


class Part(Protocol):
    """One thing to ask for, under one alias of its own."""

    @property
    def pause(self) -> float:
        """Seconds to wait before a query that holds this part."""
        ...

    def selection(self, alias: str) -> Selection:
        """The part's text and variables, all of them named after the alias."""
        ...


@dataclass(frozen=True, slots=True)
class _OfRepository:
    """Text in a part writes `$@name` for its own variable `name`."""

    name: str  # "owner/name"

    @property
    def pause(self) -> float:
        """None: only searches are waited for."""
        return 0.0

    def _selection(
        self, alias: str, body: str, extra: Mapping[str, tuple[str, object]], fragments: Sequence[str] = ()
    ) -> Selection:
        owner, _, name = self.name.partition("/")
        typed = {"owner": ("String!", owner), "name": ("String!", name), **extra}
        root = "repository(owner: $@owner, name: $@name, followRenames: true)"
        return Selection(
            f"{alias}: {root} {{ {body} }}".replace("$@", f"${alias}_"),
            {f"{alias}_{variable}": kind for variable, (kind, _) in typed.items()},
            {f"{alias}_{variable}": value for variable, (_, value) in typed.items()},
            frozenset(fragments),
        )


@dataclass(frozen=True, slots=True)
class Counters(_OfRepository):
    """All numbers and facts of today: 8 connections, and one more for each fragile field."""

    without: frozenset[str] = frozenset()  # fields of FRAGILE that are left out

    def selection(self, alias: str) -> Selection:
        """See Part."""
        fragments = ["Counters", *(FRAGILE[name] for name in FRAGILE if name not in self.without)]
        return self._selection(alias, " ".join(f"...{name}" for name in fragments), {}, fragments)


@dataclass(frozen=True, slots=True)
class CommitPage(_OfRepository):
    """Up to 100 commits of the default branch in a window: 1 connection, and one more for each further number."""

    since: str  # ISO 8601, both ends belong to the window
    until: str
    after: str | None = None
    bots: tuple[str, ...] | None = None  # e-mail addresses; None counts nobody
    companies: bool = False  # whether the authors' profiles are asked for the organisation they name
    before: tuple[tuple[str, str], ...] = ()  # since and until of other spans, whose commits are counted

    def selection(self, alias: str) -> Selection:
        """See Part."""
        fragment = "CommitPageWithCompanies" if self.companies else "CommitPage"
        history = f"history(first: 100, after: $@after, since: $@since, until: $@until) {{ ...{fragment} }}"
        variables: dict[str, tuple[str, object]] = {
            "since": ("GitTimestamp!", self.since),
            "until": ("GitTimestamp!", self.until),
            "after": ("String", self.after),
        }
        if self.bots is not None:
            history += " bots: history(since: $@since, until: $@until, author: {emails: $@bots}) { totalCount }"
            variables["bots"] = ("[String!]!", list(self.bots))
        for number, (since, until) in enumerate(self.before):
            between = f"since: $@since{number}, until: $@until{number}"
            history += f" before{number}: history({between}) {{ totalCount }}"
            variables[f"since{number}"] = ("GitTimestamp!", since)
            variables[f"until{number}"] = ("GitTimestamp!", until)
        return self._selection(alias, _on_branch(history), variables, [fragment])


@dataclass(frozen=True, slots=True)
class CommitTotals(_OfRepository):
    """How many commits each of several windows has, and how many of them by bots: 2 connections a window."""

    windows: tuple[tuple[str, str], ...]  # since, until
    bots: tuple[str, ...]

    def selection(self, alias: str) -> Selection:
        """See Part."""
        variables: dict[str, tuple[str, object]] = {"bots": ("[String!]!", list(self.bots))}
        lines: list[str] = []
        for number, (since, until) in enumerate(self.windows):
            between = f"since: $@since{number}, until: $@until{number}"
            variables[f"since{number}"] = ("GitTimestamp!", since)
            variables[f"until{number}"] = ("GitTimestamp!", until)
            lines.append(f"all{number}: history({between}) {{ totalCount }}")
            lines.append(f"bots{number}: history({between}, author: {{emails: $@bots}}) {{ totalCount }}")
        return self._selection(alias, _on_branch(" ".join(lines)), variables)


@dataclass(frozen=True, slots=True)
class CreationPage(_OfRepository):
    """When the newest 100 issues and the newest 100 pull requests were opened: 2 connections."""

    def selection(self, alias: str) -> Selection:
        """See Part."""
        order = "(first: 100, orderBy: {field: CREATED_AT, direction: DESC})"
        dates = "{ pageInfo { hasNextPage endCursor } nodes { createdAt } }"
        return self._selection(alias, f"issues{order} {dates} pullRequests{order} {dates}", {})


@dataclass(frozen=True, slots=True)
class IssuePage(_OfRepository):
    """Up to 100 issues with who opened them, the newest first: 1 connection."""

    after: str | None = None

    def selection(self, alias: str) -> Selection:
        """See Part."""
        order = "orderBy: {field: CREATED_AT, direction: DESC}"
        body = f"issues(first: 100, after: $@after, {order}) {{ ...IssuePage }}"
        return self._selection(alias, body, {"after": ("String", self.after)}, ["IssuePage"])


@dataclass(frozen=True, slots=True)
class MergedPage(_OfRepository):
    """Up to 100 merged pull requests with whose they are, that to which anything happened last first: 1 connection."""

    after: str | None = None

    def selection(self, alias: str) -> Selection:
        """See Part."""
        order = "orderBy: {field: UPDATED_AT, direction: DESC}"
        body = f"pullRequests(first: 100, after: $@after, states: [MERGED], {order}) {{ ...MergedPage }}"
        return self._selection(alias, body, {"after": ("String", self.after)}, ["MergedPage"])


@dataclass(frozen=True, slots=True)
class Responses:
    """The first ten comments on each of some issues: 1 connection an issue."""

    ids: tuple[str, ...]

    @property
    def pause(self) -> float:
        """None: only searches are waited for."""
        return 0.0

    def selection(self, alias: str) -> Selection:
        """See Part."""
        return Selection(
            f"{alias}: nodes(ids: ${alias}_ids) {{ ...Comments }}",
            {f"{alias}_ids": "[ID!]!"},
            {f"{alias}_ids": list(self.ids)},
            frozenset({"Comments"}),
        )


@dataclass(frozen=True, slots=True)
class SearchCount:
    """How many issues or pull requests a search finds: counted as 1 connection."""

    text: str  # "repo:owner/name is:issue created:2026-10-01..2026-10-31"

    @property
    def pause(self) -> float:
        """See SEARCH_PAUSE."""
        return SEARCH_PAUSE

    def selection(self, alias: str) -> Selection:
        """See Part."""
        return Selection(
            f"{alias}: search(type: ISSUE, query: ${alias}_text, first: 1) {{ issueCount }}",
            {f"{alias}_text": "String!"},
            {f"{alias}_text": self.text},
        )


@dataclass(frozen=True, slots=True)
class Document:
    """A whole query: what is asked of whom."""

    text: str
    variables: Mapping[str, object]
    aliases: tuple[str, ...]  # of the parts, in their order
    pause: float  # seconds to wait before it is sent


def document(parts: Sequence[Part]) -> Document:
    """One query for several parts, each under an alias of its own: p0, p1, …"""
    aliases = tuple(f"p{number}" for number in range(len(parts)))
    selections = [part.selection(alias) for part, alias in zip(parts, aliases, strict=True)]
    declared = ", ".join(f"${name}: {kind}" for one in selections for name, kind in one.types.items())
    fragments = sorted({name for one in selections for name in one.fragments})
    text = "\n".join(
        [
            f"query Groundswell({declared}) {{",
            "  rateLimit { cost limit remaining used resetAt nodeCount }",
            *(f"  {one.body}" for one in selections),
            "}",
            *(_FRAGMENTS[name] for name in fragments),
        ]
    )
    variables = {name: value for one in selections for name, value in one.variables.items()}
    return Document(text, variables, aliases, max((part.pause for part in parts), default=0.0))


def all_documents() -> Mapping[str, str]:
    """Every kind of document that is sent, with two aliases of each part, by the name of what it asks for."""
    start, end = "2026-10-01T00:00:00Z", "2026-10-28T23:59:59Z"
    kinds: Mapping[str, tuple[Part, ...]] = {
        "counters": (Counters("octo/one"), Counters("octo/two")),
        "counters without what was refused": (
            Counters("octo/one", frozenset({"watchers"})),
            Counters("octo/two", frozenset(FRAGILE)),
        ),
        "first pages of commits": (
            CommitPage("octo/one", start, end, companies=True, before=((start, end), (start, end))),
            CommitPage("octo/two", start, end),
        ),
        "further pages of commits": (
            CommitPage("octo/one", start, end, "cursor"),
            CommitPage("octo/two", start, end, "cursor", ("bot@example.org",), companies=True),
        ),
        "first pages of commits, with the month just closed": (
            CommitPage("octo/one", start, end),
            SearchCount("repo:octo/one is:issue created:2026-10-01..2026-10-31"),
            CommitPage("octo/two", start, end),
            CreationPage("octo/two"),
        ),
        "issues and merged pull requests with whose they are": (
            IssuePage("octo/one"),
            MergedPage("octo/one"),
            IssuePage("octo/two", "cursor"),
            MergedPage("octo/two", "cursor"),
        ),
        "first comments": (Responses(("I_one", "I_two")), Responses(("I_three",))),
        "commits of earlier windows": (
            CommitTotals("octo/one", ((start, end), (start, end)), ("bot@example.org",)),
            CommitTotals("octo/two", ((start, end),), ("bot@example.org",)),
        ),
        "issues and pull requests by their dates": (CreationPage("octo/one"), CreationPage("octo/two")),
        "issues and pull requests by searches": (
            SearchCount("repo:octo/one is:issue created:2026-10-01..2026-10-31"),
            SearchCount("repo:octo/one is:pr created:2026-10-01..2026-10-31"),
        ),
    }
    return {name: document(parts).text for name, parts in kinds.items()}


def _on_branch(selection: str) -> str:
    return f"defaultBranchRef {{ target {{ ... on Commit {{ {selection} }} }} }}"
