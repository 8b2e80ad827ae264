"""The one door to the network: who asks, what counts as no answer, and when a host is left alone.

How fast it asks stands in `timing`, how long it waits and how often it tries again in `wire`.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NoReturn, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from pydantic import TypeAdapter, ValidationError

from groundswell import wire
from groundswell.models import Ask
from groundswell.refusals import (
    Broken,
    Forbidden,
    LimitReached,
    NotFound,
    OutOfTime,
    TokenRefused,
    TooMany,
    Unanswered,
    Unreachable,
)
from groundswell.timing import Clock, Timetable
from groundswell.tokens import App, Purse, Token, of_app, of_machine, refused
from groundswell.wire import Patience, Wire

__all__ = [
    "GITHUB",
    "Broken",
    "Door",
    "Forbidden",
    "LimitReached",
    "NotFound",
    "OutOfTime",
    "Outside",
    "TokenRefused",
    "TooMany",
    "Unanswered",
    "Unreachable",
    "shaped",
]

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_REDIRECTS = 3
LONGEST_SAID: Final = 120  # characters of a refusal that are repeated
MOST_TELLING: Final = 6  # characters from which a part of a secret address is worth hiding
GITHUB = "api.github.com"
TABLES = ("csv", "text/plain", "tab-separated-values")  # parts of the kinds of content that a table may have
OWN: Final = f"{GITHUB}, asked with the owner's token"  # which has limits of its own
LEFT_TO_STARS = 0.5  # of GitHub's limit for the hour: below it, nobody but the source `github` asks
KEPT_FOR_STARS = "is left for the next run: the rest of GitHub's limit for this hour is kept for the stars"
USED_UP: Final = "is left for the next run: GitHub's limit for this hour is used up"
CORE: Final = "core"  # GitHub's name for the limit of REST
MOST_IN_A_ROW = 3  # answers in a row that did not come, after which GitHub is not asked again by this door


@dataclass(frozen=True, slots=True)
class Outside:
    """How to go outside: all that a run may set."""

    agent: str = "groundswell"  # User-Agent, with the tracker's own address when it has one
    token: str | None = field(default=None, repr=False)  # for GitHub alone
    paces: Mapping[str, float] = field(default_factory=dict)  # host → least seconds between two requests
    stand_in: str | None = None  # address of a local stand-in that answers for every host
    minutes: float | None = None  # after which nobody is asked any more
    contact: str | None = None  # an e-mail address, for the hosts that want one and for nobody else
    owner: str | None = None  # of the tracker
    owners_token: str | None = field(default=None, repr=False)  # for the traffic of the owner's repositories alone
    pages: Mapping[str, int] = field(default_factory=dict)  # source → pages that its targets have, one unless noted
    beside: Mapping[str, Sequence[Ask]] = field(default_factory=dict)  # source → what other machines ask in this run
    machine: int = 1  # which of them this one is
    machines: int = 1  # that ask in this run, and share GitHub's limits
    tokens: tuple[str, ...] = field(default=(), repr=False)  # further ones, for GitHub alone; their limits are added
    app: App | None = None
    paced: bool = False  # keep the pace at a stand-in too, as if it were real

    def url(self, address: str) -> str:
        """The address to ask: the real one, or the stand-in's for it (`http://stand-in/real.host/path`)."""
        if self.stand_in is None:
            return address
        parts = urlsplit(address)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.stand_in.rstrip('/')}/{parts.netloc}{parts.path}{query}"

    @property
    def has_token(self) -> bool:
        """Whether GitHub is asked with any."""
        return self.token is not None or bool(self.tokens) or self.app is not None

    def purse(self) -> Purse:
        """The tokens of this machine."""
        found = [] if self.token is None else [Token("GITHUB_TOKEN", lambda: self.token or "")]
        found += [Token(f"TOKENS, line {place}", partial(str, one)) for place, one in enumerate(self.tokens, 1)]
        if self.app is not None:
            found.append(of_app(self.app, self.url(f"https://{GITHUB}"), self.agent))
        return Purse(*of_machine(found, self.machine, self.machines))

    @property
    def is_patient(self) -> bool:
        """Whether paces and waits are kept; a stand-in on the same machine need not be spared."""
        return self.stand_in is None or self.paced

    @property
    def signed_agent(self) -> str:
        """The User-Agent with the contact in it: `groundswell/1 (+https://…; mailto:…)`."""
        if self.contact is None:
            return self.agent
        before = f"{self.agent[:-1]}; " if self.agent.endswith(")") else f"{self.agent} ("
        return f"{before}mailto:{self.contact})"


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    content: bytes
    location: str | None = None  # where a redirect leads


@dataclass(frozen=True, slots=True)
class _Question:
    host: str
    address: str
    params: Mapping[str, str] | None = None
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stranger: bool = False
    once: bool = False  # it does something there: what may have been done is not done again


class Door:
    """Asks hosts for JSON: paced for each host, tried again with growing waits, read up to a bound, checked to be JSON.

    A host that refused after all tries is not asked again by this door: the same refusal is raised at once. A host is
    asked by one thread at a time. Once the run's time is up, every question raises OutOfTime.
    """

    def __init__(self, outside: Outside, clock: Clock | None = None) -> None:
        self.outside = outside
        self.time = Timetable(
            outside.paces, minutes=outside.minutes, patient=outside.is_patient, clock=clock or Clock()
        )
        self._sessions: dict[tuple[str, bool, bool], requests.Session] = {}
        self._closed: dict[str, Unanswered] = {}
        self._lock = threading.Lock()
        self._in_a_row = 0
        self.purse = outside.purse()

    def json(
        self,
        address: str,
        *,
        params: Mapping[str, str] | None = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        stranger: bool = False,
        signed: bool = False,
    ) -> object:
        """The parsed JSON of a GET, or of a POST when a body is given (its `Content-Type` belongs into `headers`).

        `stranger` says that the host was named by somebody in `projects.yaml`: it is asked only by https, without much
        patience, and only where it stands on the public network, so that nobody reads what is inside ours through a
        scorecard. `signed` says that the host wants to know whom to write to.
        Raises NotFound (404), TooMany (429), Unreachable (no answer, 5xx), Broken (anything that is not JSON) or
        OutOfTime.
        """
        sent = {**({"User-Agent": self.outside.signed_agent} if signed else {}), **(headers or {})}
        return _parsed(self._reply(address, params, body, sent, stranger=stranger))

    def table(self, address: str) -> bytes:
        """What a stranger's address gives as a table (CSV or plain text), as it came. Raises as `json` does."""
        reply = self._reply(address, None, None, {"Accept": "text/csv, text/plain"}, stranger=True)
        return _content(reply, TABLES, "a table (CSV)")

    def deliver(self, address: str, message: str) -> None:
        """Hand a message (JSON) to an address that is a secret: as a stranger's, without a redirect, and named nowhere.

        Any 2xx will do. Raises as `json` does; what the other side said to a refusal stands in the error, cut short and
        without what it repeats of the address.
        """
        if self.outside.stand_in is None:
            _check_https(address)
        host, sent = urlsplit(address).netloc, {"Content-Type": "application/json; charset=utf-8"}
        question = _Question(host, self.outside.url(address), None, message, sent, stranger=True, once=True)
        with self.time.turn(host):
            reply = self._send(question)
        if reply.location is not None:
            raise Broken("answered with a redirect, which is not followed")
        if not 200 <= reply.status < 300:
            _refused(reply, address)

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
        if stranger and self.outside.stand_in is None:
            _check_https(address)
        with self.time.turn(host):
            if host in self._closed:
                raise self._closed[host]
            try:
                return _usable(self._ask(_Question(host, self.outside.url(address), params, body, headers, stranger)))
            except (TooMany, Unreachable) as refusal:
                self._closed[host] = refusal
                log.warning("%s %s; it is not asked again in this run", host, refusal)
                raise

    def github(self, path: str, params: Mapping[str, str] | None = None, *, own: bool = False) -> object:
        """The parsed JSON of a GET of GitHub's REST API, asked with the run's token when there is one.

        `own` asks with the owner's token instead, which has limits of its own. A token goes to that host alone and
        follows no redirect: where GitHub says that a repository was renamed, its path by number is asked for anew.
        Raises as `json` does, and Forbidden (403), LimitReached and TokenRefused.
        """
        limits = OWN if own else GITHUB
        with self.time.turn(GITHUB):
            if limits in self._closed:
                raise self._closed[limits]
            try:
                answer = self._ask_github(path, params, own=own)
                moved = _new_place(answer.location) if answer.location else None
                last = answer if moved is None else self._ask_github(moved, own=own)
                found = _checked_by_github(last, "TRAFFIC_TOKEN" if own else "GITHUB_TOKEN")
            except OutOfTime:
                raise
            except (TooMany, LimitReached, TokenRefused) as refusal:
                self._closed[limits] = refusal
                log.warning("GitHub %s", refusal)
                raise
            except Unreachable as nothing:
                self._in_a_row += 1
                if self._in_a_row >= MOST_IN_A_ROW:
                    self._closed[limits] = nothing
                raise
            except Unanswered:
                self._in_a_row = 0
                raise
            self._in_a_row = 0
            if not own and self.purse.share_left("core") <= LEFT_TO_STARS:
                self._closed[limits] = LimitReached(KEPT_FOR_STARS)
            return found

    def _ask_github(self, path: str, params: Mapping[str, str] | None = None, *, own: bool) -> _Reply:
        if own:
            return self._send_to_github(path, params, self.outside.owners_token)
        while (token := self.purse.best(CORE)) is not None:
            try:
                reply = self._send_to_github(path, params, token.value)
            except TokenRefused as nothing:
                if self.purse.put_aside(token, str(nothing)):
                    continue
                raise
            self.purse.told(token, CORE, reply.headers, 1)
            self.time.tally.told(CORE, reply.headers, token.name)
            if (why := refused(reply.status, reply.content.decode(errors="replace"))) is not None:
                if self.purse.put_aside(token, why):
                    continue
            elif reply.status == 403 and _speaks_of_limit(reply):
                self.purse.use_up(token, CORE)
                if self.purse.best(CORE) is not None:
                    continue
            return reply
        raise LimitReached(USED_UP)

    def _send_to_github(self, path: str, params: Mapping[str, str] | None, token: str | None) -> _Reply:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self._send(_Question(GITHUB, self.outside.url(f"https://{GITHUB}{path}"), params, None, headers))

    def close(self) -> None:
        """Let go of all connections."""
        for session in self._sessions.values():
            session.close()

    def _ask(self, question: _Question) -> _Reply:
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._send(question)
            if reply.location is None:
                return reply
            address = _redirected(question.address, reply.location)
            question = dataclasses.replace(question, address=address, params=None)
        raise Broken("answered with one redirect after another")

    def _send(self, question: _Question) -> _Reply:
        self.time.keep_pace(question.host)
        patience = _patience(stranger=question.stranger, once=question.once)
        try:
            with self._session(question.host, stranger=question.stranger, once=question.once).request(
                "GET" if question.body is None else "POST",
                question.address,
                params=question.params,
                data=None if question.body is None else question.body.encode(),
                headers=question.headers,
                timeout=(self._at_most(patience.connect), self._at_most(patience.silence)),
                stream=True,
                allow_redirects=False,
            ) as answer:
                if answer.is_redirect:
                    return _Reply(answer.status_code, answer.headers, b"", answer.headers["Location"])
                return _Reply(answer.status_code, answer.headers, self._read(answer, patience))
        except requests.exceptions.RetryError:
            raise Unreachable("answered with a fault of its own, also after waiting") from None
        except requests.exceptions.Timeout:
            self._check_time()
            raise Unreachable("did not answer in time") from None
        except requests.exceptions.RequestException as error:
            self._check_time()
            raise Unreachable(f"could not be reached ({type(error).__name__})") from None

    def _read(self, answer: requests.Response, patience: Patience) -> bytes:
        try:
            return wire.read(answer, self._at_most(patience.answer))
        except Unreachable:
            self._check_time()
            raise

    def _at_most(self, seconds: float) -> float:
        """So many seconds, or what is left of the run's."""
        return max(0.05, min(seconds, self.time.left))

    def _check_time(self) -> None:
        """Raises OutOfTime when it was the run's end, not the other side's fault, that nothing came."""
        if self.time.left <= 0:
            raise OutOfTime

    def _session(self, host: str, *, stranger: bool, once: bool = False) -> requests.Session:
        key = (host, stranger, once)
        with self._lock:
            if key not in self._sessions:
                self._sessions[key] = self._new_session(stranger=stranger, once=once)
            return self._sessions[key]

    def _new_session(self, *, stranger: bool, once: bool) -> requests.Session:
        session = requests.Session()
        session.headers["User-Agent"] = self.outside.agent
        # Through a proxy nobody sees where a stranger's host stands, and a .netrc is none of a stranger's business.
        session.trust_env = self.outside.stand_in is None and not stranger
        way = Wire(_patience(stranger=stranger, once=once), self.time.wait, stranger=stranger)
        session.mount("https://" if self.outside.stand_in is None else "http://", way)
        return session


def _patience(*, stranger: bool, once: bool) -> Patience:
    return wire.ONCE if once else wire.STRANGER if stranger else wire.USUAL


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


def _check_https(address: str) -> None:
    """Raises Broken for an address that is not https; where its host stands is looked at when it is called."""
    parts = urlsplit(address)
    if parts.scheme != "https" or parts.hostname is None or parts.username is not None:
        raise Broken("is not an https address of a public host")


def _redirected(address: str, location: str) -> str:
    target = urljoin(address, location)
    here, there = urlsplit(address), urlsplit(target)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise Broken("answered with a redirect to another host")
    return target


def _new_place(location: str) -> str:
    """The path that GitHub keeps for a repository whatever its name: `/repositories/1234/releases?per_page=100`."""
    found = re.search(rf"/{re.escape(GITHUB)}(/repositories/\d+(?:[/?][^\s#]*)?)$", location)
    if found is None:
        raise Broken("answered with a redirect to another place")
    return found[1]


def _speaks_of_limit(reply: _Reply) -> bool:
    """Whether a refusal (403) is for a limit."""
    used_up = reply.headers.get("x-ratelimit-remaining") == "0"
    return used_up or "retry-after" in reply.headers or b"rate limit" in reply.content.lower()


def _checked_by_github(reply: _Reply, name: str) -> object:
    if reply.status == 401:
        raise TokenRefused(f"refuses the token (401): give {name} one that is valid, or take it away")
    if reply.status == 403:
        if _speaks_of_limit(reply):
            raise LimitReached(USED_UP)
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


def _refused(reply: _Reply, address: str) -> NoReturn:
    said = _said(reply.content, address)
    if reply.status in (404, 410):
        raise NotFound(f"has nothing at that address any more ({reply.status}{said})")
    if reply.status == 429:
        raise TooMany(f"answered 429 (too many requests{said})")
    if reply.status >= 500:
        raise Unreachable(f"answered {reply.status} (a fault of its own)")
    raise Broken(f"refused the message ({reply.status}{said})")


def _said(content: bytes, address: str) -> str:
    """What the other side gave as its reason, without any part of the address that could be its secret."""
    text = content[:10_000].decode(errors="replace")
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    said = str(found.get("message", "")) if isinstance(found, dict) else str(found)
    for part in (address, *filter(lambda one: len(one) >= MOST_TELLING, re.split(r"[/?&=#;]+", address))):
        said = said.replace(part, "***")
    plain = " ".join(re.sub(r"[^\w .,:;()'*-]", " ", said).split())[:LONGEST_SAID]
    return f": {plain}" if plain else ""


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
