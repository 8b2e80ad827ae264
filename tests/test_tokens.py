"""Several tokens: which is asked next, what becomes of one that is used up or refused, an App's, and their shares."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections import Counter
from collections.abc import Mapping

import pytest

from groundswell import collect, gather, sources, tokens
from groundswell.config import Tracker
from groundswell.gather import plan
from groundswell.history import History
from groundswell.http import Door, Outside
from groundswell.models import Failure, Project
from groundswell.refusals import TokenRefused
from groundswell.tokens import App, Purse, Token, of_machine
from sandbox.exchange import Request
from sandbox.github import apps
from sandbox.hosts import Limits
from sandbox.server import Sandbox, start

TODAY = dt.date(2026, 11, 20)
GITHUB = {"github": sources.load()["github"]}
APP = App(apps.APP, apps.private_key(), "octo/tracker")


def told(remaining: int, limit: int = 1_000) -> Mapping[str, str]:
    return {"x-ratelimit-remaining": str(remaining), "x-ratelimit-limit": str(limit)}


def made(*names: str, machines: int = 1) -> tuple[Purse, list[Token]]:
    all_tokens = [Token(name, lambda name=name: f"secret-{name}") for name in names]  # type: ignore[misc]
    return Purse(all_tokens, machines), all_tokens


# --- Which is asked next ---------------------------------------------------------------------------------------------


def test_the_token_with_most_left_is_asked_next() -> None:
    purse, (one, two) = made("one", "two")
    purse.told(one, "core", told(700))
    purse.told(two, "core", told(900))
    assert purse.best("core") is two
    purse.told(two, "core", told(600))
    assert purse.best("core") is one
    assert purse.best("graphql") is one, "of another limit nothing is known yet"


def test_a_token_that_is_used_up_is_not_asked_again_and_none_is_when_all_are() -> None:
    purse, (one, two) = made("one", "two")
    purse.use_up(one, "core")
    assert purse.best("core") is two
    purse.told(two, "core", told(50))
    assert purse.best("core") is None, "the reserve is left to others"
    assert purse.best("graphql") is one


def test_a_token_that_is_put_aside_is_named_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    purse, (one, two) = made("one", "two")
    with caplog.at_level(logging.WARNING):
        assert purse.put_aside(one, "refuses it (401)")
    assert caplog.messages == ["one is put aside: GitHub refuses it (401)"]
    assert purse.best("core") is two
    assert not purse.put_aside(two, "refuses it (401)"), "the last one stays, so that its refusal is said"
    assert "secret" not in f"{one!r} {Outside(token='secret', tokens=('secret',), app=App('1', 'secret', 'a/b'))!r}"


def test_a_machine_uses_its_share_of_a_limit_that_several_have() -> None:
    purse, (one,) = made("one", machines=4)
    purse.told(one, "graphql", told(900), spent=236)
    assert purse.best("graphql") is one
    purse.told(one, "graphql", told(899), spent=1)
    assert purse.best("graphql") is None, "a fourth of 950 is 237"


@pytest.mark.parametrize(
    ("count", "machines", "expected"),
    [
        (1, 4, [(1, 4)] * 4),
        (2, 4, [(1, 2)] * 4),
        (4, 4, [(1, 1)] * 4),
        (3, 2, [(2, 1), (1, 1)]),
        (2, 3, [(1, 2), (1, 1), (1, 2)]),
        (0, 2, [(0, 2)] * 2),
    ],
)
def test_machines_have_tokens_of_their_own_where_there_are_enough(
    count: int, machines: int, expected: list[tuple[int, int]]
) -> None:
    _, every = made(*map(str, range(count)))
    shares = [of_machine(every, number, machines) for number in range(1, machines + 1)]
    assert [(len(own), share) for own, share in shares] == expected
    used = Counter(token.name for own, _ in shares for token in own)
    assert set(used) == {token.name for token in every}
    assert all(share == used[token.name] for own, share in shares for token in own)


@pytest.mark.parametrize(
    ("status", "text", "is_token"),
    [
        (401, "", True),
        (403, '{"message": "Resource protected by organization SAML enforcement."}', True),
        (403, '{"message": "Sorry. Your account was suspended"}', True),
        (403, '{"message": "Repository access blocked"}', False),
        (404, '{"message": "credential"}', False),
        (200, "access token", False),
    ],
)
def test_what_is_refused_for_the_token_s_sake_is_told_from_the_rest(status: int, text: str, is_token: bool) -> None:
    assert (tokens.refused(status, text) is not None) == is_token


# --- Against the sandbox ---------------------------------------------------------------------------------------------


def run(sandbox: Sandbox, way: Outside) -> tuple[list[Failure], Counter[str]]:
    """One run of the source alone: what failed or was left, and the points of each token."""
    projects = [Project(entry.repository, "", "", targets={"github": ("",)}) for entry in sandbox.world.entries]
    books = {project.id: History(project.id) for project in projects}
    door = Door(way)
    outcomes = list(collect.collect(plan(projects, GITHUB, books), GITHUB, door, TODAY))
    return [one for one in outcomes if isinstance(one, Failure)], used(sandbox)


def used(sandbox: Sandbox) -> Counter[str]:
    points: Counter[str] = Counter()
    for seen in sandbox.log:
        points[seen.token] += seen.points
    return points


def test_what_does_not_fit_into_one_limit_is_asked_with_the_next_token() -> None:
    with start(today=TODAY, projects=20, limits=Limits(points=60, requests=30)) as sandbox:
        left, _ = run(sandbox, Outside(token="one", stand_in=sandbox.address))
        assert any(failure.deferred for failure in left)
        sandbox.move_to(TODAY)
        sandbox.forget()
        none, points = run(sandbox, Outside(token="one", tokens=("two", "three"), stand_in=sandbox.address))
    assert [failure for failure in none if failure.deferred] == []
    assert set(points) == {"one", "two", "three"}
    assert max(points.values()) <= 60 + 30


def test_a_revoked_token_is_put_aside_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    with start(today=TODAY, projects=5) as sandbox, caplog.at_level(logging.WARNING):
        way = Outside(token="revoked-one", tokens=("ghp_two",), stand_in=sandbox.address)
        failures, points = run(sandbox, way)
    assert failures == []
    assert points["ghp_two"] > 0
    assert points["revoked-one"] == 0
    assert [one for one in caplog.messages if "put aside" in one] == [
        "GITHUB_TOKEN is put aside: GitHub refuses it (401)"
    ]
    assert "revoked-one" not in caplog.text


def test_releases_and_stars_use_the_same_tokens(caplog: pytest.LogCaptureFixture) -> None:
    with start(today=TODAY, projects=3) as sandbox, caplog.at_level(logging.WARNING):
        door = Door(Outside(tokens=("revoked-one", "ghp_two"), stand_in=sandbox.address))
        name = sandbox.world.entries[0].repository
        assert isinstance(door.github(f"/repos/{name}/releases"), list)
        assert isinstance(door.github(f"/repos/{name}/releases"), list)
    assert caplog.messages == ["TOKENS, line 1 is put aside: GitHub refuses it (401)"]


def test_an_app_asks_with_the_token_of_its_installation() -> None:
    with start(today=TODAY, projects=5) as sandbox:
        failures, points = run(sandbox, Outside(app=APP, stand_in=sandbox.address))
    assert failures == []
    assert [token for token in points if points[token] > 0] == [f"{apps.PREFIX}1"]


def test_an_app_s_token_is_renewed_before_it_runs_out() -> None:
    with start(today=TODAY, projects=2, limits=Limits(app_seconds=21)) as sandbox:  # 20 before, PyGithub renews
        door = Door(Outside(app=APP, stand_in=sandbox.address))
        name = sandbox.world.entries[0].repository
        for _ in range(3):
            door.github(f"/repos/{name}/releases")
            door.time.wait(1_100)
        assert len({token for token in used(sandbox) if token.startswith(apps.PREFIX)}) >= 2


def test_an_app_with_a_wrong_key_is_put_aside_and_its_key_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    wrong = App(APP.id, apps.private_key(apps.new_key()), APP.repository)
    with start(today=TODAY, projects=2) as sandbox, caplog.at_level(logging.WARNING):
        failures, _ = run(sandbox, Outside(token="one", app=wrong, stand_in=sandbox.address))
        alone, _ = run(sandbox, Outside(app=wrong, stand_in=sandbox.address))
    assert failures == []
    assert "the App 4711 is put aside: GitHub gives the App 4711 no token (401)" in caplog.messages
    assert {failure.reason for failure in alone} == {"gives the App 4711 no token (401)"}
    assert "PRIVATE KEY" not in caplog.text


def test_a_key_that_is_none_is_refused_in_one_line() -> None:
    token = tokens.of_app(App("4711", "no key", "octo/tracker"), "http://127.0.0.1:9", "test")
    with pytest.raises(TokenRefused, match=re.escape("gives the App 4711 no token")):
        _ = token.value


# --- What the environment says ---------------------------------------------------------------------------------------


def test_tokens_and_app_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "one")
    monkeypatch.setenv("TOKENS", "ghp_two\n\n  ghp_three \n")
    monkeypatch.setenv("APP_ID", "4711")
    monkeypatch.setenv("APP_PRIVATE_KEY", "a key")
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo/tracker")
    way = gather.outside(Tracker(), sources.load(), None)
    assert (way.token, way.tokens, way.app) == ("one", ("ghp_two", "ghp_three"), App("4711", "a key", "octo/tracker"))
    monkeypatch.setenv("APP_PRIVATE_KEY", "")
    assert gather.outside(Tracker(), sources.load(), None).app is None


# --- The stand-in ----------------------------------------------------------------------------------------------------


def test_the_sandbox_takes_no_token_of_an_app_that_it_did_not_sign() -> None:
    asked = Request.read("GET", "/api.github.com/repos/a/b/installation", {"authorization": "Bearer x.y.z"}, b"", "")
    answer = apps.Apps().answer(asked)
    assert answer is not None
    assert answer.status == 401
