"""The wire: how long a host is waited for, how often it is asked again, and where a stranger's host may stand.

Retries are urllib3's; what is added is that no wait goes past the end of the run, and that an answer has an end.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError, ResponseError
from urllib3.response import BaseHTTPResponse, HTTPResponse

from groundswell.refusals import Broken, Unreachable

SLEEPY_STATUSES: Final = (429, 500, 502, 503, 504)
MOST_BYTES = 20 * 1024 * 1024  # no body is read past this
MOST_ADDRESSES: Final = 3  # of one host that are tried


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a host is waited for, in seconds, and how often it is asked again."""

    connect: float  # until it takes the call
    silence: float  # between two pieces of an answer
    answer: float  # for the head of an answer, and again for its body: a slow drip ends here
    again: int  # times, after an answer that says "later" or "I am at fault"
    again_after_silence: int  # times, after no answer at all
    first_wait: float  # before the second try; doubled each time
    longest_wait: float  # a host that wants to be left alone for longer is not asked again in this run


#                    connect silence answer again after silence first wait longest wait
USUAL = Patience(10, 60, 120, 4, 2, 15, 120)  # 15 + 30 + 60 + 120: most bad spells are over in four minutes
STRANGER = Patience(5, 15, 30, 1, 1, 5, 15)  # named by one project: it costs half a minute at most, and only that one
ONCE = Patience(10, 20, 30, 3, 0, 5, 60)  # a message: an answer that says "later" is obeyed, silence may be a yes


class Waits(Retry):
    """Growing waits from the first one on, in the run's own time. A Retry-After is obeyed, or the host left alone."""

    def __init__(self, *arguments: Any, wait: Callable[[float], None], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._wait = wait

    def new(self, **changed: Any) -> Self:
        """The same with something changed, as Retry wants it."""
        return super().new(wait=self._wait, **changed)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: Any = None,
    ) -> Self:
        """What is left after one more try. Raises MaxRetryError when there is none, or a wait would be too long."""
        if response is not None and (self.get_retry_after(response) or 0) > self.backoff_max:
            raise MaxRetryError(_pool, url, ResponseError("wants to be left alone"))  # type: ignore[arg-type]
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def get_backoff_time(self) -> float:
        """Seconds until the next try; Retry's own would begin with none."""
        tries = len(self.history)
        return min(self.backoff_max, self.backoff_factor * 2 ** (tries - 1)) if tries else 0

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as the other side says, or as long as it is our turn to."""
        told = self.get_retry_after(response) if response is not None else None
        self._wait(told or self.get_backoff_time())


class Wire(HTTPAdapter):
    """Carries requests to one host, known or named by a stranger."""

    def __init__(self, patience: Patience, wait: Callable[[float], None], *, stranger: bool) -> None:
        self._stranger = stranger
        waits = Waits(
            total=patience.again,
            connect=patience.again_after_silence,
            read=patience.again_after_silence,
            other=patience.again_after_silence,
            redirect=0,
            backoff_factor=patience.first_wait,
            backoff_max=patience.longest_wait,
            status_forcelist=SLEEPY_STATUSES,
            allowed_methods=None,  # a POST is only read by who gets it, or is not asked again after silence
            raise_on_status=False,  # the last answer says why
            wait=wait,
        )
        super().__init__(max_retries=waits)

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        """Let the connections be ours."""
        super().init_poolmanager(*arguments, **settings)
        https = _PublicPool if self._stranger else _KnownPool
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": https}


def read(answer: requests.Response, longest: float) -> bytes:
    """The body of an answer.

    Raises Unreachable after `longest` seconds, and Broken past MOST_BYTES, of what is left when it is unpacked.
    """
    content = bytearray()

    def hang_up() -> None:
        answer.raw.shutdown()

    with _watch(longest, hang_up) as over:  # a piece is given when it is whole: a drip must be cut off from outside
        try:
            for piece in answer.iter_content(64 * 1024):
                content += piece
                if len(content) > MOST_BYTES:
                    raise Broken(f"answered with more than {MOST_BYTES // 2**20} MB")
        except requests.exceptions.RequestException:
            if not over.is_set():
                raise
    if over.is_set():
        raise Unreachable(f"took more than {longest:.0f} seconds to answer")
    return bytes(content)


@contextmanager
def _watch(seconds: float, end: Callable[[], None]) -> Iterator[threading.Event]:
    """End something from outside after so many seconds, and tell that it was done."""
    over = threading.Event()

    def ring() -> None:
        over.set()
        with suppress(OSError, ValueError, RuntimeError):  # it ended by itself in this moment
            end()

    bell = threading.Timer(max(0.0, seconds), ring)
    bell.daemon = True
    bell.start()
    try:
        yield over
    finally:
        bell.cancel()


def public_addresses(host: str, port: int) -> list[str]:
    """Where a host stands, each place on the public network. Raises Broken when one is not, Unreachable for none."""
    try:
        found = dict.fromkeys(str(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        raise Unreachable("could not be reached (no such host)") from None
    if not all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found):
        raise Broken("stands on a private network, which is not asked")
    return list(found)


class _Ending(HTTPConnection):
    """Hangs up when the head of an answer takes too long, however steadily it drips."""

    patience: Callable[[], Patience] = staticmethod(lambda: USUAL)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's own is not the standard library's
        with _watch(self.patience().answer, self._hang_up) as over:
            answer = super().getresponse()
        if over.is_set():  # what came looks like an answer that ends here
            answer.close()
            raise TimeoutError
        return answer

    def _hang_up(self) -> None:
        if (held := self.sock) is not None:
            socket.socket.shutdown(held, socket.SHUT_RDWR)  # of the connection itself, whatever is spoken over it


class _Known(_Ending, HTTPSConnection):
    pass


class _Public(_Ending, HTTPSConnection):
    """A connection to an address that was itself looked at: between look and call the name may lead elsewhere."""

    patience = staticmethod(lambda: STRANGER)

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        failed: NewConnectionError | None = None
        for address in public_addresses(name, self.port or 443)[:MOST_ADDRESSES]:
            self._dns_host = address  # to be called; whose certificate it must be is asked by name
            try:
                return super()._new_conn()
            except NewConnectionError as error:
                failed = error
            finally:
                self._dns_host = name
        raise failed or Unreachable("could not be reached (no such host)")


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Ending


class _KnownPool(HTTPSConnectionPool):
    ConnectionCls = _Known


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _Public
