"""The server: hands each request to the stand-in for its host, carries out the faults that were ordered, keeps a log.

Its own addresses: GET, POST and DELETE `/_sandbox/faults` (what is ordered; order one or a list, as JSON; take all
back), GET and DELETE `/_sandbox/log` (the requests since the start or the last DELETE), POST `/_sandbox/today`
(`{"today": "2026-11-21"}`: the next day, with fresh limits), GET, POST and DELETE `/_sandbox/repositories` (what
trackers wrote in their own repositories; set one up; begin anew, see sandbox.github.issues).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

from sandbox import gallery, generated
from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault, FaultError, Faults, Setting, made, read
from sandbox.hosts import USUAL, Attendant, Limits, load, own_kinds
from sandbox.turned import turned as turn_round
from sandbox.world import World

OWN: Final = "_sandbox"
LONGEST_LOG: Final = 200_000
LARGEST_BODY: Final = 10 * 2**20


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that was answered."""

    host: str
    method: str
    path: str  # with its query, as it came
    status: int  # 0 when the connection was reset
    points: int  # GraphQL points or REST requests that it was charged with
    size: int  # aliases or packages asked for
    names: tuple[str, ...]  # repositories and packages asked for, in lower case, sorted
    body: str  # what was sent with it
    token: str = ""  # that it was asked with


class Sandbox:
    """A running stand-in for every host, on 127.0.0.1. A context manager: it stops when its block ends."""

    def __init__(self, world: World, limits: Limits = USUAL, port: int = 0) -> None:
        self.limits = limits
        self._modules = load()
        self.faults = Faults(own_kinds(self._modules))
        self._log: deque[Seen] = deque(maxlen=LONGEST_LOG)
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._open(world)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def world(self) -> World:
        """What is answered from."""
        return self._world

    @property
    def log(self) -> tuple[Seen, ...]:
        """The requests that were answered, oldest first."""
        return tuple(self._log)

    def forget(self) -> None:
        """Empty the log."""
        self._log.clear()

    def order(self, kind: str, **settings: Setting) -> None:
        """Order a fault: `order("html", host="api.npmjs.org", status=429, times=2)`. Raises FaultError."""
        self.faults.order(made({"kind": kind, **settings}))

    def move_to(self, today: dt.date) -> None:
        """Go on to another day: the past stays as it was, limits are fresh, faults and log are kept."""
        self._open(self._world.on(today))

    def answer(self, request: Request) -> Response:
        """The answer to a request, with the faults that it meets; noted in the log."""
        attendant = self._attendants.get(request.host)
        asked = Asked() if attendant is None else attendant.asked(request)
        faults = self.faults.meeting(request, asked)
        answer = self.faults.instead(faults) or _attended(attendant, request, faults)
        answer = self.faults.after(faults, answer)
        names, sent = tuple(sorted(asked.names)), request.body.decode(errors="replace")
        self._log.append(
            Seen(
                *(
                    request.host,
                    request.method,
                    request.raw_path,
                    answer.status,
                    answer.points,
                    asked.size,
                    names,
                    sent,
                ),
                request.headers.get("authorization", "").rpartition(" ")[2],
            )
        )
        return answer

    def _open(self, world: World) -> None:
        self._world = world
        self._attendants = {host: module.attend(world, self.limits) for host, module in self._modules.items()}


def start(
    *,
    today: dt.date = gallery.TODAY,
    projects: int | None = None,
    turned: bool = False,
    seed: int = 1,
    faults: Sequence[str] = (),
    limits: Limits = USUAL,
    port: int = 0,
) -> Sandbox:
    """A running sandbox with the gallery (turned: with its growth turned round), or with that many generated projects.
    `faults` are lines as faults.read takes them. Raises FaultError, and OSError when the port is taken.
    """
    entries = gallery.PROJECTS if projects is None else generated.mix(projects, seed)
    entries = turn_round(entries) if turned else entries
    orders = [read(line) for line in faults]
    sandbox = Sandbox(World(entries, today, seed), limits, port)
    try:
        for order in orders:
            sandbox.faults.order(order)
    except FaultError:
        sandbox.stop()
        raise
    return sandbox


def _attended(attendant: Attendant | None, request: Request, faults: Sequence[Fault]) -> Response:
    if attendant is None:
        return as_json({"message": f"the sandbox has no stand-in for {request.host!r}"}, 501)
    return attendant.answer(request, faults)


# --- The sandbox's own addresses -------------------------------------------------------------------------------------


def _own_answer(sandbox: Sandbox, request: Request) -> Response:
    try:
        return _OWN[request.method, request.path](sandbox, request.body)
    except KeyError:
        return as_json({"error": f"there is no {request.method} {request.path}"}, 404)
    except (FaultError, ValueError) as error:
        return as_json({"error": str(error)}, 400)


def _get_faults(sandbox: Sandbox, _body: bytes) -> Response:
    return as_json({"faults": [_plain(fault) for fault in sandbox.faults.in_force()]})


def _post_faults(sandbox: Sandbox, body: bytes) -> Response:
    sent = json.loads(body)
    orders = sent if isinstance(sent, list) else [sent]
    if not all(isinstance(order, dict) for order in orders):
        raise FaultError("an order is a JSON object, or a list of them")
    for fault in [made(order) for order in orders]:
        sandbox.faults.order(fault)
    return _get_faults(sandbox, body)


def _delete_faults(sandbox: Sandbox, body: bytes) -> Response:
    sandbox.faults.clear()
    return _get_faults(sandbox, body)


def _get_log(sandbox: Sandbox, _body: bytes) -> Response:
    return as_json({"requests": [asdict(seen) for seen in sandbox.log]})


def _delete_log(sandbox: Sandbox, body: bytes) -> Response:
    sandbox.forget()
    return _get_log(sandbox, body)


def _post_today(sandbox: Sandbox, body: bytes) -> Response:
    sent = json.loads(body)
    if not isinstance(sent, dict) or not isinstance(sent.get("today"), str):
        raise ValueError('send {"today": "YYYY-MM-DD"}')
    sandbox.move_to(dt.date.fromisoformat(sent["today"]))
    return as_json({"today": sandbox.world.today.isoformat()})


def _get_repositories(sandbox: Sandbox, _body: bytes) -> Response:
    return as_json(sandbox.world.desk.plain())


def _post_repositories(sandbox: Sandbox, body: bytes) -> Response:
    sent = json.loads(body)
    if not isinstance(sent, dict):
        raise ValueError("a repository is set up by a JSON object")
    sandbox.world.desk.set_up(sent)
    return _get_repositories(sandbox, body)


def _delete_repositories(sandbox: Sandbox, body: bytes) -> Response:
    sandbox.world.desk.clear()
    return _get_repositories(sandbox, body)


_OWN: Final = {
    ("GET", "/faults"): _get_faults,
    ("POST", "/faults"): _post_faults,
    ("DELETE", "/faults"): _delete_faults,
    ("GET", "/log"): _get_log,
    ("DELETE", "/log"): _delete_log,
    ("POST", "/today"): _post_today,
    ("GET", "/repositories"): _get_repositories,
    ("POST", "/repositories"): _post_repositories,
    ("DELETE", "/repositories"): _delete_repositories,
}


def _plain(fault: Fault) -> Mapping[str, object]:
    where = {"host": fault.host, "path": fault.path, "target": fault.target, "times": fault.times}
    return {"kind": fault.kind, **{name: value for name, value in where.items() if value is not None}, **fault.settings}


# --- The wire --------------------------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # all sources knock at once

    def handle_error(self, request: object, client_address: object) -> None:
        if isinstance(sys.exc_info()[1], ConnectionError):
            return  # the other side went away
        super().handle_error(request, client_address)  # type: ignore[arg-type]  # typeshed's types are narrower


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 64 * 1024  # head and body go out together
        disable_nagle_algorithm = True

        def _do(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            length = min(int(headers.get("content-length", "0")), LARGEST_BODY)
            server = f"http://{headers.get('host', sandbox.address.removeprefix('http://'))}"
            request = Request.read(self.command, self.path, headers, self.rfile.read(length), server)
            answer = _own_answer(sandbox, request) if request.host == OWN else sandbox.answer(request)
            _deliver(self, answer)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
            pass

    return Handler


def _deliver(handler: BaseHTTPRequestHandler, answer: Response) -> None:
    delivery = answer.delivery
    time.sleep(delivery.delay)
    if delivery.reset:
        handler.close_connection = True
        os.close(handler.connection.detach())
        return
    body = b"" if handler.command == "HEAD" else answer.body
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(answer.body) + delivery.missing))
    handler.end_headers()
    for start in range(0, len(body), delivery.piece or len(body) or 1):
        handler.wfile.write(body[start : start + (delivery.piece or len(body))])
        if delivery.pause:
            handler.wfile.flush()
            time.sleep(delivery.pause)
    handler.wfile.flush()
    if delivery.missing:
        handler.close_connection = True
