"""The shapes that GitHub's answers must have before a number is taken from them: no count is negative or a fraction."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StrictBool, StrictInt, TypeAdapter

from groundswell.models import RepositoryFacts, RepositoryState

_NAME: Final = r"^[A-Za-z0-9_-]+/[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$"  # it becomes part of an address

Amount = Annotated[StrictInt, Field(ge=0)]
FullName = Annotated[str, Field(pattern=_NAME)]
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(dt.UTC))]


class Total(BaseModel):
    """A connection of which only the number is asked."""

    totalCount: Amount  # noqa: N815 - the names of this module are GitHub's


class _Named(BaseModel):
    name: str


class _Licence(BaseModel):
    spdxId: str | None = None  # noqa: N815
    name: str | None = None


# --- Counters --------------------------------------------------------------------------------------------------------


class _Topic(BaseModel):
    topic: _Named


class _Topics(BaseModel):
    nodes: list[_Topic | None] | None = None


class _Sponsorable(BaseModel):
    """The owner; an owner of a kind that nobody can sponsor answers an empty object."""

    hasSponsorsListing: StrictBool = False  # noqa: N815
    sponsorshipsAsMaintainer: Total | None = None  # noqa: N815


class RepositoryCounters(BaseModel):
    """The answer to queries.Counters; the last two are missing where they were not asked."""

    id: str
    databaseId: StrictInt | None = None  # noqa: N815
    nameWithOwner: FullName  # noqa: N815
    description: str | None = None
    homepageUrl: str | None = None  # noqa: N815
    createdAt: Moment  # noqa: N815
    archivedAt: Moment | None = None  # noqa: N815
    isArchived: StrictBool  # noqa: N815
    isDisabled: StrictBool  # noqa: N815
    isEmpty: StrictBool  # noqa: N815
    isPrivate: StrictBool  # noqa: N815
    visibility: str
    stargazerCount: Amount  # noqa: N815
    forkCount: Amount  # noqa: N815
    hasIssuesEnabled: StrictBool  # noqa: N815
    hasDiscussionsEnabled: StrictBool  # noqa: N815
    primaryLanguage: _Named | None = None  # noqa: N815
    licenseInfo: _Licence | None = None  # noqa: N815
    issues: Total
    issuesOpen: Total  # noqa: N815
    pullRequests: Total  # noqa: N815
    pullRequestsOpen: Total  # noqa: N815
    pullRequestsMerged: Total  # noqa: N815
    releases: Total
    discussions: Total
    repositoryTopics: _Topics  # noqa: N815
    watchers: Total | None = None
    sponsorable: _Sponsorable | None = None

    @property
    def is_public(self) -> bool:
        """Whether everybody can see it, not only this token."""
        return self.visibility == "PUBLIC" and not self.isPrivate

    @property
    def identity(self) -> str:
        """What survives a rename: GitHub's number of it, which is the same in REST and in GraphQL."""
        return self.id if self.databaseId is None else str(self.databaseId)

    @property
    def facts(self) -> RepositoryFacts:
        """All that is not a number."""
        topics = [one.topic.name for one in self.repositoryTopics.nodes or [] if one is not None]
        return RepositoryFacts(
            id=self.identity,
            name=self.nameWithOwner,
            state=state(archived=self.isArchived, disabled=self.isDisabled, empty=self.isEmpty),
            description=self.description or None,
            homepage=self.homepageUrl or None,
            language=self.primaryLanguage.name if self.primaryLanguage else None,
            licence=licence_label(self.licenseInfo.spdxId, self.licenseInfo.name) if self.licenseInfo else None,
            topics=tuple(topics),
            created=self.createdAt.date(),
            archived=self.archivedAt.date() if self.archivedAt else None,
        )


def licence_label(spdx: str | None, name: str | None) -> str | None:
    """The SPDX identifier of a licence; its name where GitHub knows none ("Other")."""
    return name if spdx in (None, "NOASSERTION") else spdx


def state(*, archived: bool, disabled: bool, empty: bool) -> RepositoryState:
    """The one state that says most: a disabled repository shows nothing, an archived one takes nothing new."""
    if disabled:
        return RepositoryState.DISABLED
    if archived:
        return RepositoryState.ARCHIVED
    return RepositoryState.EMPTY if empty else RepositoryState.ACTIVE


# --- Commits ---------------------------------------------------------------------------------------------------------


class _Account(BaseModel):
    login: str
    company: str | None = None  # asked of the newest commits alone


class Author(BaseModel):
    """Who wrote a commit: `user` is missing for apps and for addresses that belong to no account."""

    name: str | None = None
    email: str | None = None
    user: _Account | None = None


class CommitNode(BaseModel):
    """One commit."""

    committedDate: Moment  # noqa: N815
    author: Author | None = None


class PageInfo(BaseModel):
    """Whether there is more, and where it goes on."""

    hasNextPage: StrictBool  # noqa: N815
    endCursor: str | None = None  # noqa: N815


class CommitHistory(BaseModel):
    """One page of commits, and how many there are in all."""

    totalCount: Amount  # noqa: N815
    pageInfo: PageInfo  # noqa: N815
    nodes: list[CommitNode | None]


class CommitTarget(BaseModel):
    """What the default branch points to, with the answer to queries.CommitPage."""

    history: CommitHistory
    bots: Total | None = None
    before0: Total | None = None
    before1: Total | None = None


class _PageBranch(BaseModel):
    target: CommitTarget


class WithCommits(BaseModel):
    """A repository with a page of commits."""

    defaultBranchRef: _PageBranch  # noqa: N815


class _TotalsBranch(BaseModel):
    target: dict[str, Total]


class WithTotals(BaseModel):
    """A repository with the numbers of queries.CommitTotals: `all0`, `bots0`, `all1`, …"""

    defaultBranchRef: _TotalsBranch  # noqa: N815


# --- Months ----------------------------------------------------------------------------------------------------------


class _Created(BaseModel):
    createdAt: Moment  # noqa: N815


class CreationDates(BaseModel):
    """When the newest ones were opened."""

    pageInfo: PageInfo  # noqa: N815
    nodes: list[_Created | None]

    @property
    def days(self) -> list[dt.date]:
        """The UTC day of each."""
        return [one.createdAt.date() for one in self.nodes if one is not None]


class WithCreationDates(BaseModel):
    """The answer to queries.CreationPage."""

    issues: CreationDates
    pullRequests: CreationDates  # noqa: N815


class SearchTotal(BaseModel):
    """The answer to queries.SearchCount."""

    issueCount: Amount  # noqa: N815


# --- Issues and pull requests ----------------------------------------------------------------------------------------


class Actor(BaseModel):
    """Who did something: a person, an app (`Bot`), …; of a deleted account there is none."""

    typename: str = Field(alias="__typename")
    login: str


class IssueNode(BaseModel):
    """One issue."""

    id: str
    createdAt: Moment  # noqa: N815
    closedAt: Moment | None = None  # noqa: N815
    author: Actor | None = None


class IssueNodes(BaseModel):
    """One page of issues."""

    pageInfo: PageInfo  # noqa: N815
    nodes: list[IssueNode | None]


class WithIssues(BaseModel):
    """The answer to queries.IssuePage."""

    issues: IssueNodes


class MergedNode(BaseModel):
    """One merged pull request."""

    updatedAt: Moment  # noqa: N815
    mergedAt: Moment | None = None  # noqa: N815
    author: Actor | None = None


class MergedNodes(BaseModel):
    """One page of merged pull requests."""

    pageInfo: PageInfo  # noqa: N815
    nodes: list[MergedNode | None]


class WithMerged(BaseModel):
    """The answer to queries.MergedPage."""

    pullRequests: MergedNodes  # noqa: N815


class CommentNode(BaseModel):
    """One comment."""

    createdAt: Moment  # noqa: N815
    author: Actor | None = None


class CommentNodes(BaseModel):
    """The first comments on an issue."""

    pageInfo: PageInfo  # noqa: N815
    nodes: list[CommentNode | None]


class Responded(BaseModel):
    """One issue of the answer to queries.Responses."""

    comments: CommentNodes


COUNTERS: Final = TypeAdapter(RepositoryCounters)
COMMITS: Final = TypeAdapter(WithCommits)
TOTALS: Final = TypeAdapter(WithTotals)
DATES: Final = TypeAdapter(WithCreationDates)
SEARCH: Final = TypeAdapter(SearchTotal)
ISSUES: Final = TypeAdapter(WithIssues)
MERGED: Final = TypeAdapter(WithMerged)
RESPONSES: Final = TypeAdapter(list[Responded | None])
