"""The door to the network: what is an answer, what is none, and how politely it asks."""

from __future__ import annotations

import logging

import pytest

from groundswell import wire
from groundswell.http import Broken, Door, NotFound, Outside, TooMany, Unreachable
from tests.scripted import Reply, scripted

HOST = "https://api.example.org"


def test_json_is_given_as_it_is_parsed() -> None:
    with scripted([Reply('{"downloads": 3}')]) as server:
        door = Door(Outside("groundswell/1 (+https://example.org)", stand_in=server.address))
        assert door.json(f"{HOST}/a", params={"x": "y z"}) == {"downloads": 3}
        door.close()
    assert server.requests == ["/api.example.org/a?x=y+z"]
    assert server.agents == ["groundswell/1 (+https://example.org)"]


def test_a_body_is_posted() -> None:
    with scripted([Reply("[1]")]) as server:
        door = Door(Outside(stand_in=server.address))
        assert door.json(HOST, body="SELECT 1") == [1]
        door.close()
    assert server.bodies == ["SELECT 1"]


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (Reply("404", 404, "text/html"), NotFound, "404"),
        (Reply("<html>", 429, "text/html"), TooMany, "429"),
        (Reply("", 503), Unreachable, "503"),
        (Reply("<html>hello", 200, "text/html"), Broken, "text/html instead of JSON"),
        (Reply('{"downloads": 1', 200), Broken, "broken JSON"),
        (Reply("{}", 403), Broken, "403"),
        (Reply("", 302, headers=(("Location", "https://elsewhere.example/"),)), Broken, "another host"),
        (Reply("", 302, headers=(("Location", "/again"),)), Broken, "redirect after another"),
        (Reply("x" * 1024 * 1024, repeat=21), Broken, "more than 20 MB"),
        (Reply("{}", length=100), Unreachable, "could not be reached"),
    ],
)
def test_what_is_not_a_documented_answer_is_none(reply: Reply, error: type[Exception], words: str) -> None:
    with scripted([reply]) as server:
        door = Door(Outside(stand_in=server.address))
        with pytest.raises(error, match=words):
            door.json(f"{HOST}/a")
        door.close()


def test_a_passing_fault_is_tried_again() -> None:
    with scripted([Reply("", 502), Reply("", 429, headers=(("Retry-After", "0"),)), Reply("[]")]) as server:
        door = Door(Outside(stand_in=server.address))
        assert door.json(f"{HOST}/a") == []
        door.close()
    assert len(server.requests) == 3


def test_a_host_that_refused_after_all_tries_is_not_asked_again() -> None:
    with scripted([Reply("", 429)]) as server:
        door = Door(Outside(stand_in=server.address))
        for _ in range(3):
            with pytest.raises(TooMany):
                door.json(f"{HOST}/a")
        door.close()
    assert len(server.requests) == 1 + wire.USUAL.again


def test_one_host_that_refuses_does_not_close_another() -> None:
    with scripted([Reply("", 429)] * (1 + wire.USUAL.again) + [Reply("[]")]) as server:
        door = Door(Outside(stand_in=server.address))
        with pytest.raises(TooMany):
            door.json(f"{HOST}/a")
        assert door.json("https://other.example.org/a") == []
        door.close()


def test_an_unknown_name_does_not_close_the_host() -> None:
    with scripted([Reply("404", 404, "text/html"), Reply("[]")]) as server:
        door = Door(Outside(stand_in=server.address))
        with pytest.raises(NotFound):
            door.json(f"{HOST}/unknown")
        assert door.json(f"{HOST}/known") == []
        door.close()


def test_headers_are_sent_with_a_body() -> None:
    with scripted([Reply("[]")]) as server:
        door = Door(Outside(stand_in=server.address))
        door.json(f"{HOST}/query", body='{"a": 1}', headers={"Content-Type": "application/json"})
        door.close()
    assert server.bodies == ['{"a": 1}']


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x",
        "https://10.0.0.7/x",
        "https://[::1]/x",
        "https://169.254.169.254/x",
        "https://localhost/x",
    ],
)
def test_a_stranger_on_a_private_network_is_not_asked(address: str) -> None:
    door = Door(Outside())
    with pytest.raises(Broken, match="private network"):
        door.json(address, stranger=True)
    door.close()


@pytest.mark.parametrize("address", ["http://example.org/x", "https://me:secret@example.org/x", "file:///etc/passwd"])
def test_a_stranger_is_asked_by_https_alone(address: str) -> None:
    door = Door(Outside())
    with pytest.raises(Broken, match="https address of a public host"):
        door.json(address, stranger=True)
    door.close()


def test_nothing_listening_is_unreachable() -> None:
    door = Door(Outside(stand_in="http://127.0.0.1:9"))
    with pytest.raises(Unreachable, match="could not be reached"):
        door.json(f"{HOST}/a")
    door.close()


def test_the_token_is_not_in_what_a_log_would_show(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outside = Outside(token="ghp_secret")
    logging.getLogger("groundswell").warning("%s", outside)
    assert "ghp_secret" not in caplog.text


def test_without_a_stand_in_the_real_address_is_asked() -> None:
    assert Outside().url("https://api.npmjs.org/downloads/x?y=1") == "https://api.npmjs.org/downloads/x?y=1"
