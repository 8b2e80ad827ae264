"""The site as GitHub Pages serves it, and the browser that looks at it."""

from __future__ import annotations

import functools
import gzip
import http.server
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LEFT: Final = "net::ERR_ABORTED"  # what a page was still loading when it was left
COMPRESSED: Final = (".css", ".csv", ".html", ".js", ".json", ".svg", ".xml")


@functools.cache
def _packed(path: Path, _changed: int) -> bytes:
    """A file as it is sent. Pages packs each but once, so the time of packing is no part of a page's."""
    return gzip.compress(path.read_bytes())


class Pages(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word: texts compressed, kept for ten minutes, 404.html for what is not there."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """With what Pages says of every file."""
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def send_head(self) -> io.BytesIO | IO[bytes] | None:  # type: ignore[override] # both are read like a file
        """The headers of an answer, and its body."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self._answer(HTTPStatus.NOT_FOUND, Path(self.directory) / "404.html")
        return self._answer(HTTPStatus.OK, path)

    def _answer(self, status: HTTPStatus, path: Path) -> io.BytesIO:
        packed = path.suffix in COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", "")
        body = b""
        if path.is_file():
            body = _packed(path, path.stat().st_mtime_ns) if packed else path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return io.BytesIO(body)


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address, with a slash at its end, at which a folder is served."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def launched(chromium: str) -> Iterator[Browser]:
    """The browser that is installed."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only where there is a browser to drive)

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])


def listen(page: Page, address: str, trouble: list[str]) -> None:
    """Write down what the browser complains of, what it asks for elsewhere, and what it does not get."""
    page.on("console", lambda message: trouble.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
    page.on("request", lambda asked: None if asked.url.startswith((address, "blob:")) else trouble.append(asked.url))
    page.on(
        "requestfailed", lambda failed: None if failed.failure == LEFT else trouble.append(f"not got: {failed.url}")
    )
    page.on("response", lambda got: trouble.append(f"{got.status} {got.url}") if got.status >= 400 else None)
