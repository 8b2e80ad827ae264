"""Docker Hub: what it says of an image, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import docker
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
YESTERDAY = dt.date(2026, 11, 21)


def image(pulls: object = 512, stars: object = 3) -> dict[str, object]:
    return {"name": "lamp", "namespace": "lanterns", "star_count": stars, "pull_count": pulls, "affiliation": None}


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(docker.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def known(target: str, newest: dt.date) -> Ask:
    return Ask("a/b", target, newest={"pulls": newest, "stars": newest})


def test_pulls_and_stars_are_dated_on_the_day_they_are_read() -> None:
    outcomes, _ = run([Reply(json.dumps(image()))], Ask("a/b", "lanterns/lamp"))
    seen = (Observation("pulls", TODAY, 512), Observation("stars", TODAY, 3))
    assert outcomes == [Answer("docker", "a/b", "lanterns/lamp", seen)]


def test_an_image_without_a_namespace_is_an_official_one() -> None:
    _, requests = run([Reply(json.dumps(image()))], Ask("a/b", "lanterns/lamp"), Ask("c/d", "lamp"))
    assert requests == [
        "/hub.docker.com/v2/repositories/lanterns/lamp",
        "/hub.docker.com/v2/repositories/library/lamp",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        image(-1),
        image(None),
        image("512"),
        image(1.5),
        image(True),
        image(stars=-1),
        {"results": []},
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        docker.parse(answer, TODAY)


def test_a_total_that_was_there_cannot_become_0() -> None:
    outcomes, _ = run([Reply(json.dumps(image(0)))], known("lanterns/lamp", YESTERDAY))
    assert outcomes == [Failure("docker", "a/b", "lanterns/lamp", "gave 0 for a total that cannot be 0")]


def test_a_new_image_has_0_pulls() -> None:
    outcomes, _ = run([Reply(json.dumps(image(0, 0)))], Ask("a/b", "lanterns/lamp"))
    assert isinstance(outcomes[0], Answer)
    assert [one.value for one in outcomes[0].observations] == [0, 0]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, requests = run([Reply("", 500)], known("lanterns/lamp", TODAY))
    assert (outcomes, requests) == ([Answer("docker", "a/b", "lanterns/lamp", ())], [])


def test_an_image_that_is_not_there_is_a_failure_for_it_alone() -> None:
    gone = Reply('{"message":"object not found","errinfo":{}}', 404)
    outcomes, _ = run([gone, Reply(json.dumps(image()))], Ask("a/b", "lanterns/none"), Ask("a/b", "lanterns/lamp"))
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<!DOCTYPE html><title>Docker</title>", kind="text/html; charset=utf-8"),
        Reply('{"detail":"Rate limit exceeded","error":false}', 429),
        Reply("upstream connect error", 503, "text/plain"),
        Reply('{"pull_count": 5'),
    ],
)
def test_what_is_no_answer_is_a_failure_for_each_image(reply: Reply) -> None:
    outcomes, _ = run([reply], Ask("a/b", "lanterns/lamp"), known("lamp", YESTERDAY))
    assert [type(outcome) for outcome in outcomes] == [Failure, Failure]


def test_names_of_images() -> None:
    good = ("redis", "datasetteproject/datasette", "grafana/loki-canary", "a0/b__c.d-e", docker.NAMING.example)
    bad = ("Redis", "redis:7", "docker.io/library/redis", "a0/../b", "a0/", "/b", "a0/b/", "a0/b?x", "-a/b")
    assert all(re.fullmatch(docker.NAMING.pattern, name) for name in good)
    assert not any(re.fullmatch(docker.NAMING.pattern, name) for name in bad)


def test_a_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    answer = json.loads((shared / "samples" / "dockerhub" / "repository-datasette.json").read_text())
    wanted = (answer["pull_count"], answer["star_count"])
    assert tuple(one.value for one in docker.parse(answer, TODAY)) == wanted == (231_874, 15)


def test_a_recorded_series_is_read_as_it_is(shared: Path) -> None:
    recorded = shared / "samples" / "real-series" / "datasette-dockerhub-homebrew-ghreleases-monthly.json"
    months = [figures for _, figures in json.loads(recorded.read_text())["dockerhub"]]
    assert len(months) == 42
    for figures in months:
        wanted = [figures["pull_count"], figures["star_count"]]
        assert [one.value for one in docker.parse(figures, TODAY)] == wanted
