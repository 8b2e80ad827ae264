"""POST /graphql: a query is checked against the schema, charged by the documented formula, answered from the graph."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_named_type,
    get_operation_ast,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_argument_values

from sandbox.exchange import Asked, Response, as_json
from sandbox.faults import Fault
from sandbox.github import graph, orders
from sandbox.github.connections import Graph
from sandbox.github.cost import Cost, cost
from sandbox.github.errors import GitHubError, bare, shaped
from sandbox.github.meter import Meter, Reading
from sandbox.github.search import issue_count, repositories
from sandbox.project import Project, iso, ticket_of
from sandbox.world import World

SCHEMA: Final = Path(__file__).parent.parent / "github.graphql"
TIMED_OUT: Final = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."
)
UNAUTHENTICATED: Final = "This endpoint requires you to be authenticated."
USED_UP: Final = "API rate limit already exceeded for this installation."
OUT_NAMES: Final[Mapping[str, str]] = {"id": "identity"}  # Python has another meaning for it
NO_RESOURCES: Final = "Resource limits for this query exceeded."


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The schema that is answered, with arguments in Python's manner: `orderBy` is handed on as `order_by`."""
    built = build_schema(SCHEMA.read_text(encoding="utf-8"))
    for kind in built.type_map.values():
        if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)) and not kind.name.startswith("__"):
            for field in kind.fields.values():
                for name, argument in field.args.items():
                    argument.out_name = OUT_NAMES.get(name) or _snake(name)
    return built


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


@dataclass(frozen=True)
class Query:
    """A query as it was sent."""

    text: str
    inputs: Mapping[str, Any]

    @classmethod
    def read(cls, body: bytes) -> Query:
        """A query from the JSON that was sent. Raises GitHubError when that is none."""
        try:
            sent = json.loads(body)
        except ValueError:
            sent = None
        if not isinstance(sent, dict) or not isinstance(sent.get("query"), str):
            raise GitHubError("PARSE", "Problems parsing JSON")
        return cls(sent["query"], sent.get("variables") or {})

    @cached_property
    def checked(self) -> tuple[DocumentNode | None, Sequence[GraphQLError]]:
        """The document, or what is wrong with it."""
        return _checked(self.text)

    @cached_property
    def operation(self) -> OperationDefinitionNode:
        """The one operation of a right document."""
        document, _ = self.checked
        operation = get_operation_ast(document) if document is not None else None
        if operation is None:
            raise GitHubError("PARSE", "A query attribute must be specified and must be a string.")
        return operation

    @cached_property
    def variables(self) -> VariableValues:
        """The values of its variables."""
        values = get_variable_values(schema(), self.operation.variable_definitions or (), dict(self.inputs))
        if isinstance(values, list):
            raise GitHubError("INVALID_VARIABLES", values[0].message)
        return values

    @cached_property
    def fields(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        """What is asked for at the top: the alias, the field, its arguments."""
        root = schema().query_type
        found = []
        for one in self.operation.selection_set.selections:
            if isinstance(one, FieldNode) and root is not None and one.name.value in root.fields:
                arguments = get_argument_values(root.fields[one.name.value], one, self.variables)
                found.append((one.alias.value if one.alias else one.name.value, one.name.value, arguments))
        return found


@lru_cache(maxsize=64)
def _checked(text: str) -> tuple[DocumentNode | None, Sequence[GraphQLError]]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, [error]
    return document, validate(schema(), document)


def asked(world: World, body: bytes) -> Asked:
    """The repositories that a query asks for, and how many aliases it has."""
    try:
        query = Query.read(body)
        if query.checked[1]:
            return Asked(size=0)
        fields = query.fields
    except (GitHubError, GraphQLError):
        return Asked(size=0)
    names: set[str] = set()
    size = 0
    for _, field, arguments in fields:
        if field != "rateLimit":
            size += len(arguments["ids"]) if field == "nodes" else 1
            names |= _named(world, field, arguments)
    return Asked(frozenset(names), size)


def _named(world: World, field: str, arguments: Mapping[str, Any]) -> frozenset[str]:
    if field == "repository":
        name = f"{arguments['owner']}/{arguments['name']}"
        return frozenset({name.lower()}) | _names_of(world.repository(name))
    if field in ("node", "nodes"):
        identities = arguments["ids"] if field == "nodes" else [arguments["identity"]]
        return frozenset().union(*(_names_of(world.by_node(identity)) for identity in identities))
    return repositories(arguments["query"]) if field == "search" else frozenset()


def _names_of(project: Project | None) -> frozenset[str]:
    """The names that a repository has had."""
    return frozenset() if project is None else frozenset(name.lower() for name in project.names)


def answer(world: World, meter: Meter, body: bytes, login: str, faults: Sequence[Fault]) -> Response:
    """The answer to a query of an account, which is nobody's without a token: charged before it is carried out, also
    when it then times out.
    """
    if not login:
        return as_json({"message": UNAUTHENTICATED, "status": "401"}, 401)
    try:
        query = Query.read(body)
    except GitHubError as error:
        return as_json({"message": str(error), "status": "400"}, 400)
    cap = orders.cap(faults, "points")
    document, mistakes = query.checked
    if document is None or mistakes:
        return as_json({"errors": [error.formatted for error in mistakes]}, headers=meter.read(cap).headers())
    try:
        price = cost(schema(), document, query.operation, query.variables)
    except GitHubError as error:
        return as_json({"errors": [bare(error)]}, headers=meter.read(cap).headers())
    reading = meter.charge(price.points, cap)
    if reading is None:
        refusal = GitHubError("RATE_LIMITED", USED_UP)
        return as_json({"errors": [bare(refusal)]}, headers=meter.read(cap).headers())
    done = _Run(world, faults, query, price, reading, login).done()
    return Response(done.status, done.body, {**done.headers, **reading.headers()}, price.points)


@dataclass(frozen=True)
class _Run:
    """One query being carried out."""

    world: World
    faults: Sequence[Fault]
    query: Query
    price: Cost
    reading: Reading
    login: str

    def done(self) -> Response:
        ended = next((fault for fault in self.faults if fault.kind == "timeout"), None)
        if ended is not None:
            return as_json({"data": None, "errors": [{"message": TIMED_OUT}]}, ended.whole("status"))
        document, _ = self.query.checked
        assert document is not None, "a wrong document is not carried out"
        result = execute_sync(
            schema(), document, self._root(), variable_values=dict(self.query.inputs), field_resolver=self._resolved
        )
        errors = [shaped(error) for error in result.errors or ()]
        return as_json({"data": result.data, **({"errors": errors} if errors else {})})

    def _root(self) -> Graph:
        return {
            "rateLimit": self._rate_limit,
            "viewer": {"login": self.login},
            "repository": self._repository,
            "node": self._node,
            "nodes": self._nodes,
            "search": lambda query, **_: {"issueCount": issue_count(self.world, query)},
            **dict.fromkeys(("organization", "repositoryOwner", "user"), self._owner),
        }

    def _rate_limit(self) -> Graph:
        reading = self.reading
        return {
            "cost": self.price.points,
            "nodeCount": self.price.nodes,
            "limit": reading.limit,
            "remaining": reading.remaining,
            "used": reading.used,
            "resetAt": iso(reading.reset),
        }

    def _repository(self, owner: str, name: str, follow_renames: bool = True) -> Graph:
        project = self.world.repository(f"{owner}/{name}", follow=follow_renames)
        if project is None or self._is_missing(project):
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise GitHubError("NOT_FOUND", message)
        return self._not_nulled(project)

    def _nodes(self, ids: Sequence[str]) -> Sequence[Graph | GitHubError]:
        return [self._node_or_error(one) for one in ids]

    def _node(self, identity: str) -> Graph:
        project, ticket = self.world.by_node(identity), ticket_of(identity)
        found: Graph | None = None
        if project is not None and not self._is_missing(project):
            shown = self._not_nulled(project)
            found = shown if ticket is None else graph.issue_by_place(project, ticket[1])
        if found is None:
            raise GitHubError("NOT_FOUND", f"Could not resolve to a node with the global id of '{identity}'")
        return found

    def _not_nulled(self, project: Project) -> Graph:
        """The repository, unless it is one of those that are null: an exception makes its place so."""
        if orders.nulled(self.faults, project.names):
            raise GitHubError("FORBIDDEN", graph.REFUSED)
        return self._shown(project)

    def _shown(self, project: Project) -> Graph:
        login = project.repository.partition("/")[0]
        about = {graph.ABOUT: project.names}  # the owner as it is reached through this repository
        owner = {"owner": lambda: {**self._owner(login), **about}}
        factor = orders.factor(self.faults, project.names)
        counted = {"stargazerCount": lambda: round(project.series.stars.level(project.now) * factor)}
        return {**graph.repository(project), **counted, **owner, **orders.altered(self.faults, project.names)}

    def _node_or_error(self, identity: str) -> Graph | GitHubError:
        try:
            return self._node(identity)
        except GitHubError as error:
            return error  # an exception in a list makes that place null

    def _owner(self, login: str) -> Graph:
        project = self.world.owned(login)
        if project is None:
            raise GitHubError("NOT_FOUND", f"Could not resolve to a User with the login of '{login}'.")
        return graph.owner(project)

    def _is_missing(self, project: Project) -> bool:
        return bool(orders.of(self.faults, "missing", project.names))

    def _resolved(self, source: Graph, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if self.faults:
            self._refuse(source, info)
        value = source[info.field_name]
        return value(**arguments) if callable(value) else value

    def _refuse(self, source: Graph, info: GraphQLResolveInfo[Any]) -> None:
        about = source.get(graph.ABOUT)
        if about is None:
            return
        if any(fault.word("field") == info.field_name for fault in orders.of(self.faults, "refused", about)):
            raise GitHubError("FORBIDDEN", graph.REFUSED)
        granted = [fault.whole("aliases") for fault in self.faults if fault.kind == "resource-limits"]
        connected = get_named_type(info.return_type).name.endswith("Connection")
        if granted and connected and self._place(info) >= min(granted):
            raise GitHubError("RESOURCE_LIMITS_EXCEEDED", NO_RESOURCES)

    def _place(self, info: GraphQLResolveInfo[Any]) -> int:
        """Which of the query's aliases a field belongs to."""
        path = info.path.as_list()
        if isinstance(path[1], int):
            return path[1]
        aliases = [alias for alias, field, _ in self.query.fields if field != "rateLimit"]
        return aliases.index(str(path[0]))
