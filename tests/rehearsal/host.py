"""The host of repositories: git over HTTP with the rights of each token, protected branches, and Pages.

A push goes through `git http-backend`, as it would on a server. Who may do what is GitHub's: a token of a job reads and
writes what its permissions say, and nothing once its job has ended; a protected branch refuses everybody's push with
GitHub's words.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

BOT: Final = "github-actions[bot]"
# GitHub's answer to a push that a branch's protection does not allow.
PROTECTED: Final = """#!/bin/sh
while read -r _ _ ref; do
	if grep -qxF "$ref" "$GIT_DIR/protected" 2>/dev/null; then
		echo "error: GH006: Protected branch update failed for $ref." >&2
		echo "" >&2
		echo "- Changes must be made through a pull request." >&2
		exit 1
	fi
done
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token may do."""

    repository: str  # "owner/name"
    permissions: Mapping[str, str]

    def allows(self, scope: str, level: str) -> bool:
        """Whether a scope is given at this level or above."""
        return self.permissions.get(scope) in ({"read", "write"} if level == "read" else {"write"})


@dataclass
class Repository:
    """A repository with its settings."""

    name: str  # "owner/name"
    bare: Path
    private: bool = False
    pages: bool = False  # whether Pages takes what a workflow publishes
    published: Path | None = None  # what Pages shows
    deployments: int = 0
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    usual_permissions: Mapping[str, str] = field(default_factory=lambda: {"contents": "read", "packages": "read"})
    pull_requests: int = 0

    def git(self, *arguments: str, **env: str) -> str:
        """What git says about the repository, as its owner: no right is asked."""
        command = ["git", "-C", str(self.bare), *arguments]
        done = subprocess.run(command, env=os.environ | GIT_ALONE | env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.stderr}")
        return done.stdout.rstrip("\n")

    def head(self, branch: str) -> str | None:
        """The newest commit of a branch; None when there is no such branch."""
        return self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") or None

    def files(self, ref: str) -> dict[str, bytes]:
        """Every file of a branch or commit."""
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "archive.tar"
            self.git("archive", "--format=tar", "--output", str(archive), ref)
            shutil.unpack_archive(archive, Path(folder) / "out", filter="data")
            out = Path(folder) / "out"
            return {str(file.relative_to(out)): file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file()}

    def commit(self, branch: str, files: Mapping[str, str | None], message: str, parent: str | None = None) -> str:
        """Commit files (None removes one) on top of a branch, as somebody with all rights would. Gives the commit."""
        base = parent or self.head(branch)
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            if base:
                self.git("read-tree", base, **index)
            for place, content in files.items():
                if content is None:
                    self.git("update-index", "--force-remove", place, **index)
                    continue
                written = Path(folder) / "file"
                written.write_text(content, encoding="utf-8")
                blob = self.git("hash-object", "-w", "--path", place, str(written), **index)
                self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{place}", **index)
            tree = self.git("write-tree", **index)
        made = self.git("commit-tree", tree, *(("-p", base) if base else ()), "-m", message, **SOMEBODY)
        self.git("update-ref", f"refs/heads/{branch}", made)
        return made

    def protect(self, branch: str) -> None:
        """Refuse every push to a branch."""
        with (self.bare / "protected").open("a") as file:
            file.write(f"refs/heads/{branch}\n")

    def unprotect(self) -> None:
        """Take all protection back."""
        (self.bare / "protected").unlink(missing_ok=True)


GIT_ALONE: Final = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
SOMEBODY: Final = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in {"NAME": "Octo Cat", "EMAIL": "octo@example.org", "DATE": "2026-11-01T12:00:00Z"}.items()
}


class Host:
    """A running host on 127.0.0.1. A context manager: it stops when its block ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repositories: dict[str, Repository] = {}
        self.tokens: dict[str, Grant] = {}
        # Called when a token gets its rights, or loses them.
        self.granted: Callable[[str, Grant], None] = lambda _token, _grant: None
        self.before_push: Callable[[Repository], None] = lambda _: None  # called before a push is taken
        self.after_push: Callable[[Repository], None] = lambda _: None  # called before it is answered
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def create(self, name: str) -> Repository:
        """A repository without a commit."""
        made = Repository(name, self.folder / f"{name}.git")
        made.bare.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(made.bare)],
            env=os.environ | GIT_ALONE,
            check=True,
        )
        made.git("config", "http.receivepack", "true")
        made.git("config", "uploadpack.allowAnySHA1InWant", "true")
        hook = made.bare / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(PROTECTED)
        hook.chmod(0o755)
        self.repositories[name] = made
        return made

    def clone(self, of: Repository, name: str) -> Repository:
        """Another repository with everything that this one has, its settings too."""
        bare = self.folder / f"{name}.git"
        shutil.copytree(of.bare, bare)
        made = replace(of, name=name, bare=bare, secrets=dict(of.secrets), variables=dict(of.variables))
        self.repositories[name] = made
        return made

    def grant(self, repository: str, permissions: Mapping[str, str]) -> str:
        """A new token with these rights."""
        token = f"ghs_{secrets.token_hex(18)}"
        self.tokens[token] = Grant(repository, permissions)
        self.granted(token, self.tokens[token])
        return token

    def revoke(self, token: str) -> None:
        """Make a token worth nothing any more."""
        grant = self.tokens.pop(token)
        self.granted(token, Grant(grant.repository, {}))

    def refusal(self, repository: Repository | None, token: str | None, *, writing: bool) -> tuple[int, str] | None:
        """Status and words of the refusal of a fetch or push; None when it is allowed."""
        grant = self.tokens.get(token) if token else None
        if token and grant is None:
            return 401, "Invalid username or token. Password authentication is not supported for Git operations."
        missing = 404, "Repository not found."
        if repository is None:
            return missing
        own = grant is not None and grant.repository == repository.name
        if writing and not (grant and own and grant.allows("contents", "write")):
            return (
                (403, f"Permission to {repository.name}.git denied to {BOT}.") if grant else (401, "No anonymous write")
            )
        if repository.private and not (grant and own and grant.allows("contents", "read")):
            return missing if grant else (401, "")
        return None


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            parts = urlsplit(self.path)
            owner, name, what, *_ = *parts.path.strip("/").split("/", 2), "", ""
            repository = host.repositories.get(f"{owner}/{name.removesuffix('.git')}")
            body = _body(self)
            writing = "git-receive-pack" in self.path
            refused = host.refusal(repository, _token(self.headers.get("authorization", "")), writing=writing)
            if refused is not None or repository is None:
                status, said = refused or (404, "Repository not found.")
                challenge = {"WWW-Authenticate": 'Basic realm="GitHub"'} if status == 401 else {}
                self._answer(status, said.encode(), {"Content-Type": "text/plain; charset=utf-8", **challenge})
                return
            pushing = what == "git-receive-pack"
            try:
                if pushing:
                    host.before_push(repository)
                status, headers, answer = self._backend(repository, what, parts.query, body)
                if pushing:
                    host.after_push(repository)
                self._answer(status, answer, headers)
            except ConnectionError:
                self.close_connection = True  # the other side was killed

        def _backend(
            self, repository: Repository, what: str, query: str, body: bytes
        ) -> tuple[int, Mapping[str, str], bytes]:
            env = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(repository.bare),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": f"/{what}",
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "REMOTE_USER": BOT,
                "CONTENT_TYPE": self.headers.get("content-type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
                "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
                **GIT_ALONE,
            }
            done = subprocess.run(["git", "http-backend"], env=env, input=body, capture_output=True, check=False)
            head, _, answer = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
            status = int(headers.pop("Status", "200").split()[0])
            return status, headers, answer

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _do

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
            pass

    return Handler


def _token(header: str) -> str | None:
    kind, _, value = header.partition(" ")
    if kind.lower() == "basic":
        return base64.b64decode(value).decode().partition(":")[2]
    return value or None


def _body(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("transfer-encoding", "") != "chunked":
        return handler.rfile.read(int(handler.headers.get("content-length", "0")))
    found = b""
    while size := int(handler.rfile.readline().strip(), 16):
        found += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return found
