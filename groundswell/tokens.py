"""The tokens that GitHub is asked with: what is left of each, which is asked next, and which is put aside.

One is enough. Where there are several (those that are set, and a GitHub App's, which is renewed when it runs out), the
one with most left is asked next, one request at a time; one whose limit is used up is not asked again in this run, and
one that GitHub refuses is put aside with a line that names it. A token itself is never shown.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import requests
from github import Auth, GithubException, GithubIntegration
from jwt import PyJWTError

from groundswell.refusals import TokenRefused
from groundswell.tally import Left

log = logging.getLogger(__name__)

RESERVE: Final = 50  # points, and requests, of each limit that are left to others; at most a twentieth of it
LEAST: Final = 1_000  # an hour, of a token that did not say yet: as much as a workflow's own has
TIMEOUT: Final = 20  # seconds
_OF_TOKENS: Final = re.compile(r"credential|suspended|SAML|access token|integration", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App that is installed where the tracker is."""

    id: str
    key: str = field(repr=False)  # its private key, PEM
    repository: str  # owner/name that it is installed in


class Token:
    """One token, under a name that may be shown."""

    def __init__(self, name: str, value: Callable[[], str] | None) -> None:
        self.name = name
        self._value = value

    @property
    def value(self) -> str | None:
        """The token itself, for GitHub alone; None is no token. Raises TokenRefused where an App gets none."""
        return None if self._value is None else self._value()

    def __repr__(self) -> str:
        return f"Token({self.name})"


class Purse:
    """All tokens of a run, and what is known of their limits.

    `machines` is how many share them: this one then uses its share of each limit, and leaves the rest to the others.
    """

    def __init__(self, tokens: Sequence[Token], machines: int = 1) -> None:
        self._tokens = list(tokens) or [Token("no token", None)]
        self._machines = machines
        self._lock = threading.Lock()
        self._left: dict[tuple[Token, str], Left] = {}
        self._spent: Counter[tuple[Token, str]] = Counter()
        self._empty: set[tuple[Token, str]] = set()

    def best(self, resource: str) -> Token | None:
        """The token with most left of a limit ("core" or "graphql"); None when none has any."""
        with self._lock:
            most = max(self._tokens, key=lambda token: self._available(token, resource))
            return most if self._available(most, resource) > 0 else None

    def told(self, token: Token, resource: str, headers: Mapping[str, str], spent: int = 0) -> None:
        """What an answer says of a token's limit, and what it cost."""
        remaining, limit = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-limit", "")
        with self._lock:
            self._spent[token, resource] += spent
            if remaining.isdecimal() and limit.isdecimal():
                self._left[token, resource] = Left(int(remaining), int(limit))

    def use_up(self, token: Token, resource: str) -> None:
        """A token's limit is used up: it is not asked for this again."""
        with self._lock:
            self._empty.add((token, resource))

    def put_aside(self, token: Token, why: str) -> bool:
        """Ask no more with a token, and say so; False when it is the only one that is left, which stays."""
        with self._lock:
            if self._tokens == [token]:
                return False
            if token in self._tokens:
                self._tokens.remove(token)
                log.warning("%s is put aside: GitHub %s", token.name, why)
            return True

    def share_left(self, resource: str) -> float:
        """What is left of all limits together, from 0 to 1; those that nothing is known of are taken for whole."""
        with self._lock:
            whole = Left(LEAST, LEAST)
            known = [self._left.get((token, resource), whole) for token in self._tokens]
            return sum(one.remaining for one in known) / max(1, sum(one.limit for one in known))

    def _available(self, token: Token, resource: str) -> int:
        if (token, resource) in self._empty:
            return 0
        left = self._left.get((token, resource))
        if left is None:
            return max(1, LEAST // self._machines - self._spent[token, resource])
        reserve = min(RESERVE, left.limit // 20)
        share = (left.limit - reserve) // self._machines - self._spent[token, resource]
        return min(left.remaining - reserve, share) if self._machines > 1 else left.remaining - reserve


def refused(status: int, text: str) -> str | None:
    """Why GitHub does not take a token, or None when it is not the token that it refuses."""
    if status == 401:
        return "refuses it (401)"
    return "does not allow it (403)" if status == 403 and _OF_TOKENS.search(text) else None


def of_machine(tokens: Sequence[Token], number: int, machines: int) -> tuple[Sequence[Token], int]:
    """The tokens of one machine of several, and how many share them: its own where there are enough of them."""
    if len(tokens) >= machines:
        return tokens[number - 1 :: machines], 1
    if not tokens:
        return tokens, machines
    place = (number - 1) % len(tokens)
    return [tokens[place]], len(range(place, machines, len(tokens)))


def of_app(app: App, base: str, agent: str) -> Token:
    """The token of an App's installation, fetched when it is first wanted, and anew when it is about to run out."""
    kept: list[Auth.AppInstallationAuth] = []

    def value() -> str:
        try:
            if not kept:
                kept.append(_installed(app, base, agent))
            return kept[0].token
        except (GithubException, requests.exceptions.RequestException, PyJWTError, ValueError) as error:
            raise TokenRefused(f"gives the App {app.id} no token ({_why(error)})") from None

    return Token(f"the App {app.id}", value)


def _installed(app: App, base: str, agent: str) -> Auth.AppInstallationAuth:
    auth = Auth.AppAuth(app.id, app.key)
    settings = {"timeout": TIMEOUT, "user_agent": agent, "retry": None, "seconds_between_requests": 0}
    integration = GithubIntegration(auth=auth, base_url=base, **settings)  # type: ignore[arg-type]  # of several kinds
    owner, _, name = app.repository.partition("/")
    installation = integration.get_repo_installation(owner, name)
    return auth.get_installation_auth(installation.id, requester=installation.requester)


def _why(error: Exception) -> str:
    """What may be shown of an error: never what was sent."""
    return f"{error.status}" if isinstance(error, GithubException) else type(error).__name__
