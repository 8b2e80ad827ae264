"""Errors as GitHub's GraphQL answers name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError


class GitHubError(Exception):
    """What GitHub refuses to answer: its type, such as NOT_FOUND, and its message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def shaped(error: GraphQLError) -> Mapping[str, Any]:
    """An error as it stands in an answer. Raises what went wrong when that was not GitHub's refusal."""
    original = error.original_error
    plain = dict(error.formatted)
    if original is None:
        return plain
    if not isinstance(original, GitHubError):
        raise original
    extensions = {"extensions": {"saml_failure": False}} if original.kind == "FORBIDDEN" else {}
    return {"type": original.kind, "path": plain.get("path"), **extensions, **plain}


def bare(error: GitHubError) -> Mapping[str, Any]:
    """An error that is of no place in the query."""
    return {"type": error.kind, "message": str(error)}
