"""Every query that is sent, and every line of the sandbox's schema, fits the schema that GitHub publishes.

The schema is npm's @octokit/graphql-schema, fetched into a temporary folder; it is never kept.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Iterator
from typing import Final

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_introspection_type,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
    parse,
    print_ast,
    validate,
)

from groundswell.sources.github.queries import all_documents
from sandbox.github.graphql import SCHEMA

PACKAGE: Final = "@octokit/graphql-schema@15"
SECONDS: Final = 120
DOCUMENTS: Final = all_documents()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> GraphQLSchema:
    """GitHub's whole schema. It is not valid by the letter of GraphQL (a field stands twice), hence `assume_valid`."""
    folder = tmp_path_factory.mktemp("schema")
    try:
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{PACKAGE} could not be fetched: {error}")
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        file = archive.extractfile("package/schema.graphql")
        assert file is not None
        return build_schema(file.read().decode(), assume_valid=True)


@pytest.fixture(scope="module")
def pruned() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text(encoding="utf-8"))


def own_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    for kind in schema.type_map.values():
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind):
            yield kind


def differences(ours: GraphQLNamedType, theirs: GraphQLNamedType | None) -> Iterator[str]:
    """What a type of the sandbox says that GitHub's type of that name does not say."""
    if theirs is None or type(ours) is not type(theirs):
        yield f"{ours.name}: GitHub has no such {type(ours).__name__}"
    elif isinstance(ours, (GraphQLObjectType, GraphQLInterfaceType)):
        assert isinstance(theirs, (GraphQLObjectType, GraphQLInterfaceType))
        yield from names_beyond(ours.name, (i.name for i in ours.interfaces), {i.name for i in theirs.interfaces})
        yield from fields_beyond(ours, theirs)
    elif isinstance(ours, GraphQLUnionType):
        assert isinstance(theirs, GraphQLUnionType)
        yield from names_beyond(ours.name, (one.name for one in ours.types), {one.name for one in theirs.types})
    elif isinstance(ours, GraphQLEnumType):
        assert isinstance(theirs, GraphQLEnumType)
        yield from names_beyond(ours.name, ours.values, set(theirs.values))
    elif isinstance(ours, GraphQLInputObjectType):
        assert isinstance(theirs, GraphQLInputObjectType)
        yield from input_beyond(ours, theirs)


def names_beyond(where: str, ours: Iterator[str] | dict[str, object], theirs: set[str]) -> Iterator[str]:
    for name in ours:
        if name not in theirs:
            yield f"{where}: GitHub's has no {name}"


def fields_beyond(
    ours: GraphQLObjectType | GraphQLInterfaceType, theirs: GraphQLObjectType | GraphQLInterfaceType
) -> Iterator[str]:
    for name, field in ours.fields.items():
        where = f"{ours.name}.{name}"
        other = theirs.fields.get(name)
        if other is None:
            yield f"{where}: GitHub has no such field"
            continue
        if str(field.type) != str(other.type):
            yield f"{where}: {field.type} here, {other.type} on GitHub"
        if other.deprecation_reason:
            yield f"{where}: deprecated: {other.deprecation_reason}"
        for argument, value in field.args.items():
            if written(value) != written(other.args.get(argument)):
                yield f"{where}({argument}): {written(value)} here, {written(other.args.get(argument))} on GitHub"
        for argument, value in other.args.items():
            if argument not in field.args and is_required_argument(value):
                yield f"{where}({argument}): required on GitHub, not known here"


def written(argument: GraphQLArgument | None) -> str:
    """An argument's type and default as they stand in the schema."""
    if argument is None:
        return "nothing"
    node = argument.ast_node
    default = "" if node is None or node.default_value is None else f" = {print_ast(node.default_value)}"
    return f"{argument.type}{default}"


def input_beyond(ours: GraphQLInputObjectType, theirs: GraphQLInputObjectType) -> Iterator[str]:
    for name, field in ours.fields.items():
        other = theirs.fields.get(name)
        if other is None or str(field.type) != str(other.type):
            yield f"{ours.name}.{name}: {field.type} here, {other and other.type} on GitHub"
    for name, field in theirs.fields.items():
        if name not in ours.fields and is_required_input_field(field):
            yield f"{ours.name}.{name}: required on GitHub, not known here"


def sabotaged(old: str, new: str) -> GraphQLSchema:
    text = SCHEMA.read_text(encoding="utf-8")
    assert old in text
    return build_schema(text.replace(old, new))


@pytest.mark.needs("npm")
def test_every_type_field_and_argument_of_the_sandbox_is_githubs(
    pruned: GraphQLSchema, published: GraphQLSchema
) -> None:
    found = [one for kind in own_types(pruned) for one in differences(kind, published.type_map.get(kind.name))]
    assert found == []


@pytest.mark.needs("npm")
@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("stargazerCount: Int!", "stargazerCount: Int", "Repository.stargazerCount: Int here, Int! on GitHub"),
        ("forkCount: Int!", "forksCount: Int!", "Repository.forksCount: GitHub has no such field"),
        ("followRenames: Boolean = true", "followRenames: Boolean", "Query.repository(followRenames)"),
        ("refPrefix: String!, ", "", "Repository.refs(refPrefix): required on GitHub"),
        ("  MERGED\n", "  MERGED\n  FINISHED\n", "PullRequestState: GitHub's has no FINISHED"),
        ("emails: [String!]", "emails: [String]", "CommitAuthor.emails"),
        ("scalar URI", "scalar URI\nscalar Surprise", "Surprise: GitHub has no such"),
        ("Repository implements Node", "Repository implements Node & RepositoryOwner", "has no RepositoryOwner"),
    ],
)
def test_a_line_that_is_not_githubs_is_found(published: GraphQLSchema, old: str, new: str, found: str) -> None:
    if "RepositoryOwner" in new:  # the sandbox's own schema must stay valid
        new += " {\n  avatarUrl(size: Int): URI!\n  login: String!"
        old += " {"
    wrong = sabotaged(old, new)
    lines = [one for kind in own_types(wrong) for one in differences(kind, published.type_map.get(kind.name))]
    assert any(found in line for line in lines), lines


@pytest.mark.needs("npm")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_query_that_is_sent_is_valid_on_github(published: GraphQLSchema, name: str) -> None:
    assert [error.message for error in validate(published, parse(DOCUMENTS[name]))] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_query_that_is_sent_is_valid_in_the_sandbox(pruned: GraphQLSchema, name: str) -> None:
    assert [error.message for error in validate(pruned, parse(DOCUMENTS[name]))] == []


@pytest.mark.needs("npm")
def test_a_wrong_query_is_found(published: GraphQLSchema) -> None:
    query = '{ repository(owner: "o", name: "n") { contributors { totalCount } } }'
    (error,) = validate(published, parse(query))
    assert "contributors" in error.message
