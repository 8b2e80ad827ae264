"""A tiny server that gives the answers it is told to, one after another, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """One answer: by default JSON under 200."""

    body: str = "{}"
    status: int = 200
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None  # a Content-Length that is not true
    repeat: int = 1  # how many times the body is sent


@dataclass
class Scripted:
    """The server's address, its replies still to give (the last one for ever), and the requests it had."""

    replies: list[Reply]
    address: str = ""
    requests: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)


@contextmanager
def scripted(replies: Sequence[Reply]) -> Iterator[Scripted]:
    """Serve replies on 127.0.0.1 for the length of a `with`."""
    script = Scripted(list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script.requests.append(self.path)
            script.agents.append(self.headers.get("User-Agent", ""))
            script.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            reply = script.replies[0] if len(script.replies) == 1 else script.replies.pop(0)
            content = reply.body.encode() * reply.repeat
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(reply.length or len(content)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # the other side has read enough

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    script.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
