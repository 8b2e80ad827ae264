"""What a GraphQL query costs by GitHub's documented formula, and the bounds on pages that it enforces.

docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api: the requests needed for each
unique connection are added up (`first` and `last` multiply down), divided by 100 and rounded; the least is 1 point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from sandbox.github.errors import GitHubError

LARGEST_PAGE: Final = 100
MOST_NODES: Final = 500_000
MOST_IDS: Final = 100
LISTS: Final = frozenset({"nodes", "edges"})


@dataclass(frozen=True, slots=True)
class Cost:
    """What a query is charged with."""

    requests: int  # to fulfil each unique connection
    nodes: int  # that it may give

    @property
    def points(self) -> int:
        """The requests in hundreds, rounded, at least 1."""
        return max(1, (self.requests + 50) // 100)


def cost(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
) -> Cost:
    """The cost of one operation of a valid document. Raises GitHubError when a page is unbounded or too large."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    walk = _Walk(schema, fragments, variables)
    root = schema.get_root_type(operation.operation)
    if root is not None:
        walk.selections(operation.selection_set, root, 1, ())
    found = Cost(sum(walk.requests.values()), sum(walk.nodes.values()))
    if found.nodes > MOST_NODES:
        raise GitHubError(
            "MAX_NODE_LIMIT_EXCEEDED",
            f"This query requests up to {found.nodes:,} possible nodes which exceeds the maximum limit of "
            f"{MOST_NODES:,}.",
        )
    return found


@dataclass
class _Walk:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    # A connection is one connection however often its alias is selected on the same type at the same place.
    requests: dict[tuple[str, ...], int] = field(default_factory=dict)
    nodes: dict[tuple[str, ...], int] = field(default_factory=dict)

    def selections(
        self, selected: SelectionSetNode, parent: GraphQLNamedType, times: int, path: tuple[str, ...]
    ) -> None:
        for one in selected.selections:
            if isinstance(one, FieldNode):
                self._field(one, parent, times, path)
            elif isinstance(one, FragmentSpreadNode):
                fragment = self.fragments[one.name.value]
                on = self.schema.get_type(fragment.type_condition.name.value)
                self.selections(fragment.selection_set, on or parent, times, path)
            elif isinstance(one, InlineFragmentNode):
                condition = one.type_condition
                on = self.schema.get_type(condition.name.value) if condition else None
                self.selections(one.selection_set, on or parent, times, path)

    def _field(self, node: FieldNode, parent: GraphQLNamedType, times: int, path: tuple[str, ...]) -> None:
        name = node.name.value
        if not isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)) or name not in parent.fields:
            return  # __typename
        definition = parent.fields[name]
        kind = get_named_type(definition.type)
        arguments = get_argument_values(definition, node, self.variables)
        here = (*path, node.alias.value if node.alias else name)
        if kind.name.endswith("Connection"):
            place = (parent.name, *here)
            self.requests[place] = times
            size = _size(name, arguments, self._lists(node.selection_set))
            self.nodes[place] = times * size
            times *= size
        elif name == "nodes" and "ids" in arguments:
            times *= _ids(arguments["ids"])
        if node.selection_set is not None:
            self.selections(node.selection_set, kind, times, here)

    def _lists(self, selected: SelectionSetNode | None) -> bool:
        """Whether what is in a connection is asked for, and not only how much it is."""
        for one in selected.selections if selected else ():
            if isinstance(one, FieldNode) and one.name.value in LISTS:
                return True
            if isinstance(one, FragmentSpreadNode) and self._lists(self.fragments[one.name.value].selection_set):
                return True
            if isinstance(one, InlineFragmentNode) and self._lists(one.selection_set):
                return True
        return False


def _size(name: str, arguments: Mapping[str, Any], lists: bool) -> int:
    """The size of a connection's page; 0 when only its count is asked for."""
    bounds = {bound: arguments[bound] for bound in ("first", "last") if arguments.get(bound) is not None}
    if not bounds and lists:
        raise GitHubError(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.",
        )
    for bound, size in bounds.items():
        if size > LARGEST_PAGE:
            raise GitHubError(
                "EXCESSIVE_PAGINATION",
                f"Requesting {size} records on the `{name}` connection exceeds the `{bound}` limit of "
                f"{LARGEST_PAGE} records.",
            )
        if size < 1:
            raise GitHubError("INVALID_PAGINATION", f"`{bound}` on the `{name}` connection must be at least 1.")
    return int(next(iter(bounds.values()), 0))


def _ids(identities: object) -> int:
    count = len(identities) if isinstance(identities, list) else 1
    if count > MOST_IDS:
        raise GitHubError("ARGUMENT_LIMIT", f"You may not provide more than {MOST_IDS} node ids; you provided {count}.")
    return count
