"""The one door to the network: who asks, how fast, how often again, and what counts as no answer."""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from pydantic import TypeAdapter, ValidationError
from pyrate_limiter import Limiter, Rate
from requests_ratelimiter import LimiterAdapter
from requests_ratelimiter.buckets import HostBucketFactory
from urllib3 import Retry

from groundswell.models import GroundswellError

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_BYTES = 20 * 1024 * 1024  # no body is read past this
TIMEOUT = (10.0, 60.0)  # seconds to connect, seconds between two pieces of an answer
LONGEST_ANSWER = 120.0  # seconds from the request to the last byte: a slow drip ends here
TRIES_AGAIN = 4
FIRST_WAIT = 15.0  # seconds before the second try, doubled each time: 15, 30, 60, 120
LONGEST_WAIT = 120  # seconds; a Retry-After beyond it is not waited for longer than this
USUAL_PACE = 0.5  # least seconds between two requests to a host that names no other pace
MOST_REDIRECTS = 3
SLEEPY_STATUSES = (429, 500, 502, 503, 504)
GITHUB = "api.github.com"
TABLES = ("csv", "text/plain", "tab-separated-values")  # parts of the kinds of content that a table may have
LEFT_TO_STARS = 0.5  # of GitHub's limit for the hour: below it, nobody but the source `github` asks
KEPT_FOR_STARS = "is left for the next run: the rest of GitHub's limit for this hour is kept for the stars"
MOST_IN_A_ROW = 3  # answers in a row that did not come, after which GitHub is not asked again by this door


class Unanswered(GroundswellError):
    """A request brought no usable answer. The text completes a sentence that begins with the source's name."""


class NotFound(Unanswered):
    """The other side says that what was asked for is not there."""


class TooMany(Unanswered):
    """The other side wants fewer requests, and still did after the waits."""


class Unreachable(Unanswered):
    """Nothing came back: no connection, a time-out, or a fault of the other side, also after the waits."""


class Broken(Unanswered):
    """Something came back, but not what is documented."""


class Forbidden(Unanswered):
    """The other side knows who asks, and does not allow it."""


class TokenRefused(Unanswered):
    """GitHub does not accept the token; it is not asked again."""


class LimitReached(Unanswered):
    """What GitHub gives in an hour is used up, or the part of it that may be used here; it is not asked again."""


@dataclass(frozen=True, slots=True)
class Outside:
    """How to go outside: all that a run may set."""

    agent: str = "groundswell"  # User-Agent, with the tracker's own address when it has one
    token: str | None = field(default=None, repr=False)  # for GitHub alone
    paces: Mapping[str, float] = field(default_factory=dict)  # host → least seconds between two requests
    stand_in: str | None = None  # address of a local stand-in that answers for every host

    def url(self, address: str) -> str:
        """The address to ask: the real one, or the stand-in's for it (`http://stand-in/real.host/path`)."""
        if self.stand_in is None:
            return address
        parts = urlsplit(address)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.stand_in.rstrip('/')}/{parts.netloc}{parts.path}{query}"

    @property
    def first_wait(self) -> float:
        """Seconds before the second try; a stand-in on the same machine need not be spared."""
        return FIRST_WAIT if self.stand_in is None else 0.02


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    content: bytes
    location: str | None = None  # where a redirect leads


class Door:
    """Asks hosts for JSON: paced for each host, tried again with growing waits, read up to a bound, checked to be JSON.

    A host that refused after all tries is not asked again by this door: the same refusal is raised at once.
    Safe to use from several threads.
    """

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self._sessions: dict[str, requests.Session] = {}
        self._closed: dict[str, Unanswered] = {}
        self._lock = threading.Lock()
        self._one_by_one = threading.Lock()  # GitHub wants its requests one after another
        self._in_a_row = 0

    def json(
        self,
        address: str,
        *,
        params: Mapping[str, str] | None = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        stranger: bool = False,
    ) -> object:
        """The parsed JSON of a GET, or of a POST when a body is given (its `Content-Type` belongs into `headers`).

        `stranger` says that the host was named by somebody in `projects.yaml`: it is asked only by https and only when
        it stands on the public network, so that nobody reads what is inside ours through a scorecard.
        Raises NotFound (404), TooMany (429), Unreachable (no answer, 5xx) or Broken (anything that is not JSON).
        """
        return _parsed(self._reply(address, params, body, headers or {}, stranger=stranger))

    def table(self, address: str) -> bytes:
        """What a stranger's address gives as a table (CSV or plain text), as it came. Raises as `json` does."""
        reply = self._reply(address, None, None, {"Accept": "text/csv, text/plain"}, stranger=True)
        return _content(reply, TABLES, "a table (CSV)")

    def _reply(
        self,
        address: str,
        params: Mapping[str, str] | None,
        body: str | None,
        headers: Mapping[str, str],
        *,
        stranger: bool,
    ) -> _Reply:
        host = urlsplit(address).netloc
        if host in self._closed:
            raise self._closed[host]
        if stranger and self.outside.stand_in is None:
            _check_public(address)
        try:
            return _usable(self._ask(host, self.outside.url(address), params, body, headers))
        except (TooMany, Unreachable) as refusal:
            self._closed[host] = refusal
            log.warning("%s %s; it is not asked again in this run", host, refusal)
            raise

    def github(self, path: str, params: Mapping[str, str] | None = None) -> object:
        """The parsed JSON of a GET of GitHub's REST API, asked with the run's token when there is one.

        The token goes to that host alone and follows no redirect: where GitHub says that a repository was renamed, its
        path by number is asked for anew. Raises as `json` does, and Forbidden (403), LimitReached and TokenRefused.
        """
        with self._one_by_one:
            if GITHUB in self._closed:
                raise self._closed[GITHUB]
            try:
                answer = self._ask_github(path, params)
                moved = _new_place(answer.location) if answer.location else None
                found = _checked_by_github(answer if moved is None else self._ask_github(moved))
            except (TooMany, LimitReached, TokenRefused) as refusal:
                self._closed[GITHUB] = refusal
                log.warning("GitHub %s", refusal)
                raise
            except Unreachable as nothing:
                self._in_a_row += 1
                if self._in_a_row >= MOST_IN_A_ROW:
                    self._closed[GITHUB] = nothing
                raise
            except Unanswered:
                self._in_a_row = 0
                raise
            self._in_a_row = 0
            if _used_up(answer.headers, LEFT_TO_STARS):
                self._closed[GITHUB] = LimitReached(KEPT_FOR_STARS)
            return found

    def _ask_github(self, path: str, params: Mapping[str, str] | None = None) -> _Reply:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self.outside.token is not None:
            headers["Authorization"] = f"Bearer {self.outside.token}"
        return self._send(self._session(GITHUB), self.outside.url(f"https://{GITHUB}{path}"), params, None, headers)

    def close(self) -> None:
        """Let go of all connections."""
        for session in self._sessions.values():
            session.close()

    def _ask(
        self, host: str, address: str, params: Mapping[str, str] | None, body: str | None, headers: Mapping[str, str]
    ) -> _Reply:
        session = self._session(host)
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._send(session, address, params, body, headers)
            if reply.location is None:
                return reply
            address, params = _redirected(address, reply.location), None
        raise Broken("answered with one redirect after another")

    def _send(
        self,
        session: requests.Session,
        address: str,
        params: Mapping[str, str] | None,
        body: str | None,
        headers: Mapping[str, str],
    ) -> _Reply:
        try:
            with session.request(
                "GET" if body is None else "POST",
                address,
                params=params,
                data=None if body is None else body.encode(),
                headers=headers,
                timeout=TIMEOUT,
                stream=True,
                allow_redirects=False,
            ) as answer:
                if answer.is_redirect:
                    return _Reply(answer.status_code, answer.headers, b"", answer.headers["Location"])
                return _Reply(answer.status_code, answer.headers, _read(answer))
        except requests.exceptions.RetryError:
            raise Unreachable("answered with a fault of its own, also after waiting") from None
        except requests.exceptions.Timeout:
            raise Unreachable("did not answer in time") from None
        except requests.exceptions.RequestException as error:
            raise Unreachable(f"could not be reached ({type(error).__name__})") from None

    def _session(self, host: str) -> requests.Session:
        with self._lock:
            if host not in self._sessions:
                self._sessions[host] = self._new_session(host)
            return self._sessions[host]

    def _new_session(self, host: str) -> requests.Session:
        retry = Retry(
            total=TRIES_AGAIN,
            backoff_factor=self.outside.first_wait,
            backoff_max=LONGEST_WAIT,
            retry_after_max=LONGEST_WAIT if self.outside.stand_in is None else 1,
            status_forcelist=SLEEPY_STATUSES,
            allowed_methods=None,  # the one POST there is only reads
            raise_on_status=False,  # the last answer says why
            redirect=0,
        )
        session = requests.Session()
        session.headers["User-Agent"] = self.outside.agent
        session.trust_env = self.outside.stand_in is None
        if self.outside.stand_in is None:
            milliseconds = round(1000 * self.outside.paces.get(host, USUAL_PACE))
            limiter = Limiter(HostBucketFactory(rates=[Rate(1, milliseconds)]))
            session.mount("https://", LimiterAdapter(limiter=limiter, max_retries=retry))
        else:
            session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
        return session


def shaped(shape: TypeAdapter[T], answer: object) -> T:
    """The answer as the documented shape. Raises Broken, naming the first place that differs."""
    try:
        return shape.validate_python(answer)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole answer"
        what = _IN_WORDS.get(first["type"]) or first["msg"][:1].lower() + first["msg"][1:]
        raise Broken(f"answered in an unknown shape ({where}: {what})") from None


_IN_WORDS: Final = {
    "model_type": "should be an object",
    "dict_type": "should be an object",
    "list_type": "should be a list",
}


def _read(answer: requests.Response) -> bytes:
    content = bytearray()
    began = time.monotonic()
    for piece in answer.iter_content(64 * 1024):
        content += piece
        if time.monotonic() - began > LONGEST_ANSWER:
            raise Unreachable(f"took more than {LONGEST_ANSWER:.0f} seconds to answer")
        if len(content) > MOST_BYTES:
            raise Broken(f"answered with more than {MOST_BYTES // 2**20} MB")
    return bytes(content)


def _check_public(address: str) -> None:
    """Raises Broken for an address that is not https, or whose host has any address off the public network."""
    parts = urlsplit(address)
    if parts.scheme != "https" or parts.hostname is None or parts.username is not None:
        raise Broken("is not an https address of a public host")
    try:
        found = {str(place[4][0]) for place in socket.getaddrinfo(parts.hostname, parts.port or 443)}
    except OSError:
        raise Unreachable("could not be reached (no such host)") from None
    if not all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found):
        raise Broken("stands on a private network, which is not asked")


def _redirected(address: str, location: str) -> str:
    target = urljoin(address, location)
    here, there = urlsplit(address), urlsplit(target)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise Broken("answered with a redirect to another host")
    return target


def _new_place(location: str) -> str:
    """The path that GitHub keeps for a repository whatever its name: `/repositories/1234/releases?per_page=100`."""
    found = re.search(rf"/{re.escape(GITHUB)}(/repositories/\d+/[^\s#]*)$", location)
    if found is None:
        raise Broken("answered with a redirect to another place")
    return found[1]


def _used_up(headers: Mapping[str, str], kept: float = 0) -> bool:
    left, limit = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-limit", "")
    return left.isdecimal() and limit.isdecimal() and int(left) <= kept * int(limit)


def _checked_by_github(reply: _Reply) -> object:
    if reply.status == 401:
        raise TokenRefused("refuses the token (401): give GITHUB_TOKEN one that is valid, or take it away")
    if reply.status == 403:
        if _used_up(reply.headers) or "retry-after" in reply.headers or b"rate limit" in reply.content.lower():
            raise LimitReached("is left for the next run: GitHub's limit for this hour is used up")
        raise Forbidden("does not allow it (403)")
    return _parsed(_usable(reply))


def _usable(reply: _Reply) -> _Reply:
    status = reply.status
    if status == 404:
        raise NotFound("has nothing of that name (404)")
    if status == 429:
        raise TooMany("answered 429 (too many requests)")
    if status >= 500:
        raise Unreachable(f"answered {status} (a fault of its own)")
    if status != 200:
        raise Broken(f"answered {status}")
    return reply


def _content(reply: _Reply, kinds: Sequence[str], wanted: str) -> bytes:
    """What came, if it is said to be of a kind."""
    kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not any(one in kind for one in kinds):
        raise Broken(f"answered with {kind or 'something unnamed'} instead of {wanted}")
    return reply.content


def _parsed(reply: _Reply) -> object:
    try:
        return json.loads(_content(reply, ("json",), "JSON"))
    except ValueError:
        raise Broken("answered with broken JSON") from None
