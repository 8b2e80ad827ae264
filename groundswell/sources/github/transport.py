"""PyGithub's connection with rules of our own: serial, no blind repetition, and an end in good order before the limit.

PyGithub raises on any GraphQL error although the answer holds data, repeats a 502 ten times without a pause, waits up
to an hour for a limit and for ever on a 202. Therefore it only carries the requests; this module judges the answers.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import requests
from github import Auth, Github
from github.Repository import Repository
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)
from pydantic import BaseModel, Field, TypeAdapter, model_validator
from urllib3 import Retry

from groundswell import wire
from groundswell.http import (
    GITHUB,
    Broken,
    Door,
    LimitReached,
    NotFound,
    TokenRefused,
    Unanswered,
    Unreachable,
    shaped,
)
from groundswell.sources.github.queries import Document
from groundswell.tokens import Token, refused

log = logging.getLogger(__name__)

HOST: Final = GITHUB
BETWEEN_REQUESTS: Final = 0.25  # seconds
QUERIES: Final = f"{HOST}/graphql"  # whose pace is kept beside the host's
SEARCHES: Final = f"{HOST}/graphql, with a search"  # each of which waits before it
BETWEEN_QUERIES: Final = 1.0  # seconds between two POSTs
TIMEOUT: Final = 20  # seconds; GitHub ends a query after 10
SECOND_TRY: Final = 5.0  # seconds until a REST request that brought nothing is sent again
LONGEST_WAIT: Final = 60.0  # seconds of a Retry-After that are waited for
MOST_WAITS: Final = 3  # in a run
MOST_IN_A_ROW: Final = 8  # requests without a usable answer, after which GitHub is not asked again in this run

GRAPHQL: Final = "graphql"
REST: Final = "core"
USED_UP: Final = "is left for the next run: GitHub's limit for this hour is used up"
USED_UP_WITHOUT_TOKEN: Final = f"{USED_UP} (without a token it is 60 requests); set GITHUB_TOKEN"

T = TypeVar("T")

NO_RETRY: Final = Retry(0, read=False, allowed_methods=None, status_forcelist=[202])  # else PyGithub loops on a 202
STUMBLES: Final = (ValueError, RuntimeError, AssertionError, AttributeError, TypeError)
"""What PyGithub raises on headers and redirects that are not GitHub's."""


class NotReached(Unreachable):
    """Nobody took the call, which says nothing of what it asked."""


class GivenUp(Unreachable):
    """One request after another brought nothing usable; nothing of this kind is asked again in this run."""

    def __init__(self, last: Unanswered) -> None:
        super().__init__(f"{last}, and was not asked again")
        self.not_reached = isinstance(last, NotReached)


class GraphQLError(BaseModel):
    """One entry of `errors`."""

    type: str | None = None
    path: list[str | int] | None = None
    message: str = ""


class Reply(BaseModel):
    """The body of a GraphQL answer: data and errors may both be there, and one of them must be."""

    data: dict[str, object] | None = None
    errors: list[GraphQLError] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.data is None and not self.errors:
            raise ValueError("neither data nor errors")
        return self


class _Refusal(BaseModel):
    message: str = ""
    errors: list[GraphQLError] | None = None


_REPLY: Final = TypeAdapter(Reply)
_OBJECT: Final = TypeAdapter(dict[str, object])


class Session:
    """A connection to GitHub for one run. It takes its turns at the door: GitHub wants requests one after another."""

    def __init__(self, door: Door) -> None:
        outside = door.outside
        self._time = door.time
        self._used_up = USED_UP if outside.has_token else USED_UP_WITHOUT_TOKEN
        self._purse = door.purse
        self._auth = _InTurn()
        self._github = carrier(
            auth=self._auth if outside.has_token else None,
            base_url=outside.url(f"https://{HOST}"),
            user_agent=outside.agent,
            timeout=TIMEOUT,
            retry=NO_RETRY,
            seconds_between_requests=0,  # the door keeps the pace
            seconds_between_writes=0,
        )
        self._token: Token | None = None  # that was asked with last
        self._closed: dict[str, Unanswered] = {}
        self._in_a_row = {GRAPHQL: 0, REST: 0}
        self._waits_left = MOST_WAITS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._github.close()

    @property
    def graphql_is_open(self) -> bool:
        """Whether GraphQL may still be asked in this run."""
        return GRAPHQL not in self._closed

    def graphql(self, document: Document) -> Reply:
        """Data and errors of one query, whatever the errors are.

        Raises LimitReached, TokenRefused, Unreachable (no answer in time, 5xx) or Broken (no GraphQL answer).
        """
        if document.pause and self.graphql_is_open:
            self._time.wait(document.pause)
        body = {"query": document.text, "variables": dict(document.variables)}
        reply = self._ask(GRAPHQL, "POST", self._github.requester.graphql_url, _REPLY, body=body)
        cost = _log_cost(document, reply)
        self._time.tally.charged(cost)
        if self._token is not None and isinstance(cost, int):
            self._purse.told(self._token, GRAPHQL, {}, max(0, cost - 1))
        return reply

    def get(self, path: str, shape: TypeAdapter[T], parameters: Mapping[str, str] | None = None) -> T:
        """The answer to a REST GET, checked to be of a shape; without an answer it is asked once more.

        Raises as `graphql` does, and NotFound.
        """
        try:
            return self._ask(REST, "GET", path, shape, parameters=parameters)
        except Unreachable:
            if REST in self._closed:
                raise
        self._time.wait(SECOND_TRY)
        return self._ask(REST, "GET", path, shape, parameters=parameters)

    def repository(self, name: str, shape: TypeAdapter[T]) -> Repository:
        """A repository as REST gives it, under the name it has now, its fields checked to be of a shape."""
        attributes = self.get(f"/repos/{name}", _OBJECT)
        shaped(shape, attributes)
        try:
            return Repository(self._github.requester, {}, attributes, completed=True)
        except STUMBLES as error:
            raise Broken(f"answered with something that is not a repository ({type(error).__name__})") from None

    def _ask(
        self,
        resource: str,
        verb: str,
        url: str,
        shape: TypeAdapter[T],
        *,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> T:
        if resource in self._closed:
            raise self._closed[resource]
        try:
            status, text = self._answered(resource, verb, url, parameters, body)
            answer = shaped(shape, _read(status, text))
        except TokenRefused as refusal:
            self._closed = {GRAPHQL: refusal, REST: refusal}
            raise
        except NotFound:
            self._in_a_row[resource] = 0
            raise
        except (Unreachable, Broken) as nothing:
            self._count_nothing(resource, nothing)
            raise
        self._in_a_row[resource] = 0
        return answer

    def _answered(
        self,
        resource: str,
        verb: str,
        url: str,
        parameters: Mapping[str, str] | None,
        body: Mapping[str, object] | None,
    ) -> tuple[int, str]:
        """What comes back: with the next token where one is refused or used up, and after the wait that is wanted."""
        while (token := self._purse.best(resource)) is not None:
            self._token = token
            try:
                self._auth.value = token.value
                status, headers, text = self._send(resource, verb, url, parameters, body)
            except TokenRefused as nothing:
                if self._purse.put_aside(token, str(nothing)):
                    continue
                raise
            why = refused(status, text)
            if why is not None and self._purse.put_aside(token, why):
                continue
            if (wait := _limited(status, headers, text)) is not None:
                self._wait_or_close(token, resource, wait)
                continue
            self._keep_reserve(token, resource, headers)
            return status, text
        self._close(resource, LimitReached(self._used_up))
        raise self._closed[resource]

    def _send(
        self,
        resource: str,
        verb: str,
        url: str,
        parameters: Mapping[str, str] | None,
        body: Mapping[str, object] | None,
    ) -> tuple[int, dict[str, str], str]:
        try:
            with self._time.turn(HOST):
                if resource == GRAPHQL:
                    self._time.keep_pace(QUERIES)
                self._time.keep_pace(HOST)
                return self._github.requester.requestJson(
                    verb, url, None if parameters is None else dict(parameters), None, body
                )
        except requests.exceptions.RetryError:
            raise Unreachable("is still working the answer out (202)") from None
        except requests.exceptions.Timeout:
            raise Unreachable("did not answer in time") from None
        except requests.exceptions.RequestException as error:
            raise NotReached(f"could not be reached ({type(error).__name__})") from None
        except STUMBLES as error:
            log.warning("PyGithub could not read an answer: %s", error)
            raise Broken("answered with something that is not GitHub's API") from None

    def _wait_or_close(self, token: Token, resource: str, wait: float) -> None:
        """Wait as long as GitHub wants it; where that is too long, go on with another token, or end it here."""
        if wait > LONGEST_WAIT or not self._waits_left:
            self._purse.use_up(token, resource)
            if self._purse.best(resource) is not None:
                log.info("%s is used up for this hour; another is asked with", token.name)
                return
            self._close(resource, LimitReached(self._used_up))
            raise self._closed[resource]
        self._waits_left -= 1
        log.info("GitHub asks to wait %.0f s", wait)
        self._time.wait(wait)

    def _keep_reserve(self, token: Token, resource: str, headers: Mapping[str, str]) -> None:
        self._time.tally.told(resource, headers, token.name)
        self._purse.told(token, resource, headers, 1)
        if self._purse.best(resource) is None:
            self._close(resource, LimitReached(self._used_up))

    def _count_nothing(self, resource: str, nothing: Unanswered) -> None:
        self._in_a_row[resource] += 1
        if self._in_a_row[resource] >= MOST_IN_A_ROW:
            self._close(resource, GivenUp(nothing))

    def _close(self, resource: str, why: Unanswered) -> None:
        log.warning("GitHub (%s) %s", resource, why)
        self._closed[resource] = why


class _InTurn(Auth.Auth):
    """The token whose turn it is."""

    def __init__(self) -> None:
        self.value: str | None = None

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        return self.value or ""


class _Whole(RequestsResponse):
    """An answer that was read up to a bound."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(answer)
        self._text = wire.read(answer, wire.USUAL.answer).decode(errors="replace")

    def read(self) -> str:
        return self._text


class _Connection(HTTPSRequestsConnectionClass):
    """PyGithub's own reads whatever comes, as long as it comes."""

    def getresponse(self) -> RequestsResponse:
        with self.session.request(
            self.verb,
            f"{self.protocol}://{self.host}:{self.port}{self.url}",
            headers=self.headers,
            data=self.input,
            timeout=self.timeout,
            verify=self.verify,
            allow_redirects=False,
            stream=True,
        ) as answer:
            return _Whole(answer)


class _PlainConnection(HTTPRequestsConnectionClass):
    getresponse = _Connection.getresponse


def carrier(**settings: Any) -> Github:
    """PyGithub with connections of ours, that read an answer up to a bound; it takes them in while it is made."""
    Requester.injectConnectionClasses(_PlainConnection, _Connection)
    try:
        return Github(**settings)
    finally:
        Requester.resetConnectionClasses()


def _log_cost(document: Document, reply: Reply) -> object:
    """Log what a query cost, and give it."""
    rate = (reply.data or {}).get("rateLimit")
    if isinstance(rate, dict):
        figures = tuple(rate.get(key) for key in ("cost", "remaining", "limit", "resetAt", "nodeCount"))
        message = "GraphQL: %d aliases cost %s; %s of %s points are left until %s; up to %s nodes"
        log.info(message, len(document.aliases), *figures)
        return figures[0]
    return None


def _limited(status: int, headers: Mapping[str, str], text: str) -> float | None:
    """Seconds that GitHub wants to be left alone for, or None when it does not say so.

    Without a Retry-After it is the rest of an hour, or of an unknown time: longer than anybody waits here.
    """
    spent = status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")
    if status != 429 and not spent and not (status in (200, 403) and _speaks_of_a_limit(text)):
        return None
    wait = _whole(headers.get("retry-after"))
    return float("inf") if wait is None else float(wait)


def _speaks_of_a_limit(text: str) -> bool:
    """Whether an answer is a refusal for a limit, primary or secondary, as REST or as GraphQL says it."""
    if "rate" not in text.lower():
        return False
    try:
        answer = _Refusal.model_validate_json(text)
    except ValueError:
        return False
    errors = answer.errors or []
    return Requester.isRateLimitError(answer.message) or any(
        one.type == "RATE_LIMITED" or "rate limit" in one.message.lower() for one in errors
    )


def _read(status: int, text: str) -> object:
    if status == 401:
        raise TokenRefused("refuses the token (401): give GITHUB_TOKEN one that is valid, or take it away")
    if status == 404:
        raise NotFound("has nothing of that name (404)")
    if status >= 500:
        raise Unreachable(f"answered {status} (a fault of its own)")
    if status != 200:
        raise Broken(f"answered {status}")
    try:
        return json.loads(text)
    except ValueError:
        raise Broken("answered with something that is not JSON") from None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
