"""The doctor: every source is asked once, and what is wrong comes with what to do."""

from __future__ import annotations

import ast
import datetime as dt
import io
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from groundswell import doctor
from groundswell.http import Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation, Project, SourceModule
from sandbox.server import Sandbox, start
from tests import warm
from tests.scripted import Reply, scripted
from tests.test_collect import Made

ROOT = Path(__file__).parent.parent
TODAY = dt.date(2026, 11, 20)
TOKEN = "invented-token-0123456789"
HOSTS = ("api.github.com", "pypistats.org", "sql-clickhouse.clickhouse.com", "api.npmjs.org")
PROJECTS = [
    Project("a/b", "b", "", targets={"one": ("x", "y")}),
    Project("c/d", "d", "", targets={"one": ("z",), "two": ("[bold]w",)}),
]
Fetch = Callable[[Sequence[Ask]], Iterator[Answer | Failure]]


def seen(*signals: str, day: dt.date = TODAY) -> Fetch:
    def fetch(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        for ask in asks:
            for signal in signals:
                yield Answer("one", ask.project, ask.target, (Observation(signal, day, 3),))

    return fetch


def failing(reason: str, *, deferred: bool = False, signals: tuple[str, ...] = ()) -> Fetch:
    def fetch(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield from (Failure("one", ask.project, ask.target, reason, signals, deferred) for ask in asks)

    return fetch


def both(first: Fetch, second: Fetch) -> Fetch:
    def fetch(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield from first(asks)
        yield from second(asks)

    return fetch


def found(fetch: Fetch) -> doctor.Finding:
    (finding,) = doctor.diagnose(PROJECTS, {"one": Made(fetch)}, Door(Outside(stand_in="http://127.0.0.1:9")), TODAY)
    return finding


def printed(findings: Sequence[doctor.Finding], **sources: SourceModule) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False, soft_wrap=True)
    doctor.show(findings, sources, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_a_source_is_asked_for_the_first_target_that_is_named_and_for_no_other() -> None:
    asked: list[Ask] = []

    def fetch(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        asked.extend(asks)
        yield from seen("n")(asks)

    assert found(fetch).target == "x"
    assert asked == [Ask("a/b", "x")]


def test_a_source_is_left_alone_when_it_begins_to_fill_in_the_past() -> None:
    def fetch(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield from seen("n", "m", "n")(asks)
        raise AssertionError("asked on")

    assert found(fetch).well


def test_the_newest_day_is_taken_from_all_answers() -> None:
    old = seen("m", day=dt.date(2026, 10, 31))
    assert found(both(seen("n"), old)).newest == found(both(old, seen("n"))).newest == TODAY


def test_a_fault_of_ours_is_named_and_spares_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def broken(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        if asks:
            raise ZeroDivisionError
        yield from seen("n")(asks)

    def two(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield from (Answer("two", ask.project, ask.target, (Observation("n", TODAY, 1),)) for ask in asks)

    one, other = doctor.diagnose(
        PROJECTS, {"one": Made(broken), "two": Made(two)}, Door(Outside(stand_in="http://127.0.0.1:9")), TODAY
    )
    assert one.wrong == ("Made could not be read for a fault of this program (ZeroDivisionError)",)
    assert one.advice == ("Report it, with the lines above this table.",)
    assert "Traceback" in caplog.text
    assert other.well


# --- What is wrong, and what to do -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fetch", "reached", "answered", "well"),
    [
        (seen("n"), True, True, True),
        (both(seen("n"), failing("answered 503 (a fault of its own)", signals=("m",))), True, True, False),
        (failing("answered 429 (too many requests)"), True, False, False),
        (failing("could not be reached (ConnectionError)"), False, False, False),
        (failing("by month (ClickHouse) could not be reached (ConnectionError)"), False, False, False),
        (failing("did not answer in time"), False, False, False),
        (failing("is left for a later run: it answers 300 questions a day", deferred=True), None, False, False),
        (lambda asks: (Answer("one", ask.project, ask.target, ()) for ask in asks), True, False, False),
    ],
)
def test_what_came_back_is_told_from_what_was_of_use(
    fetch: Fetch, reached: bool | None, answered: bool, well: bool
) -> None:
    finding = found(fetch)
    assert (finding.reached, finding.answered, finding.well) == (reached, answered, well)
    assert bool(finding.wrong) == bool(finding.advice) == (not well)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("could not be reached (no such host)", "See whether x is spelt right in projects.yaml (one of a/b)."),
        ("could not be reached (ConnectionError)", "See whether this machine can go there"),
        ("took more than 120 seconds to answer", "See whether this machine can go there"),
        ("stands on a private network, which is not asked", "Name a host on the public network"),
        ("answered 502 (a fault of its own)", "Wait: it is the other side's trouble"),
        ("answered with a fault of its own, also after waiting", "Wait: it is the other side's trouble"),
        ("answered 429 (too many requests)", "Wait an hour"),
        ("is left for the next run: GitHub's limit for this hour is used up", "Wait an hour"),
        ("is left for a later run: it answers 300 questions a day", "Nothing: a later run asks for it."),
        ("wants an e-mail address in every request: set CONTACT to one", "Set CONTACT in the environment"),
        ("gives these only with a token: set GITHUB_TOKEN", "Set GITHUB_TOKEN in the environment"),
        ("refuses the token (401): give GITHUB_TOKEN one that is valid, or take it away", "Give GITHUB_TOKEN a token"),
        ("has nothing of that name (404)", "See whether x is spelt right"),
        ("does not show this repository: deleted, private or misspelt", "See whether x is spelt right"),
        ("answered with a redirect to another host", "It has moved"),
        ("answered 403", "It refuses this machine: see https://example.org"),
        ("answered with text/html instead of JSON", "Ask again tomorrow. If it stays"),
        ("answered in an unknown shape (data.4.count: should be at least 0)", "Ask again tomorrow. If it stays"),
    ],
)
def test_each_thing_that_goes_wrong_has_something_to_do(reason: str, advice: str) -> None:
    finding = found(failing(reason))
    assert finding.wrong == (f"Made {reason}",)
    (text,) = finding.advice
    assert text.startswith(advice)


def test_what_the_door_says_is_known_here() -> None:
    """Whatever the door calls unreachable is shown as not reached, unless the other side itself said so."""
    files = [ROOT / "groundswell" / name for name in ("http.py", "wire.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    raised = [node.exc for node in nodes if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    texts = [ast.unparse(call.args[0]) for call in raised if ast.unparse(call.func) == "Unreachable"]
    assert len(texts) >= 5
    for text in texts:
        assert found(failing(text)).reached is ("fault of its own" in text), text


def test_the_same_advice_is_given_once() -> None:
    finding = found(both(failing("answered 503 (a fault of its own)"), failing("answered 502 (a fault of its own)")))
    assert len(finding.wrong) == 2
    assert len(finding.advice) == 1


# --- Status and table ------------------------------------------------------------------------------------------------


def test_the_status_tells_all_some_and_nobody_apart() -> None:
    good, bad = found(seen("n")), found(failing("answered 500 (a fault of its own)"))
    partly = found(both(seen("n"), failing("answered 500 (a fault of its own)", signals=("m",))))
    assert doctor.status([good, good]) == 0
    assert doctor.status([good, bad]) == doctor.status([good, partly]) == doctor.status([partly]) == 1
    assert doctor.status([bad, bad]) == 4


def test_the_table_says_all_of_a_source_and_text_from_outside_stays_text() -> None:
    def answers(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        yield from (Failure("two", ask.project, ask.target, "said [red]no[/red]") for ask in asks)

    two = Made(answers, LABEL="Two")
    (finding,) = doctor.diagnose(PROJECTS, {"two": two}, Door(Outside(stand_in="http://127.0.0.1:9")), TODAY)
    text = printed([found(seen("n")), finding], one=Made(answers), two=two, three=Made(answers, LABEL="Three"))
    assert "[bold]w" in text
    assert "Two said [red]no[/red]." in text
    assert "→ Ask again tomorrow." in text
    assert "2026-11-20" in text
    assert "No project names a target for: Three" in text
    assert "1 of 2 sources answered" in text


# --- GitHub's limit --------------------------------------------------------------------------------------------------


def limits(reply: Reply) -> tuple[str, list[str]]:
    github = Made(lambda asks: (Answer("github", a.project, a.target, (Observation("n", TODAY, 1),)) for a in asks))
    project = Project("a/b", "b", "", targets={"github": ("",)})
    with scripted([reply]) as server:
        door = Door(Outside(token=TOKEN, stand_in=server.address))
        (finding,) = doctor.diagnose([project], {"github": github}, door, TODAY)
        return finding.left, server.requests


def test_what_is_left_of_githubs_limit_is_said_when_github_says_it() -> None:
    left, requests = limits(
        Reply(
            '{"resources": {"core": {"limit": 5000, "used": 9, "remaining": 4991, "reset": 1}, '
            '"graphql": {"limit": 1000, "used": 6, "remaining": 994, "reset": 1}}}'
        )
    )
    assert left == "GraphQL 994 of 1,000\nREST 4,991 of 5,000"
    assert requests == ["/api.github.com/rate_limit"]


@pytest.mark.parametrize("reply", [Reply("<html>", kind="text/html"), Reply("[]"), Reply(status=404)])
def test_a_limit_that_is_not_said_is_nothing_wrong(reply: Reply) -> None:
    assert limits(reply)[0] == ""


# --- The command -----------------------------------------------------------------------------------------------------


def command(sandbox: Sandbox, folder: Path) -> subprocess.CompletedProcess[str]:
    projects = folder / "projects.yaml"
    entry = 'github: lanternworks/brightlantern\n    pypi: brightlantern\n    npm: "@lanternworks/brightlantern"\n'
    projects.write_text(f"projects:\n  - {entry}")
    where = ["--projects", str(projects), "--stand-in", sandbox.address, "--today", TODAY.isoformat()]
    environment = {**os.environ, "GITHUB_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1"}
    return warm.run(["doctor", *where], environment, folder)


def test_the_command_on_a_good_day_keeps_nothing(tmp_path: Path) -> None:
    with start(today=TODAY) as sandbox:
        ended = command(sandbox, tmp_path)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    assert "3 of 3 sources answered" in ended.stdout
    assert "GraphQL 9" in ended.stdout
    assert TOKEN not in ended.stdout + ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["projects.yaml"]


def test_the_command_when_some_fail_and_when_nobody_answers(tmp_path: Path) -> None:
    with start(today=TODAY) as sandbox:
        sandbox.order("status", host="api.npmjs.org", status=503)
        some = command(sandbox, tmp_path)
        for host in HOSTS:
            sandbox.order("reset", host=host)
        nobody = command(sandbox, tmp_path)
    assert some.returncode == 1, some.stderr
    assert "npm answered 503 (a fault of its own)." in some.stdout
    assert nobody.returncode == 4, nobody.stderr
    assert "0 of 3 sources answered" in nobody.stdout
