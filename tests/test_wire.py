"""The wire: a stranger's host stands where it was looked at, and every answer has an end."""

from __future__ import annotations

import dataclasses
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from groundswell import wire
from groundswell.http import Broken, Door, Outside, Unreachable
from groundswell.sources.github import transport
from tests.scripted import Reply, scripted

NAME = "forum.example"
PUBLIC, PRIVATE = "93.184.216.34", "10.0.0.7"


@dataclass
class Network:
    """A network in which names lead where they are told, and every public address to one server of our own."""

    server: int = 0  # its port
    answers: list[Sequence[str]] = field(default_factory=list)  # to each look-up of NAME; the last one for ever
    looked_up: int = 0
    called: list[str] = field(default_factory=list)

    def look_up(self, host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        if host == NAME:
            self.looked_up += 1
            found = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
            return [_place(one, port) for one in found]
        self.called.append(host)
        return [_place("127.0.0.1", self.server)]


def _place(address: str, port: int) -> tuple[object, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    made = Network()
    monkeypatch.setattr(socket, "getaddrinfo", made.look_up)
    return made


@dataclass
class Seen:
    """What a server saw of those who called."""

    port: int
    names: list[str | None] = field(default_factory=list)  # asked for in the handshake
    heads: list[str] = field(default_factory=list)


@contextmanager
def forum(folder: Path, reply: str) -> Iterator[Seen]:
    """An https server with a certificate for NAME (and `ca.pem` to check it) that always says the same."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    kept = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(*kept))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    listening = socket.create_server(("127.0.0.1", 0))
    seen = Seen(listening.getsockname()[1])
    context.sni_callback = lambda _, name, __: seen.names.append(name)
    threading.Thread(target=_serve, args=(listening, context, reply, seen), daemon=True).start()
    try:
        yield seen
    finally:
        listening.close()


def _serve(listening: socket.socket, context: ssl.SSLContext, reply: str, seen: Seen) -> None:
    while True:
        try:
            call, _ = listening.accept()
        except OSError:
            return
        with call, suppress(OSError), context.wrap_socket(call, server_side=True) as talk:
            seen.heads.append(talk.recv(65536).decode())
            talk.sendall(reply.encode())


def answering(body: str, status: str = "200 OK", more: str = "") -> str:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}"
    return f"{head}Connection: close\r\n\r\n{body}"


def door_of_strangers(folder: Path) -> Door:
    door = Door(Outside())
    door._session(NAME, stranger=True).verify = str(folder / "ca.pem")
    return door


def test_a_stranger_is_called_where_it_was_looked_at_and_nowhere_else(network: Network, tmp_path: Path) -> None:
    """The name leads to a public place when it is looked at, and inside our network from then on."""
    with forum(tmp_path, answering('{"a": 1}')) as seen:
        network.server, network.answers = seen.port, [[PUBLIC], [PRIVATE]]
        door = door_of_strangers(tmp_path)
        assert door.json(f"https://{NAME}/about.json", stranger=True) == {"a": 1}
        assert network.called == [PUBLIC]
        assert network.looked_up == 1
        with pytest.raises(Broken, match="private network"):
            door.json(f"https://{NAME}/about.json", stranger=True)
        assert network.called == [PUBLIC]
        door.close()
    assert seen.names == [NAME]
    assert len(seen.heads) == 1
    assert f"Host: {NAME}\r\n" in seen.heads[0]


def test_the_certificate_must_be_the_names(network: Network, tmp_path: Path) -> None:
    """Whoever stands at the public address, but is somebody else, is told nothing."""
    with forum(tmp_path, answering("{}")) as seen:
        network.server, network.answers = seen.port, [[PUBLIC]]
        door = door_of_strangers(tmp_path)
        door._session("other.example", stranger=True).verify = str(tmp_path / "ca.pem")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wire, "public_addresses", lambda *_: [PUBLIC])
            with pytest.raises(Unreachable, match="SSLError"):
                door.json("https://other.example/about.json", stranger=True)
        door.close()
    assert seen.heads == []


@pytest.mark.parametrize("places", [[PRIVATE], [PUBLIC, PRIVATE], ["127.0.0.1"], ["169.254.169.254"], ["::1"]])
def test_one_private_address_is_enough_to_be_left_alone(network: Network, places: Sequence[str]) -> None:
    network.answers = [places]
    door = Door(Outside())
    with pytest.raises(Broken, match="private network"):
        door.json(f"https://{NAME}/about.json", stranger=True)
    door.close()
    assert network.called == []


def test_a_strangers_redirect_leads_nowhere_else(network: Network, tmp_path: Path) -> None:
    moved = answering("", "302 Found", "Location: https://127.0.0.1/secret\r\n")
    with forum(tmp_path, moved) as seen:
        network.server, network.answers = seen.port, [[PUBLIC]]
        door = door_of_strangers(tmp_path)
        with pytest.raises(Broken, match="redirect to another host"):
            door.json(f"https://{NAME}/about.json", stranger=True)
        door.close()
    assert network.called == [PUBLIC]


def test_a_strangers_redirect_to_itself_is_looked_at_anew(network: Network, tmp_path: Path) -> None:
    moved = answering("", "302 Found", "Location: /elsewhere\r\n")
    with forum(tmp_path, moved) as seen:
        network.server, network.answers = seen.port, [[PUBLIC], [PRIVATE]]
        door = door_of_strangers(tmp_path)
        with pytest.raises(Broken, match="private network"):
            door.json(f"https://{NAME}/about.json", stranger=True)
        door.close()
    assert network.called == [PUBLIC]
    assert len(seen.heads) == 1


def test_no_such_host_is_unreachable_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    door = Door(Outside())
    with pytest.raises(Unreachable, match="no such host"):
        door.json(f"https://{NAME}/about.json", stranger=True)
    door.close()


def test_nobody_goes_to_a_stranger_through_a_proxy_or_with_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    door = Door(Outside())
    assert not door._session(NAME, stranger=True).trust_env
    assert door._session(NAME, stranger=False).trust_env
    door.close()


# --- Every answer has an end -----------------------------------------------------------------------------------------


@contextmanager
def dripping(head: bytes, drop: bytes, pause: float = 0.05) -> Iterator[str]:
    """A server that says a head at once and then one drop after another, for ever."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def drip(call: socket.socket) -> None:
        with call, suppress(OSError):  # until the other side has enough of it
            call.sendall(head)
            while not ended.wait(pause):
                call.sendall(drop)

    def serve() -> None:
        while not ended.is_set():
            try:
                call, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(call,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        listening.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("head", [HEAD, HEAD + b"Content-Length: 100000\r\n\r\n"])
def test_a_drip_ends_in_the_head_and_in_the_body(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    short = dataclasses.replace(wire.USUAL, answer=0.4, again_after_silence=0)
    monkeypatch.setattr(wire, "USUAL", short)
    began = time.monotonic()
    with dripping(head, b"x") as address:
        door = Door(Outside(stand_in=address))
        with pytest.raises(Unreachable):
            door.json("https://api.example.org/a")
        door.close()
    assert time.monotonic() - began < 5


def test_github_too_is_read_up_to_a_bound() -> None:
    with scripted([Reply("x" * 1024 * 1024, repeat=21)]) as server:
        door = Door(Outside(token="t", stand_in=server.address))
        with transport.Session(door) as session, pytest.raises(Broken, match="more than 20 MB"):
            session.get("/x", transport._OBJECT)
        door.close()


def test_githubs_drip_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "USUAL", dataclasses.replace(wire.USUAL, answer=0.3))
    with dripping(HEAD + b"Content-Length: 100000\r\n\r\n", b"x") as address:
        door = Door(Outside(token="t", stand_in=address))
        with transport.Session(door) as session, pytest.raises(Unreachable, match="to answer"):
            session._ask(transport.REST, "GET", "/x", transport._OBJECT)
        door.close()
