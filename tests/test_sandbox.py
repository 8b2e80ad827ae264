"""The stand-in for every site: it costs, limits and refuses as the real ones do, and its past stays what it was."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import requests
import yaml
from graphql import GraphQLSchema, build_schema, get_operation_ast, get_variable_values, parse
from graphql.execution.values import VariableValues

from groundswell.http import Broken, Door, Outside, Unreachable
from sandbox import demo, earlier, gallery, generated, hosts, tracker
from sandbox.faults import KINDS, FaultError
from sandbox.github.cost import Cost, cost
from sandbox.github.errors import GitHubError
from sandbox.github.meter import Meter
from sandbox.hosts import Limits, load, own_kinds
from sandbox.model import moment
from sandbox.server import Sandbox, start
from sandbox.world import World

TODAY: Final = gallery.TODAY
TOMORROW: Final = TODAY + dt.timedelta(days=1)
RISER: Final = "lanternworks/brightlantern"
GIANT: Final = "greatharbour/hullspine"
FORMER, RENAMED = "inkbarn/galley-setter", "galleyproof/galleyproof"
TOKEN: Final = {"Authorization": "token invented"}
MONTHS: Final = (
    "SELECT project, toString(month) AS month, sum(count) AS downloads FROM pypi.pypi_downloads_per_month "
    "WHERE project IN ({}) AND month >= '2026-08-01' AND month <= '2026-10-01' "
    "GROUP BY project, month ORDER BY project, month"
)


class Client:
    """Asks a sandbox as the sources would ask the real hosts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()

    def get(
        self, address: str, *, token: bool = True, follow: bool = True, version: str = "2022-11-28"
    ) -> requests.Response:
        """`address` is without https://; `version` is that of GitHub's API."""
        sent = {"X-GitHub-Api-Version": version} | (TOKEN if token else {})
        return self.session.get(f"{self.sandbox.address}/{address}", headers=sent, allow_redirects=follow, timeout=20)

    def query(
        self, text: str, variables: Mapping[str, object] | None = None, *, token: bool = True
    ) -> requests.Response:
        """A GraphQL query."""
        body = {"query": text, "variables": variables or {}}
        address = f"{self.sandbox.address}/api.github.com/graphql"
        return self.session.post(address, json=body, headers=TOKEN if token else {}, timeout=20)

    def data(self, text: str, **variables: object) -> Any:
        """What a query brings without errors."""
        answer = self.query(text, variables).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def months(self, names: str, **more: str) -> requests.Response:
        """The monthly downloads of packages, from ClickHouse."""
        address = f"{self.sandbox.address}/sql-clickhouse.clickhouse.com/"
        sent = {"user": "demo", "default_format": "JSON", **more}
        return self.session.post(address, params=sent, data=MONTHS.format(names), timeout=20)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with start(limits=Limits(points=100_000, requests=100_000)) as sandbox:
        yield sandbox


@pytest.fixture
def client(running: Sandbox) -> Iterator[Client]:
    running.faults.clear()
    running.forget()
    asking = Client(running)
    yield asking
    asking.session.close()
    running.faults.clear()


def alias(name: str, fields: str, called: str = "r0") -> str:
    owner, _, repository = name.partition("/")
    return f'{called}: repository(owner: "{owner}", name: "{repository}") {{ {fields} }}'


def batch(*names: str, fields: str = "nameWithOwner issues { totalCount }") -> str:
    return "{ " + " ".join(alias(name, fields, f"r{place}") for place, name in enumerate(names)) + " }"


ALL: Final = tuple(entry.listed for entry in gallery.PROJECTS)


# --- The documented cost ---------------------------------------------------------------------------------------------

DOCUMENTED: Final = build_schema(
    """
    type Query { viewer: User }
    type User {
      login: String
      repositories(first: Int, last: Int): RepositoryConnection
      followers(first: Int): FollowerConnection
    }
    type RepositoryConnection { edges: [RepositoryEdge] }
    type RepositoryEdge { node: Repository }
    type Repository {
      id: ID
      name: String
      issues(first: Int): IssueConnection
      pullRequests(first: Int): PullRequestConnection
    }
    type IssueConnection { totalCount: Int edges: [IssueEdge] }
    type IssueEdge { node: Issue }
    type Issue { id: ID title: String labels(first: Int): LabelConnection comments(first: Int): CommentConnection }
    type LabelConnection { edges: [LabelEdge] }
    type LabelEdge { node: Label }
    type Label { id: ID name: String }
    type PullRequestConnection { edges: [PullRequestEdge] }
    type PullRequestEdge { node: PullRequest }
    type PullRequest { title: String comments(first: Int): CommentConnection }
    type CommentConnection { edges: [CommentEdge] }
    type CommentEdge { node: Comment }
    type Comment { body: String }
    type FollowerConnection { edges: [FollowerEdge] }
    type FollowerEdge { node: User }
    """
)


LABELS: Final = "{ edges { node { labels(first: 60) { edges { node { id } } } } } }"


def cost_of(text: str, schema: GraphQLSchema = DOCUMENTED) -> Cost:
    document = parse(text)
    operation = get_operation_ast(document)
    assert operation is not None
    variables = get_variable_values(schema, operation.variable_definitions or (), {})
    assert isinstance(variables, VariableValues)
    return cost(schema, document, operation, variables)


def test_cost_of_the_first_documented_example() -> None:
    """100 repositories, 50 issues of each, 60 labels of each: 5,101 requests, 51 points."""
    labels = "labels(first: 60) { edges { node { id name } } }"
    issues = f"issues(first: 50) {{ edges {{ node {{ id {labels} }} }} }}"
    found = cost_of(f"{{ viewer {{ login repositories(first: 100) {{ edges {{ node {{ id {issues} }} }} }} }} }}")
    assert (found.requests, found.points) == (5_101, 51)


def test_nodes_of_the_second_documented_example() -> None:
    """50 repositories, 20 pull requests and 20 issues with 10 comments each, 10 followers: 22,060 nodes."""
    comments = "comments(first: 10) { edges { node { body } } }"
    pulls = f"pullRequests(first: 20) {{ edges {{ node {{ title {comments} }} }} }}"
    issues = f"issues(first: 20) {{ totalCount edges {{ node {{ title {comments} }} }} }}"
    repositories = f"repositories(first: 50) {{ edges {{ node {{ name {pulls} {issues} }} }} }}"
    found = cost_of(f"{{ viewer {{ {repositories} followers(first: 10) {{ edges {{ node {{ login }} }} }} }} }}")
    assert found.nodes == 22_060


def test_cost_is_at_least_a_point_and_rounded() -> None:
    assert Cost(requests=0, nodes=0).points == 1
    assert [Cost(requests, 0).points for requests in (149, 150, 249, 250)] == [1, 2, 2, 3]


def test_cost_counts_a_connection_once_however_often_its_alias_is_written() -> None:
    twice = cost_of("{ viewer { followers(first: 5) { edges { node { login } } } ...F } } fragment F on User "
                    "{ followers(first: 5) { edges { node { login } } } }")  # fmt: skip
    assert (twice.requests, twice.nodes) == (1, 5)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{ viewer { repositories { edges { node { id } } } } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("{ viewer { repositories(first: 101) { edges { node { id } } } } }", "EXCESSIVE_PAGINATION"),
        ("{ viewer { repositories(last: 0) { edges { node { id } } } } }", "INVALID_PAGINATION"),
        (
            f"{{ viewer {{ repositories(first: 100) {{ edges {{ node {{ issues(first: 100) {LABELS} }} }} }} }} }}",
            "MAX_NODE_LIMIT_EXCEEDED",
        ),
    ],
)
def test_cost_refuses_pages_without_or_beyond_bounds(text: str, kind: str) -> None:
    with pytest.raises(GitHubError) as refusal:
        cost_of(text)
    assert refusal.value.kind == kind


def test_github_charges_what_the_formula_says(client: Client) -> None:
    """20 aliases of 8 connections and a page of topics each: 180 requests, 2 points, 400 nodes."""
    counts = " ".join(f"c{place}: issues {{ totalCount }}" for place in range(8))
    fields = f"{counts} repositoryTopics(first: 20) {{ nodes {{ topic {{ name }} }} }}"
    aliases = " ".join(alias(RISER, fields, f"r{place}") for place in range(20))
    before = int(client.query("{ rateLimit { used } }").headers["X-RateLimit-Used"])
    answer = client.query(f"{{ rateLimit {{ cost nodeCount }} {aliases} }}")
    assert answer.json()["data"]["rateLimit"] == {"cost": 2, "nodeCount": 400}
    assert int(answer.headers["X-RateLimit-Used"]) == before + 2
    assert client.sandbox.log[-1].points == 2


# --- GitHub's limits -------------------------------------------------------------------------------------------------


def test_graphql_wants_a_token(client: Client) -> None:
    answer = client.query("{ rateLimit { cost } }", token=False)
    assert (answer.status_code, list(answer.json())) == (401, ["message", "status"])


def test_rest_gives_little_without_a_token(client: Client) -> None:
    answer = client.get(f"api.github.com/repos/{RISER}", token=False)
    assert answer.headers["X-RateLimit-Limit"] == "60"


def test_every_answer_says_what_is_left() -> None:
    with start(limits=Limits(points=7, requests=5)) as sandbox:
        client = Client(sandbox)
        headers = client.query("{ rateLimit { cost } }").headers
        left = {name: headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Used", "Resource")}
        assert left == {"Limit": "7", "Remaining": "6", "Used": "1", "Resource": "graphql"}
        assert 3_500 < int(headers["X-RateLimit-Reset"]) - time.time() <= 3_600
        rest = client.get(f"api.github.com/repos/{RISER}").headers
        assert (rest["X-RateLimit-Remaining"], rest["X-RateLimit-Resource"]) == ("4", "core")
        client.session.close()


def test_used_up_points_are_an_error_under_200() -> None:
    with start(limits=Limits(points=2)) as sandbox:
        client = Client(sandbox)
        answers = [client.query("{ rateLimit { cost } }") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert answers[2].json()["errors"][0]["type"] == "RATE_LIMITED"
        assert "data" not in answers[2].json()
        assert answers[2].headers["X-RateLimit-Remaining"] == "0"
        client.session.close()


def test_used_up_requests_are_a_403() -> None:
    with start(limits=Limits(requests=2)) as sandbox:
        client = Client(sandbox)
        answers = [client.get(f"api.github.com/repos/{RISER}") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 403]
        assert answers[2].headers["X-RateLimit-Remaining"] == "0"
        assert client.query("{ rateLimit { cost } }").json()["data"]["rateLimit"]["cost"] == 1
        client.session.close()


def test_asking_for_the_limits_is_free(client: Client) -> None:
    used = [client.get("api.github.com/rate_limit").json()["resources"]["core"]["used"] for _ in range(2)]
    assert used[0] == used[1]
    assert "rate" in client.get("api.github.com/rate_limit").json()
    newer = client.get("api.github.com/rate_limit", version="2026-03-10").json()
    assert list(newer) == ["resources"]


def test_a_limit_is_whole_again_after_an_hour() -> None:
    now = [1_000.0]
    meter = Meter("core", 1, clock=lambda: now[0])
    assert meter.charge(1) is not None
    assert meter.charge(1) is None
    now[0] += 3_600
    assert meter.charge(1) is not None


# --- GitHub's refusals and partial answers ---------------------------------------------------------------------------


def test_the_list_of_stars_is_refused_to_everybody_and_nulls_the_alias(client: Client) -> None:
    answer = client.query(f"{{ {alias(RISER, 'stargazerCount stargazers(first: 1) { totalCount }')} }}").json()
    assert answer["data"] == {"r0": None}
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("FORBIDDEN", ["r0", "stargazers"])


@pytest.mark.parametrize("what", ["stargazers", "subscribers"])
def test_rest_refuses_the_lists_of_people(client: Client, what: str) -> None:
    assert client.get(f"api.github.com/repos/{RISER}/{what}").status_code == 403


def test_a_missing_repository_costs_only_its_own_alias(client: Client) -> None:
    answer = client.query(batch(RISER, "nobody/nothing", GIANT)).json()
    assert [answer["data"][name] is None for name in ("r0", "r1", "r2")] == [False, True, False]
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["r1"])
    assert error["message"] == "Could not resolve to a Repository with the name 'nobody/nothing'."


def test_an_unknown_node_costs_only_its_own_place(client: Client) -> None:
    known = client.data(batch(RISER, fields="id"))["r0"]["id"]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { nameWithOwner } } }"
    answer = client.query(query, {"ids": [known, "R_nobody"]}).json()
    assert answer["data"]["nodes"] == [{"nameWithOwner": RISER}, None]
    assert (answer["errors"][0]["type"], answer["errors"][0]["path"]) == ("NOT_FOUND", ["nodes", 1])


def test_a_refused_field_nulls_its_repository_and_no_other(client: Client) -> None:
    client.sandbox.order("refused", target=RISER, field="sponsorshipsAsMaintainer")
    sponsors = "sponsorable: owner { ... on Sponsorable { sponsorshipsAsMaintainer { totalCount } } }"
    answer = client.query(batch(RISER, GIANT, fields=sponsors)).json()
    assert answer["data"]["r0"] is None
    assert answer["data"]["r1"]["sponsorable"]["sponsorshipsAsMaintainer"]["totalCount"] == 0
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("FORBIDDEN", ["r0", "sponsorable", "sponsorshipsAsMaintainer"])
    assert client.query(batch(RISER)).json()["data"]["r0"] is not None


def test_a_share_of_the_repositories_can_be_null_and_a_larger_share_holds_the_smaller(client: Client) -> None:
    names = [entry.repository for entry in gallery.PROJECTS]
    nulls: list[set[str]] = []
    for share in (0.0, 0.3, 0.6, 1.0):
        client.sandbox.faults.clear()
        client.sandbox.order("nulls", share=share)
        answer = client.query(batch(*names)).json()
        nulls.append({name for place, name in enumerate(names) if answer["data"][f"r{place}"] is None})
        assert {error["type"] for error in answer.get("errors", [])} <= {"FORBIDDEN"}
    assert nulls[0] == set()
    assert nulls[0] < nulls[1] < nulls[2] < nulls[3] == set(names)


def test_stars_can_be_ordered_to_be_others(client: Client) -> None:
    before = client.data(batch(RISER, GIANT, fields="stargazerCount"))
    client.sandbox.order("recount", target=RISER, factor=1.5)
    after = client.data(batch(RISER, GIANT, fields="stargazerCount"))
    assert after["r0"]["stargazerCount"] == round(1.5 * before["r0"]["stargazerCount"])
    assert after["r1"] == before["r1"]


def test_a_repository_can_be_ordered_away_for_graphql_and_rest(client: Client) -> None:
    client.sandbox.order("missing", target=FORMER)
    assert client.query(batch(RENAMED)).json()["errors"][0]["type"] == "NOT_FOUND"
    assert client.get(f"api.github.com/repos/{RENAMED}").status_code == 404


@pytest.mark.parametrize(
    ("state", "field", "value"),
    [("private", "isPrivate", True), ("empty", "defaultBranchRef", None), ("disabled", "isDisabled", True)],
)
def test_a_repository_can_be_ordered_into_a_state(client: Client, state: str, field: str, value: object) -> None:
    client.sandbox.order("state", target=RISER, state=state)
    fields = "isPrivate isDisabled defaultBranchRef { name }"
    found = client.data(batch(RISER, GIANT, fields=fields))
    assert found["r0"][field] == value
    assert found["r1"][field] != value


def test_resource_limits_give_the_first_aliases_alone(client: Client) -> None:
    client.sandbox.order("resource-limits", aliases=2)
    answer = client.query(batch(*ALL[:4])).json()
    assert [answer["data"][f"r{place}"] is None for place in range(4)] == [False, False, True, True]
    assert {error["type"] for error in answer["errors"]} == {"RESOURCE_LIMITS_EXCEEDED"}
    assert [error["path"] for error in answer["errors"]] == [["r2", "issues"], ["r3", "issues"]]
    assert "errors" not in client.query(batch(*ALL[:2])).json()


def test_a_query_that_times_out_is_charged(client: Client) -> None:
    client.sandbox.order("timeout", aliases=3)
    before = int(client.query(batch(*ALL[:3])).headers["X-RateLimit-Used"])
    answer = client.query(batch(*ALL[:4]))
    assert (answer.status_code, int(answer.headers["X-RateLimit-Used"])) == (502, before + 1)


def test_a_wrong_query_is_not_charged(client: Client) -> None:
    before = client.query("{ rateLimit { used } }").json()["data"]["rateLimit"]["used"]
    answer = client.query("{ nothing }")
    assert answer.status_code == 200
    assert "nothing" in answer.json()["errors"][0]["message"]
    assert client.query("{ rateLimit { used } }").json()["data"]["rateLimit"]["used"] == before + 1


# --- GitHub's repositories -------------------------------------------------------------------------------------------


def test_graphql_follows_a_rename(client: Client) -> None:
    assert client.data(batch(FORMER))["r0"]["nameWithOwner"] == RENAMED
    query = '{ repository(owner: "inkbarn", name: "galley-setter", followRenames: false) { id } }'
    assert client.query(query).json()["errors"][0]["type"] == "NOT_FOUND"


def test_rest_sends_a_renamed_repository_to_its_number(client: Client) -> None:
    first = client.get(f"api.github.com/repos/{FORMER}/stargazers/history?per_page=5&page=2", follow=False)
    number = client.data(batch(RENAMED, fields="databaseId"))["r0"]["databaseId"]
    assert first.status_code == 301
    assert first.headers["Location"].endswith(f"/repositories/{number}/stargazers/history?per_page=5&page=2")
    assert len(client.get(f"api.github.com/repos/{FORMER}/stargazers/history?per_page=5&page=2").json()) == 5


def test_an_owner_has_the_same_sponsors_through_each_of_its_repositories() -> None:
    with start(projects=40) as sandbox:
        client = Client(sandbox)
        names = [entry.repository for entry in generated.mix(40)]
        sponsors = "sponsorshipsAsMaintainer(includePrivate: true) { totalCount }"
        found = client.data(batch(*names, fields=f"owner {{ login ... on Organization {{ {sponsors} }} }}"))
        client.session.close()
    owners = [repository["owner"] for repository in found.values()]
    counts = {(owner["login"], owner["sponsorshipsAsMaintainer"]["totalCount"]) for owner in owners}
    assert len(counts) == len({login for login, _ in counts}) < 40


def test_names_are_found_in_any_case(client: Client) -> None:
    assert client.data(batch(RISER.upper()))["r0"]["nameWithOwner"] == RISER


def test_rest_repeats_githubs_traps(client: Client) -> None:
    """`watchers_count` are the stars again, and `open_issues_count` counts pull requests too."""
    found = client.get(f"api.github.com/repos/{RISER}").json()
    counts = "issues(states: [OPEN]) { totalCount } pullRequests(states: [OPEN]) { totalCount } stargazerCount"
    graph = client.data(batch(RISER, fields=counts))["r0"]
    assert found["watchers_count"] == found["stargazers_count"] == graph["stargazerCount"]
    assert found["open_issues_count"] == graph["issues"]["totalCount"] + graph["pullRequests"]["totalCount"]


def test_star_history_is_newest_first_by_weeks_from_sunday(client: Client) -> None:
    weeks = client.get(f"api.github.com/repos/{RISER}/stargazers/history").json()
    starts = [dt.datetime.fromtimestamp(week["week"], dt.UTC) for week in weeks]
    assert len(weeks) == 30
    assert {start.isoweekday() for start in starts} == {7}
    assert starts[0].date() == TODAY - dt.timedelta(days=TODAY.isoweekday() % 7)
    assert {start - later for start, later in itertools.pairwise(starts)} == {dt.timedelta(weeks=1)}
    assert all(week["total"] == sum(week["days"]) and len(week["days"]) == 7 for week in weeks)


def test_days_to_come_are_zeros_in_the_current_week(client: Client) -> None:
    newest = client.get(f"api.github.com/repos/{GIANT}/stargazers/history").json()[0]
    today = TODAY.isoweekday() % 7
    assert newest["days"][today + 1 :] == [0] * (6 - today)
    assert min(newest["days"][: today + 1]) > 0


def test_all_weeks_together_are_the_stars(client: Client) -> None:
    """Only stars that are still held count, and the pages hold every week since the beginning once."""
    address, weeks = f"{client.sandbox.address}/api.github.com/repos/{RISER}/stargazers/history", []
    while address:
        answer = client.session.get(address, headers=TOKEN, timeout=20)
        weeks += answer.json()
        address = answer.links.get("next", {}).get("url", "")
    assert len({week["week"] for week in weeks}) == len(weeks)
    stars = client.data(batch(RISER, fields="stargazerCount"))["r0"]["stargazerCount"]
    assert sum(week["total"] for week in weeks) == stars
    assert client.get(f"api.github.com/repos/{RISER}/stargazers/count").json() == {"count": stars}


@pytest.mark.parametrize("page", ["0", "-1", "101", "one"])
def test_a_bad_page_of_star_history_is_a_422(client: Client, page: str) -> None:
    assert client.get(f"api.github.com/repos/{RISER}/stargazers/history?page={page}").status_code == 422


def test_pages_of_issues_hold_every_issue_once_newest_first(client: Client) -> None:
    fields = "issues(first: 100, after: $after, orderBy: {field: CREATED_AT, direction: DESC})"
    query = "query ($after: String) {" + alias(
        "quietcellar/underpipe",
        f"{fields} {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ number createdAt state }} }}",
    ) + "}"  # fmt: skip
    after, issues, more = None, [], True
    while more:
        page = client.data(query, after=after)["r0"]["issues"]
        issues += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len({issue["number"] for issue in issues}) == len(issues) == page["totalCount"]
    assert [issue["createdAt"] for issue in issues] == sorted((one["createdAt"] for one in issues), reverse=True)
    states = client.data(
        batch("quietcellar/underpipe", fields="o: issues(states: [OPEN]) { totalCount }")
    )["r0"]["o"]["totalCount"]  # fmt: skip
    assert sum(issue["state"] == "OPEN" for issue in issues) == states


@pytest.mark.parametrize(("word", "field"), [("issue", "issues"), ("pr", "pullRequests")])
def test_searches_count_what_the_pages_hold(client: Client, word: str, field: str) -> None:
    order = "(first: 100, orderBy: {field: CREATED_AT, direction: DESC})"
    nodes = client.data(batch("brightday/suddenbloom", fields=f"{field}{order} {{ nodes {{ createdAt }} }}"))
    opened = [node["createdAt"][:7] for node in nodes["r0"][field]["nodes"]]
    search = "query ($q: String!) { search(type: ISSUE, query: $q, first: 1) { issueCount } }"
    text = f"repo:brightday/suddenbloom is:{word} created:2026-10-01..2026-10-31"
    assert client.data(search, q=text)["search"]["issueCount"] == opened.count("2026-10") > 5


def test_a_search_knows_neither_former_names_nor_words_it_was_not_taught(client: Client) -> None:
    search = "query ($q: String!) { search(type: ISSUE, query: $q, first: 1) { issueCount } }"
    assert client.data(search, q=f"repo:{FORMER} is:issue created:>=2020-01-01")["search"]["issueCount"] == 0
    assert client.query(search, {"q": f"repo:{RISER} label:bug"}).json()["errors"]


COMMITS: Final = (
    "totalCount pageInfo { hasNextPage endCursor } nodes { oid committedDate author { email user { login } } }"
)


def history(client: Client, name: str, arguments: str, after: str | None = None, fields: str = COMMITS) -> Any:
    target = (
        f"defaultBranchRef {{ target {{ ... on Commit {{ history(after: $after, {arguments}) {{ {fields} }} }} }} }}"
    )
    data = client.data(f"query ($after: String) {{ {alias(name, target)} }}", after=after)
    return data["r0"]["defaultBranchRef"]["target"]["history"]


def test_pages_of_commits_hold_every_commit_of_the_window_once(client: Client) -> None:
    window = 'first: 100, since: "2026-10-24T00:00:00Z", until: "2026-11-19T23:59:59Z"'
    page = history(client, RISER, window)
    commits = list(page["nodes"])
    while page["pageInfo"]["hasNextPage"]:
        page = history(client, RISER, window, page["pageInfo"]["endCursor"])
        commits += page["nodes"]
    dates = [commit["committedDate"] for commit in commits]
    assert len({commit["oid"] for commit in commits}) == len(commits) == page["totalCount"] > 200
    assert dates == sorted(dates, reverse=True)
    assert min(dates) >= "2026-10-24T00:00:00Z"
    assert max(dates) <= "2026-11-19T23:59:59Z"


def test_commits_by_an_address_are_counted_as_the_pages_hold_them(client: Client) -> None:
    window = 'since: "2026-11-10T00:00:00Z", until: "2026-11-12T00:00:00Z"'
    nodes = history(client, RISER, f"first: 100, {window}")["nodes"]
    for email in {node["author"]["email"] for node in nodes}:
        found = history(client, RISER, f'author: {{emails: ["{email}"]}}, {window}', fields="totalCount")
        assert found["totalCount"] == sum(node["author"]["email"] == email for node in nodes)


def test_bots_commit_under_logins_and_under_addresses_alone(client: Client) -> None:
    nodes = history(client, GIANT, "first: 100")["nodes"]
    logins = {node["author"]["user"]["login"] for node in nodes if node["author"]["user"]}
    unknown = {node["author"]["email"] for node in nodes if node["author"]["user"] is None}
    assert any(login.endswith("[bot]") for login in logins)
    assert any("bot" in email for email in unknown)
    assert any("bot" not in email for email in unknown), "people without an account commit too"


def test_the_giant_has_more_than_2000_commits_a_month_and_answers_at_once(client: Client) -> None:
    window = 'first: 100, since: "2026-10-23T06:00:00Z"'
    history(client, GIANT, window)
    started = time.process_time()
    assert history(client, GIANT, window)["totalCount"] > 2_000
    assert time.process_time() - started < 1


def test_a_batch_of_20_repositories_is_answered_in_well_under_a_second() -> None:
    with start(projects=20) as sandbox:
        client = Client(sandbox)
        names = [entry.repository for entry in generated.mix(20)]
        fields = f"stargazerCount forkCount watchers {{ totalCount }} issues {{ totalCount }} {_commit_page()}"
        client.query(batch(*names, fields=fields))
        started = time.process_time()
        assert "errors" not in client.query(batch(*names, fields=fields)).json()
        assert time.process_time() - started < 1
        client.session.close()


def _commit_page() -> str:
    return f"defaultBranchRef {{ target {{ ... on Commit {{ history(first: 50) {{ {COMMITS} }} }} }} }}"


# --- Registries ------------------------------------------------------------------------------------------------------


def overall(client: Client, package: str, mirrors: str = "false") -> dict[str, int]:
    answer = client.get(f"pypistats.org/api/packages/{package}/overall?mirrors={mirrors}").json()
    return {row["date"]: row["downloads"] for row in answer["data"]}


def test_pypistats_gives_180_days_until_yesterday(client: Client) -> None:
    days = overall(client, "brightlantern")
    assert len(days) == 180
    assert max(days) == str(TODAY - dt.timedelta(days=1))
    mirrored = overall(client, "brightlantern", "true")
    assert all(mirrored[day] > downloads for day, downloads in days.items())


def test_pypistats_answers_an_unknown_package_with_a_bare_404(client: Client) -> None:
    answer = client.get("pypistats.org/api/packages/nobody-made-this/overall?mirrors=false")
    assert (answer.status_code, answer.text) == (404, "404")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_pypistats_leaves_days_out(client: Client) -> None:
    assert len(overall(client, "holeycloth")) == 180 - 7


def test_clickhouse_counts_mirrors_and_every_month(client: Client) -> None:
    answer = client.months("'brightlantern', 'nobody-made-this'").json()
    assert [row["month"] for row in answer["data"]] == ["2026-08-01", "2026-09-01", "2026-10-01"]
    october = sum(count for day, count in overall(client, "brightlantern").items() if day.startswith("2026-10"))
    assert 1.02 < int(answer["data"][2]["downloads"]) / october < 1.2
    assert answer["meta"][2] == {"name": "downloads", "type": "Int64"}
    assert answer["rows"] == 3


def test_clickhouse_quotes_64_bit_integers_unless_told_not_to(client: Client) -> None:
    quoted = client.months("'brightlantern'").json()["data"][0]["downloads"]
    plain = client.months("'brightlantern'", output_format_json_quote_64bit_integers="0").json()["data"][0]["downloads"]
    assert isinstance(quoted, str)
    assert int(quoted) == plain


@pytest.mark.parametrize(
    ("query", "user", "status"),
    [
        ("SELECT 1", "demo", 400),
        ("SELECT project, month FROM pypi.other WHERE project IN ('a') GROUP BY project, month", "demo", 400),
        (MONTHS.format("'a'") + "; DROP TABLE pypi.pypi_downloads_per_month", "demo", 400),
        (MONTHS.format("'a'").replace("sum(count)", "load_extension(count)"), "demo", 400),
        (MONTHS.format("'a'"), "admin", 403),
    ],
)
def test_clickhouse_answers_one_shape_of_query_alone(client: Client, query: str, user: str, status: int) -> None:
    address = f"{client.sandbox.address}/sql-clickhouse.clickhouse.com/?user={user}"
    answer = client.session.post(address, data=query, timeout=20)
    assert answer.status_code == status
    assert answer.text.startswith("Code: ")


def npm(client: Client, period: str, names: str) -> requests.Response:
    return client.get(f"api.npmjs.org/downloads/range/{period}/{names}")


def test_npm_counts_until_the_day_before_yesterday(client: Client) -> None:
    """Later days are given as 0, and so is a day that npm failed to count."""
    days = npm(client, f"2026-10-01:{TODAY}", "holeycloth").json()["downloads"]
    zeros = [day["day"] for day in days if day["downloads"] == 0]
    assert zeros == ["2026-10-30", "2026-10-31", "2026-11-11", "2026-11-19", "2026-11-20"]
    assert client.get("api.npmjs.org/downloads/point/last-week/holeycloth").json()["end"] == "2026-11-18"


def test_npm_gives_null_for_an_unknown_name_in_bulk_and_404_alone(client: Client) -> None:
    bulk = npm(client, "2026-11-01:2026-11-05", "holeycloth,nobody-made-this").json()
    assert bulk["nobody-made-this"] is None
    assert [day["day"] for day in bulk["holeycloth"]["downloads"]] == [f"2026-11-0{day}" for day in range(1, 6)]
    alone = npm(client, "2026-11-01:2026-11-05", "nobody-made-this")
    assert (alone.status_code, alone.json()) == (404, {"error": "package nobody-made-this not found"})


@pytest.mark.parametrize("name", ["@steadyhand/tallybench", "@steadyhand%2Ftallybench"])
def test_npm_answers_a_scoped_name_alone_and_never_in_bulk(client: Client, name: str) -> None:
    assert npm(client, "2026-11-01:2026-11-05", name).json()["package"] == "@steadyhand/tallybench"
    bulk = npm(client, "2026-11-01:2026-11-05", f"holeycloth,{name}")
    assert (bulk.status_code, list(bulk.json())) == (400, ["error"])


def test_npm_bounds_names_and_days(client: Client) -> None:
    names = ",".join(f"n{place}" for place in range(129))
    assert "128" in npm(client, "2026-11-01:2026-11-05", names).json()["error"]
    assert "365" in npm(client, "2025-11-01:2026-11-05", "holeycloth,underpipe").json()["error"]
    alone = npm(client, "2020-01-01:2026-11-18", "holeycloth").json()
    assert (alone["start"], alone["downloads"][0]["day"]) == ("2025-05-18", "2025-05-18")


def test_npm_counts_the_whole_registry(client: Client) -> None:
    whole = client.get("api.npmjs.org/downloads/point/2026-11-01:2026-11-02").json()
    assert whole["downloads"] > 1e10
    assert "package" not in whole


def test_a_host_without_a_stand_in_is_named(client: Client) -> None:
    answer = client.get("crates.example/api")
    assert answer.status_code == 501
    assert "crates.example" in answer.json()["message"]


# --- The model -------------------------------------------------------------------------------------------------------


def given(client: Client) -> dict[str, Any]:
    """Days that are over, as every host gives them."""
    window = 'first: 100, since: "2026-10-20T00:00:00Z", until: "2026-11-19T23:59:59Z"'
    last = "2026-11-18"
    return {
        "pypistats": {
            day: count for day, count in overall(client, "brightlantern").items() if "2026-06" <= day <= last
        },
        "npm": npm(client, f"2026-01-01:{last}", "underpipe").json(),
        "clickhouse": client.months("'underpipe','hullspine'").json(),
        "commits": history(client, RISER, window)["nodes"],
        "issues": client.data(
            'query { search(type: ISSUE, query: "repo:steadyhand/tallybench is:pr created:2026-09-01..2026-11-19", '
            "first: 1) { issueCount } }"
        ),
    }


def test_the_same_seed_and_day_give_the_same_figures_and_another_seed_others() -> None:
    found = []
    for seed in (1, 1, 2):
        with start(seed=seed) as sandbox:
            client = Client(sandbox)
            found.append(given(client))
            client.session.close()
    assert found[0] == found[1]
    assert all(found[0][part] != found[2][part] for part in found[0])


def test_days_that_were_given_do_not_change_when_the_day_moves_on() -> None:
    """Neither in a sandbox that goes on, nor in one that is started on a later day, nor far beyond."""
    with start() as sandbox:
        client = Client(sandbox)
        before = given(client)
        sandbox.move_to(TOMORROW)
        assert given(client) == before
        client.session.close()
    for later in (TOMORROW, TODAY + dt.timedelta(days=5)):
        with start(today=later) as sandbox:
            client = Client(sandbox)
            assert given(client) == before
            client.session.close()


def test_a_later_world_has_the_same_past() -> None:
    """Also when it lies beyond the days that the first world has made."""
    first = World(gallery.PROJECTS, TODAY)
    second = first.on(TODAY + dt.timedelta(days=400))
    for entry in gallery.PROJECTS:
        one, other = first.repository(entry.repository), second.repository(entry.repository)
        assert one is not None
        assert other is not None
        for series in ("stars", "watchers"):
            assert getattr(one.series, series).level(first.now) == getattr(other.series, series).level(first.now)
        assert one.series.commits.arrivals.until(first.now) == other.series.commits.arrivals.until(first.now)
        assert one.releases == tuple(release for release in other.releases if release.when <= first.now)


@pytest.mark.parametrize("name", ["oldmill/creakwheel", "steadyhand/tallybench"])
def test_star_history_of_a_past_week_only_ever_shrinks(name: str) -> None:
    """It counts the stars still held; the level of a day, once seen, is the one that was true."""
    with start() as sandbox:
        client = Client(sandbox)
        address = f"api.github.com/repos/{name}/stargazers/history?page=2"
        before = {week["week"]: week["total"] for week in client.get(address).json()}
        sandbox.move_to(TODAY + dt.timedelta(days=28))
        after = {week["week"]: week["total"] for week in client.get(address).json()}
        client.session.close()
    shared = before.keys() & after.keys()
    assert all(after[week] <= before[week] for week in shared)
    assert sum(after[week] for week in shared) < sum(before[week] for week in shared)


def growth(name: str, series: str) -> float:
    """Of a level, over the 28 days to the gallery's day."""
    world = World(gallery.PROJECTS, TODAY)
    project = world.repository(name)
    assert project is not None
    stock = getattr(project.series, series)
    return float(stock.level(world.now) / stock.level(world.now - 28 * 86_400) - 1)


def downloads_growth(name: str) -> float:
    world = World(gallery.PROJECTS, TODAY)
    project = world.repository(name)
    assert project is not None
    registry = "pypi" if project.entry.pypi else "npm"
    counts = project.series.downloads(getattr(project.entry, registry)[0], registry)
    place = TODAY.toordinal() - counts.first
    return float(counts.counts[place - 28 : place].sum() / counts.counts[place - 56 : place - 28].sum() - 1)


def test_the_gallery_shows_what_it_says() -> None:
    """The riser rises, the faller falls, the giant stands; attention and use part where they should."""
    stars = {entry.repository: growth(entry.repository, "stars") for entry in gallery.PROJECTS}
    assert stars[RISER] > 0.08
    assert stars["oldmill/creakwheel"] < -0.004
    assert abs(stars[GIANT]) < 0.015
    assert stars["glassfront/showpane"] > 0.05 > abs(downloads_growth("glassfront/showpane"))
    assert downloads_growth("quietcellar/underpipe") > 0.1 > stars["quietcellar/underpipe"]
    assert stars["brightday/suddenbloom"] > 0.5
    assert downloads_growth("oldmill/creakwheel") < -0.05


def test_every_project_has_the_stars_that_the_table_says() -> None:
    world = World(gallery.PROJECTS, TODAY)
    for entry in gallery.PROJECTS:
        project = world.repository(entry.repository)
        assert project is not None
        assert project.series.stars.level(world.now) == pytest.approx(entry.stars, rel=0.06)


def test_the_gallery_has_a_renamed_an_archived_and_a_young_project(client: Client) -> None:
    found = client.data(batch("lastlight/duskbox", "firstfrost/sproutling", fields="isArchived archivedAt createdAt"))
    assert found["r0"]["isArchived"]
    assert found["r0"]["archivedAt"].startswith("2026-09-06")
    assert found["r1"]["createdAt"] > "2026-10"


def test_newcomers_return_to_one_project_and_not_to_another() -> None:
    world = World(gallery.PROJECTS, TODAY)
    shares = {}
    for name in ("revolvingdoor/turnspindle", "steadyhand/tallybench"):
        project = world.repository(name)
        assert project is not None
        log = project.series.commits
        months = [
            {
                commit.author
                for commit in log.made(log.window(world.now, world.now - back, world.now - back + 28 * 86_400))
            }
            for back in (56 * 86_400, 28 * 86_400)
        ]
        shares[name] = len(months[0] & months[1]) / len(months[0])
    assert shares["revolvingdoor/turnspindle"] < 0.25 < shares["steadyhand/tallybench"]


def test_figures_stay_in_bounds_years_later() -> None:
    world = World(gallery.PROJECTS, TODAY + dt.timedelta(days=2_000))
    for entry in gallery.PROJECTS:
        project = world.repository(entry.repository)
        assert project is not None
        assert 0 < project.series.stars.level(world.now) < 20 * entry.stars + 50_000


def test_a_project_is_not_there_before_its_first_day() -> None:
    assert World(gallery.PROJECTS, TODAY - dt.timedelta(days=44)).repository("firstfrost/sproutling") is None


# --- Tracker files and generated projects ----------------------------------------------------------------------------


def test_the_committed_tracker_file_fits_the_gallery() -> None:
    assert tracker.FILE.read_text(encoding="utf-8") == tracker.HEAD + tracker.text(gallery.PROJECTS)


def test_a_tracker_file_names_every_project_and_says_that_they_are_invented() -> None:
    content = yaml.safe_load(tracker.text(generated.mix(40)))
    assert content["tracker"]["notice"].startswith("Invented projects with invented figures")
    assert [project["github"] for project in content["projects"]] == [one.repository for one in generated.mix(40)]


def test_generated_projects_are_a_plausible_mix_and_stay_the_same_in_larger_numbers() -> None:
    projects = generated.mix(1_000)
    assert projects[:10] == generated.mix(10)
    stars = sorted(project.stars for project in projects)
    assert stars[100] < 1_000 < stars[500] < 10_000 < stars[950]
    assert 300 < sum(bool(project.npm) for project in projects) < 500
    assert sum(project.npm[0].name.startswith("@") for project in projects if project.npm) > 50
    assert len({project.repository for project in projects}) == 1_000


def test_a_thousand_generated_projects_start_quickly_and_have_an_id_each() -> None:
    started = time.process_time()
    world = World(generated.mix(1_000), TODAY)
    assert time.process_time() - started < 2
    assert len({world.repository(entry.repository).number for entry in world.entries}) == 1_000  # type: ignore[union-attr]


# --- Faults ----------------------------------------------------------------------------------------------------------

PACKAGE: Final = "pypistats.org/api/packages/brightlantern/overall?mirrors=false"


def test_a_status_comes_with_or_without_retry_after(client: Client) -> None:
    client.sandbox.order("status", host="pypistats.org", status=503, retry_after=7, times=1)
    client.sandbox.order("status", host="api.npmjs.org", status=500)
    first = client.get(PACKAGE)
    assert (first.status_code, first.headers["Retry-After"]) == (503, "7")
    other = npm(client, "last-week", "underpipe")
    assert other.status_code == 500
    assert "Retry-After" not in other.headers


def test_a_fault_is_used_up_after_so_many_times(client: Client) -> None:
    client.sandbox.order("status", host="pypistats.org", times=2)
    assert [client.get(PACKAGE).status_code for _ in range(4)] == [500, 500, 200, 200]
    assert client.sandbox.faults.in_force() == ()


def test_a_fault_meets_only_the_host_the_path_or_the_name_it_is_meant_for(client: Client) -> None:
    client.sandbox.order("status", path="/range/")
    client.sandbox.order("html", target="@steadyhand/tallybench", status=429)
    assert client.get(PACKAGE).status_code == 200
    assert npm(client, "last-week", "underpipe").status_code == 500
    assert client.get("api.npmjs.org/downloads/point/last-week/underpipe").status_code == 200
    assert client.get("api.npmjs.org/downloads/point/last-week/@steadyhand/tallybench").status_code == 429


def test_a_fault_of_a_repository_meets_every_batch_that_holds_it(client: Client) -> None:
    client.sandbox.order("status", target=RISER, status=502)
    assert client.query(batch(GIANT, RISER)).status_code == 502
    assert client.query(batch(GIANT)).status_code == 200


def test_html_comes_under_any_status(client: Client) -> None:
    client.sandbox.order("html", host="api.npmjs.org", status=429)
    answer = npm(client, "last-week", "underpipe")
    assert (answer.status_code, answer.headers["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(("kind", "text"), [("null", "null"), ("empty", "[]")])
def test_null_and_an_empty_list_are_good_json_and_no_answer(client: Client, kind: str, text: str) -> None:
    client.sandbox.order(kind, host="pypistats.org")
    answer = client.get(PACKAGE)
    assert (answer.status_code, answer.text) == (200, text)


def test_any_body_can_be_ordered(client: Client) -> None:
    client.sandbox.order("body", host="pypistats.org", text='{"data": "surprise"}', status=201)
    assert client.get(PACKAGE).json() == {"data": "surprise"}


@pytest.mark.parametrize(
    ("kind", "expected"), [("negative", lambda n: n < 0), ("zeros", lambda n: n == 0), ("wrong-type", "many".__eq__)]
)
def test_figures_can_be_spoilt(client: Client, kind: str, expected: Any) -> None:
    client.sandbox.order(kind)
    assert all(expected(count) for count in overall(client, "brightlantern").values())
    spoilt = client.months("'brightlantern'").json()["data"][0]["downloads"]
    assert expected(spoilt if kind == "wrong-type" else int(spoilt))
    assert client.data("{ rateLimit { limit } }")["rateLimit"]["limit"] > 0


def test_broken_json_comes_whole_and_truncated_json_does_not(client: Client) -> None:
    client.sandbox.order("broken", host="pypistats.org", times=1)
    with pytest.raises(json.JSONDecodeError):
        json.loads(client.get(PACKAGE).content)
    client.sandbox.order("truncated", host="pypistats.org", times=1)
    with pytest.raises(requests.exceptions.RequestException):
        client.get(PACKAGE)


def test_a_connection_can_be_reset(client: Client) -> None:
    client.sandbox.order("reset", host="pypistats.org", times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get(PACKAGE)
    assert client.get(PACKAGE).status_code == 200


def test_an_answer_can_be_late_or_drip(client: Client) -> None:
    client.sandbox.order("delay", host="pypistats.org", seconds=0.3, times=1)
    started = time.monotonic()
    client.get(PACKAGE)
    assert time.monotonic() - started >= 0.3
    client.sandbox.order("drip", path="nobody", bytes=1, pause=0.1, times=1)
    started = time.monotonic()
    assert client.get("pypistats.org/api/packages/nobody/overall").text == "404"
    assert time.monotonic() - started >= 0.2


def test_an_answer_can_be_huge(client: Client) -> None:
    client.sandbox.order("huge", host="pypistats.org", megabytes=3)
    answer = client.get(PACKAGE)
    assert len(answer.content) > 3 * 2**20
    assert answer.json()["type"] == "overall_downloads"


def test_a_request_can_be_sent_elsewhere(client: Client) -> None:
    client.sandbox.order("redirect", host="pypistats.org")
    answer = client.get(PACKAGE, follow=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://elsewhere.invalid/")


def test_a_limit_can_be_reached_after_so_many_points_or_requests() -> None:
    with start(faults=["points after=1", "requests after=2"]) as sandbox:
        client = Client(sandbox)
        assert [list(client.query("{ rateLimit { cost } }").json()) for _ in range(2)] == [["data"], ["errors"]]
        assert [client.get(f"api.github.com/repos/{RISER}").status_code for _ in range(3)] == [200, 200, 403]
        client.session.close()


def test_a_secondary_limit_says_how_long_to_wait_or_does_not(client: Client) -> None:
    client.sandbox.order("secondary", retry_after=3, times=1)
    answer = client.query(batch(RISER))
    assert (answer.status_code, answer.headers["Retry-After"]) == (403, "3")
    assert "secondary rate limit" in answer.json()["message"]


def test_the_past_can_be_counted_anew(client: Client) -> None:
    before = overall(client, "brightlantern")
    client.sandbox.order("recounted", host="pypistats.org", factor=0.5)
    assert overall(client, "brightlantern") == {day: round(amount * 0.5) for day, amount in before.items()}


def test_two_faults_can_meet_one_request(client: Client) -> None:
    client.sandbox.order("zeros", host="pypistats.org")
    client.sandbox.order("delay", host="pypistats.org", seconds=0.2)
    started = time.monotonic()
    assert set(overall(client, "brightlantern").values()) == {0}
    assert time.monotonic() - started >= 0.2


def test_every_kind_of_fault_has_a_test_here() -> None:
    """One that is ordered nowhere in this file has never been seen at work."""
    text = Path(__file__).read_text(encoding="utf-8")
    kinds = {**KINDS, **own_kinds(load())}
    assert [kind for kind in kinds if f'"{kind}"' not in text and f'"{kind} ' not in text] == []


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("hail host=pypistats.org", "there is no fault 'hail'"),
        ("status wind=3", "status has no setting 'wind'"),
        ("status host", "not of the form name=value"),
        ("status times=0", "above 0"),
        ("state state=drunk", "must be one of: private, empty, disabled, archived"),
        ("", "no fault ''"),
    ],
)
def test_a_wrong_order_is_refused_with_what_is_wrong(order: str, said: str) -> None:
    with pytest.raises(FaultError, match=said):
        start(faults=[order])


def test_the_projects_own_door_meets_the_faults_as_it_would_meet_the_real_ones(client: Client) -> None:
    door = Door(Outside(stand_in=client.sandbox.address))
    address = "https://pypistats.org/api/packages/brightlantern/overall"
    assert isinstance(door.json(address, params={"mirrors": "false"}), dict)
    client.sandbox.order("redirect", host="pypistats.org", times=1)
    with pytest.raises(Broken, match="another host"):
        door.json(address)
    client.sandbox.order("status", host="pypistats.org", status=503)
    with pytest.raises(Unreachable):
        door.json(address)
    door.close()


# --- A further host --------------------------------------------------------------------------------------------------


def test_a_module_in_the_folder_of_hosts_is_a_stand_in_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With faults of its own, and with those that every host can have."""
    (tmp_path / "invented.py").write_text(INVENTED, encoding="utf-8")
    monkeypatch.setattr(hosts, "__path__", [*hosts.__path__, str(tmp_path)])
    try:
        with start(faults=["shout times=1", "null host=invented.example path=/quiet"]) as sandbox:
            client = Client(sandbox)
            answers = [client.get(f"invented.example/{path}").json() for path in ("a", "a", "quiet")]
            assert answers == [f"A ON {TODAY}", f"a on {TODAY}", None]
            client.session.close()
    finally:
        sys.modules.pop("sandbox.hosts.invented", None)


INVENTED: Final = """
from sandbox.exchange import Asked, as_json
from sandbox.faults import Kind

HOST = "invented.example"
FAULTS = {"shout": Kind("in capitals", host=HOST)}


class Attendant:
    def __init__(self, world):
        self.world = world

    def asked(self, request):
        return Asked()

    def answer(self, request, faults):
        said = f"{request.path[1:]} on {self.world.today}"
        return as_json(said.upper() if any(fault.kind == "shout" for fault in faults) else said)


def attend(world, limits):
    return Attendant(world)
"""


# --- Over HTTP, and from the command line ----------------------------------------------------------------------------


def test_faults_are_ordered_listed_and_taken_back_over_http(client: Client) -> None:
    address = f"{client.sandbox.address}/_sandbox/faults"
    order = {"kind": "html", "host": "pypistats.org", "status": 429, "times": 3}
    assert requests.post(address, json=order, timeout=20).json() == {"faults": [order]}
    assert client.get(PACKAGE).status_code == 429
    assert requests.get(address, timeout=20).json() == {"faults": [order | {"times": 2}]}
    wrong = requests.post(address, json={"kind": "hail"}, timeout=20)
    assert wrong.status_code == 400
    assert "hail" in wrong.json()["error"]
    assert requests.delete(address, timeout=20).json() == {"faults": []}
    assert client.get(PACKAGE).status_code == 200


def test_the_log_tells_what_was_asked_and_charged(client: Client) -> None:
    client.query(batch(RISER, FORMER))
    npm(client, "last-week", "underpipe,nobody-made-this")
    log = requests.get(f"{client.sandbox.address}/_sandbox/log", timeout=20).json()["requests"]
    seen: list[Mapping[str, Any]] = [
        {name: one[name] for name in ("host", "status", "points", "size", "names")} for one in log
    ]
    assert seen == [
        {
            "host": "api.github.com",
            "status": 200,
            "points": 1,
            "size": 2,
            "names": sorted([RISER, FORMER, RENAMED]),
        },
        {
            "host": "api.npmjs.org",
            "status": 200,
            "points": 0,
            "size": 2,
            "names": ["nobody-made-this", "underpipe"],
        },
    ]
    requests.delete(f"{client.sandbox.address}/_sandbox/log", timeout=20)
    assert client.sandbox.log == ()


def test_the_day_moves_on_over_http_with_fresh_limits() -> None:
    with start(limits=Limits(points=1)) as sandbox:
        client = Client(sandbox)
        stars = client.data(batch(RISER, fields="stargazerCount"))["r0"]["stargazerCount"]
        assert "errors" in client.query(batch(RISER)).json()
        address = f"{sandbox.address}/_sandbox/today"
        assert requests.post(address, json={"today": str(TOMORROW)}, timeout=20).json() == {"today": str(TOMORROW)}
        assert client.data(batch(RISER, fields="stargazerCount"))["r0"]["stargazerCount"] > stars
        client.session.close()


def test_the_command_serves_prints_its_address_and_writes_the_tracker_file(tmp_path: Path) -> None:
    file = tmp_path / "projects.yaml"
    command = [sys.executable, "-m", "sandbox", "--projects", "3", "--tracker", str(file), "--fault", "null times=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tracker.FILE.parents[1]) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        name = yaml.safe_load(file.read_text(encoding="utf-8"))["projects"][2]["github"]
        answers = [requests.get(f"{address}/api.github.com/repos/{name}", timeout=20).json() for _ in range(2)]
        process.terminate()
    assert answers[0] is None
    assert answers[1]["full_name"] == name


def test_the_command_refuses_a_wrong_fault() -> None:
    command = [sys.executable, "-m", "sandbox", "--fault", "hail"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tracker.FILE.parents[1])
    assert ended.returncode == 2
    assert "there is no fault 'hail'" in ended.stderr


# --- The demo --------------------------------------------------------------------------------------------------------


class MainJob:
    """Takes the place of the main job: notes how it was started, and asks the sandbox as it would."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.commands: list[list[str]] = []
        self.token = ""
        self.imported = ""
        self.projects = ""
        self.stars = 0

    def __call__(self, command: list[str], env: dict[str, str], check: bool) -> subprocess.CompletedProcess[str]:
        assert not check
        self.commands.append(command[1:])
        self.token = env["GITHUB_TOKEN"]
        if "import-history" in command:
            self.imported = Path(command[3]).read_text(encoding="utf-8")
            return subprocess.CompletedProcess(command, 0)
        self.projects = Path(command[command.index("--projects") + 1]).read_text(encoding="utf-8")
        address = command[command.index("--stand-in") + 1]
        found = requests.get(f"{address}/api.github.com/repos/{RISER}", timeout=20).json()
        self.stars = found["stargazers_count"]
        return subprocess.CompletedProcess(command, self.status)


def test_the_demo_runs_the_main_job_on_the_sandbox_and_passes_its_exit_status_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = MainJob(status=3)
    monkeypatch.setattr(subprocess, "run", job)
    places = ["--history", str(tmp_path / "history"), "--site", str(tmp_path / "site")]
    assert demo.main([*places, "--past", "0", "--today", "2026-11-21"]) == 3
    ((script, *rest),) = job.commands
    assert Path(script).name == "generate.py"
    assert rest[0] == "--projects"
    assert Path(rest[1]).name == tracker.FILE.name, "a copy, beside the owners' tables of that day"
    assert job.projects == tracker.FILE.read_text(encoding="utf-8")
    assert rest[2:6] == places
    assert rest[-2:] == ["--today", "2026-11-21"]
    assert job.token
    assert job.stars > 9_000
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_the_demo_says_in_two_lines_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subprocess, "run", MainJob(status=0))
    monkeypatch.setattr(demo, "HISTORY", tmp_path / "history")
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "old.csv").write_text("old", encoding="utf-8")
    assert demo.main(["--history", str(tmp_path / "history")]) == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 2
    assert "site/index.html" in said
    assert "make serve" in said
    assert not (tmp_path / "history").exists(), "its own history begins from nothing each time"


def test_the_demo_removes_no_history_but_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = MainJob(status=0)
    monkeypatch.setattr(subprocess, "run", job)
    (tmp_path / "precious.csv").write_text("kept", encoding="utf-8")
    assert demo.main(["--history", str(tmp_path)]) == 2
    assert "--keep" in capsys.readouterr().err
    assert job.commands == []
    assert demo.main(["--history", str(tmp_path), "--keep"]) == 0
    assert (tmp_path / "precious.csv").read_text(encoding="utf-8") == "kept"


def test_the_demo_can_import_an_earlier_past_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weekly levels as they were then: more stars than the star history will show for the project that loses them."""
    job = MainJob(status=0)
    monkeypatch.setattr(subprocess, "run", job)
    assert demo.main(["--history", str(tmp_path / "history"), "--past", "70"]) == 0
    assert [command[1] for command in job.commands] == ["import-history", "--projects", "--projects", "--projects"]
    assert [command[-1] for command in job.commands[1:]] == ["2026-10-23", "2026-11-06", "2026-11-20"]
    head, *lines = job.imported.splitlines()
    rows = [line.split(",") for line in lines]
    stars = {row[0]: int(row[3]) for row in rows if row[1:3] == ["oldmill/creakwheel", "github.stars"]}
    assert head == "date,project,metric,value"
    assert list(stars) == [str(TODAY - dt.timedelta(weeks=weeks)) for weeks in range(10, 0, -1)]
    assert list(stars.values()) == sorted(stars.values(), reverse=True)
    assert {row[1] for row in rows} == set(ALL)
    assert {row[2] for row in rows} == set(earlier.LEVELS)


def test_the_demo_refuses_a_wrong_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["--history", str(tmp_path), "--fault", "hail"]) == 2
    assert "there is no fault 'hail'" in capsys.readouterr().err


def test_moments_and_days_agree() -> None:
    assert moment(TODAY.toordinal(), 3_600) == dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC).timestamp()
