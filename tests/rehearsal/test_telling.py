"""The last step of a published run hands on what was told: what it cannot hand on undoes nothing, and is loud."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from groundswell import alert_log, notify
from sandbox.hosts import slack
from tests.rehearsal.copies import Copy

pytestmark = pytest.mark.needs("git", "bash", "node")
WRONG = "ftp://not.an.address/secret"


def test_a_wrong_webhook_undoes_no_publication_and_a_right_one_gets_what_was_told(fresh: Copy) -> None:
    repository, sandbox = fresh.repository, fresh.rehearsal.sandbox
    fresh.switch_pages_on()
    repository.secrets["WEBHOOK"] = WRONG
    (run,) = fresh.commit({"projects.yaml": fresh.rehearsal.projects()})
    assert run.job("publish").result == "success", run.told()
    assert (fresh.site / "alerts.html").is_file()
    assert run.job("collect").result == "success"
    assert run.job("told").result == run.conclusion == "failure"
    assert "WEBHOOK is not an https address" in run.step("tell").log
    assert "WEBHOOK is not an https address" in run.job("collect").summary
    assert WRONG not in run.log

    log = alert_log.Log(**json.loads(repository.git("show", "data:alerts.json")))
    today = sandbox.world.today
    one = alert_log.Alert(
        alert_log.name(today, 1), today, "a/b", "B", "level", "stars", "B: stars reached 1,000", "1,001."
    )
    repository.commit("data", {"alerts.json": replace(log, told=(one,)).as_json()}, "Seed")
    repository.secrets["WEBHOOK"] = slack.ADDRESS
    again = fresh.dispatch("publish.yml")
    assert again.conclusion == "success", again.told()
    (sent,) = [seen.body for seen in sandbox.log if seen.host == slack.HOST]
    assert "B: stars reached 1,000" in sent
    assert "1 alert sent to the webhook (slack)" in again.step("tell").log
    assert one.id in repository.git("show", f"data:{notify.FILE}")
    assert "SlackSecret" not in again.log
