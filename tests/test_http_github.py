"""The door to GitHub: where its token goes, and when GitHub is left alone."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
import requests

from groundswell.http import (
    GITHUB,
    MOST_IN_A_ROW,
    Broken,
    Door,
    Forbidden,
    LimitReached,
    NotFound,
    Outside,
    TokenRefused,
    TooMany,
    Unanswered,
    Unreachable,
)
from tests.scripted import Reply, scripted

SECRET = "ghp_invented"
PATH = "/repos/a/b/releases"


def limited(left: int, status: int = 200, body: str = "[]") -> Reply:
    return Reply(body, status, headers=(("X-RateLimit-Limit", "1000"), ("X-RateLimit-Remaining", str(left))))


def asked(*replies: Reply, times: int = 1, token: str | None = SECRET) -> tuple[list[object], list[str]]:
    """What the door gives or raises, time after time, and what was asked for."""
    found: list[object] = []
    with scripted(replies) as server:
        door = Door(Outside(token=token, stand_in=server.address))
        for _ in range(times):
            try:
                found.append(door.github(PATH, {"page": "2"}))
            except Unanswered as error:
                found.append(error)
        door.close()
    return found, server.requests


class Wire:
    """Stands where requests leave the house: remembers each, and gives redirects that it is told to give, then `[]`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *redirects: str) -> None:
        self.sent: list[tuple[str, str | None]] = []
        self._redirects = list(redirects)
        wire = self

        def send(_: requests.Session, request: requests.PreparedRequest, **_options: object) -> requests.Response:
            wire.sent.append((str(request.url), request.headers.get("Authorization")))
            return wire._answer()

        monkeypatch.setattr(requests.Session, "send", send)

    def _answer(self) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.headers["Content-Type"], answer.raw = 200, "application/json", io.BytesIO(b"[]")
        if self._redirects:
            answer.status_code, answer.headers["Location"] = 301, self._redirects.pop(0)
        return answer


def test_the_token_is_sent_to_githubs_api_and_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    wire, door = Wire(monkeypatch), Door(Outside(token=SECRET))
    door.github(PATH, {"page": "2"})
    door.json(f"https://{GITHUB}/meta")
    door.json("https://example.org/x")
    assert wire.sent == [
        (f"https://{GITHUB}{PATH}?page=2", f"Bearer {SECRET}"),
        (f"https://{GITHUB}/meta", None),
        ("https://example.org/x", None),
    ]


@pytest.mark.parametrize(
    "location",
    [
        "https://example.org/",
        "https://example.org/repos/a/b",
        f"https://{GITHUB}@example.org/x",
        f"https://{GITHUB}/user",
        f"https://{GITHUB}/repositories/x/releases",
        "//example.org/repositories/1/releases",
        f"https://{GITHUB}.example.org/repositories/1/releases",
    ],
)
def test_a_redirect_to_another_place_is_not_followed(monkeypatch: pytest.MonkeyPatch, location: str) -> None:
    wire, door = Wire(monkeypatch, location), Door(Outside(token=SECRET))
    with pytest.raises(Broken, match="redirect to another place"):
        door.github(PATH)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("host", [GITHUB, f"example.org/{GITHUB}"])
def test_a_renamed_repository_is_asked_for_by_its_number_at_github_whatever_the_redirect_names(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    wire, door = Wire(monkeypatch, f"https://{host}/repositories/12/releases?page=2"), Door(Outside(token=SECRET))
    assert door.github(PATH, {"page": "2"}) == []
    assert [urlsplit(address).netloc for address, _ in wire.sent] == [GITHUB, GITHUB]
    assert wire.sent[1][0] == f"https://{GITHUB}/repositories/12/releases?page=2"


def test_one_redirect_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    where = f"https://{GITHUB}/repositories/12/releases"
    wire, door = Wire(monkeypatch, where, where), Door(Outside(token=SECRET))
    with pytest.raises(Broken, match="301"):
        door.github(PATH)
    assert len(wire.sent) == 2


def test_without_a_token_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    wire, door = Wire(monkeypatch), Door(Outside())
    door.github(PATH)
    assert wire.sent == [(f"https://{GITHUB}{PATH}", None)]


def test_the_token_is_in_no_log_and_in_no_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found, _ = asked(Reply("", 502), Reply("", 401), times=3)
    assert SECRET not in caplog.text
    assert SECRET not in " ".join(map(str, found))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply("{}", 404), NotFound),
        (Reply('{"message": "Resource not accessible by integration"}', 403), Forbidden),
        (Reply("<html>", 200, "text/html"), Broken),
        (Reply("[", 200), Broken),
        (Reply("", 500), Unreachable),
    ],
)
def test_one_targets_trouble_does_not_close_github(reply: Reply, error: type[Unanswered]) -> None:
    tries = [reply] * (5 if error is Unreachable else 1)
    found, _ = asked(*tries, Reply("[1]"), times=2)
    assert isinstance(found[0], error)
    assert found[1] == [1]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply("{}", 401), TokenRefused),
        (Reply("", 429), TooMany),
        (limited(0, 403, "{}"), LimitReached),
        (Reply("{}", 403, headers=(("Retry-After", "60"),)), LimitReached),
        (Reply(json.dumps({"message": "You have exceeded a secondary rate limit."}), 403), LimitReached),
    ],
)
def test_a_refusal_that_meets_everybody_closes_github(reply: Reply, error: type[Unanswered]) -> None:
    found, requests_ = asked(reply, times=3)
    assert {type(one) for one in found} == {error}
    assert len(requests_) == (5 if error is TooMany else 1)


def test_github_is_not_asked_again_after_faults_in_a_row() -> None:
    found, requests_ = asked(Reply("", 502), times=MOST_IN_A_ROW + 2)
    assert all(isinstance(one, Unreachable) for one in found)
    assert len(requests_) == 5 * MOST_IN_A_ROW


@pytest.mark.parametrize(("left", "more"), [(501, True), (500, False)])
def test_half_of_the_hours_limit_is_left_to_the_stars(left: int, more: bool) -> None:
    found, requests_ = asked(limited(left), limited(left), times=2)
    assert found[0] == []
    assert (found[1] == []) is more
    assert isinstance(found[1], LimitReached) is not more
    assert len(requests_) == 1 + more


def test_what_says_nothing_of_a_limit_closes_nothing() -> None:
    headers: Mapping[str, str] = {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "none"}
    found, _ = asked(Reply("[]", headers=tuple(headers.items())), times=2)
    assert found == [[], []]
