"""The workflows: what must hold in each of them, beyond what the linters see."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
each = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)

Workflow = Mapping[str, Any]


def load(path: Path) -> Workflow:
    content: Workflow = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # "on" stays a word
    return content


def steps(workflow: Workflow) -> Iterator[Mapping[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def publish() -> Workflow:
    return load(ROOT / ".github" / "workflows" / "publish.yml")


@each
def test_no_right_is_given_but_job_by_job(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert all(job["permissions"] for job in workflow["jobs"].values())


@each
def test_every_action_is_pinned_by_sha_with_its_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())
    assert used
    for line in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


@each
def test_every_job_has_an_end(path: Path) -> None:
    assert all(int(job["timeout-minutes"]) <= 120 for job in load(path)["jobs"].values())


@each
def test_no_expression_reaches_a_shell(path: Path) -> None:
    assert not [step["run"] for step in steps(load(path)) if "${{" in step.get("run", "")]


@each
def test_the_checkout_leaves_no_token_behind(path: Path) -> None:
    checkouts = [step for step in steps(load(path)) if "actions/checkout" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


@each
def test_no_repository_is_named(path: Path) -> None:
    text = re.sub(r"uses: .+", "", path.read_text())
    assert not re.search(r"github\.com|[\w-]+/groundswell\b|github\.repository\s*==", text)


@each
def test_code_of_a_pull_request_never_meets_rights_or_secrets(path: Path) -> None:
    workflow = load(path)
    assert "pull_request_target" not in workflow["on"]
    assert "workflow_run" not in workflow["on"]
    if "pull_request" in workflow["on"]:
        assert "secrets." not in path.read_text()
        assert all(job["permissions"] == {"contents": "read"} for job in workflow["jobs"].values())


@each
def test_the_secrets_there_are_meet_the_one_step_that_reads_the_sources(path: Path) -> None:
    given = [step for step in steps(load(path)) if "secrets." in str(step)]
    assert path.read_text().count("secrets.") == 2 * len(given)
    for step in given:
        assert (path.name, step["id"]) == ("publish.yml", "run")
        for name in ("TRAFFIC_TOKEN", "FIGURES"):
            assert step["env"][name] == f"${{{{ secrets.{name} }}}}"


def test_publish_runs_every_day_at_an_odd_minute() -> None:
    ((entry),) = publish()["on"]["schedule"]
    minute, hour, *rest = entry["cron"].split()
    assert rest == ["*", "*", "*"]
    assert hour.isdigit()
    assert int(minute) % 2 == 1


def test_one_publish_at_a_time_and_none_is_cut_short() -> None:
    assert publish()["concurrency"]["cancel-in-progress"] == "false"


def test_what_was_read_is_kept_whatever_became_of_the_run() -> None:
    (keep,) = (step for step in publish()["jobs"]["collect"]["steps"] if step.get("id") == "keep")
    assert keep["run"].split() == [".ci/history", "save", "history"]
    assert "always()" in keep["if"]


def test_only_a_run_that_ended_with_0_is_published() -> None:
    assert publish()["jobs"]["publish"]["if"] == "${{ needs.collect.outputs.status == '0' }}"
    assert publish()["jobs"]["publish"]["needs"] == "collect"


@pytest.mark.parametrize("status", [0, 1, 2, 3, 4])
def test_the_run_step_hands_on_the_exit_status_of_generate(status: int, tmp_path: Path) -> None:
    (step,) = (step for step in publish()["jobs"]["collect"]["steps"] if step.get("id") == "run")
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\necho said something\nexit {status}\n")
    fake.chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    assert subprocess.run(command, env=env, check=False, capture_output=True).returncode == status
    assert (tmp_path / "output").read_text() == f"status={status}\n"
    assert (tmp_path / "run.log").read_text() == "said something\n"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("0", "The site was built"),
        ("1", "a fault of the program"),
        ("2", "`projects.yaml` is wrong"),
        ("3", "differ too much"),
        ("4", "No source could be reached"),
        ("", "was stopped before it ended"),
    ],
)
def test_the_summary_says_what_an_exit_status_means(status: str, said: str, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("<b>npm</b> answered 429\n")
    out = subprocess.run(
        [str(ROOT / ".ci" / "summary"), status, str(log)], check=True, capture_output=True, text=True
    ).stdout
    assert said in out.splitlines()[0]
    assert "\n    <b>npm</b> answered 429\n" in out  # indented: Markdown leaves it alone


def test_the_summary_of_a_run_that_did_not_begin_says_so(tmp_path: Path) -> None:
    command = [str(ROOT / ".ci" / "summary"), "", str(tmp_path / "run.log")]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "did not begin" in out


def test_the_marks_on_a_pull_request_fit_what_the_check_prints() -> None:
    matcher = yaml.safe_load((ROOT / ".github" / "mistakes.json").read_text())["problemMatcher"][0]["pattern"][0]
    line = "projects.yaml:12: mongodb/mongo: unknown key 'pipy'; did you mean 'pypi'?"
    found = re.match(matcher["regexp"], line)
    assert found is not None
    assert found[matcher["file"]] == "projects.yaml"
    assert found[matcher["line"]] == "12"
    assert found[matcher["message"]].startswith("mongodb/mongo: unknown key")
    assert found[matcher["severity"]] is None, "GitHub takes it for an error then"
    found = re.match(matcher["regexp"], "projects.yaml:12: warning: mongodb/mongo: npm mongodb: not verified: npm 429")
    assert found is not None
    assert found[matcher["severity"]] == "warning"
    assert found[matcher["message"]].startswith("mongodb/mongo: npm")
    found = re.match(matcher["regexp"], "figures/acme.csv:3: acme/acme: revenue: expected a number such as 1234.5")
    assert found is not None
    assert (found[matcher["file"]], found[matcher["line"]]) == ("figures/acme.csv", "3")


def test_the_check_of_a_pull_request_runs_nothing_of_it() -> None:
    job = load(ROOT / ".github" / "workflows" / "pull-request.yml")["jobs"]["check"]
    proposed, program = (step["with"] for step in job["steps"] if "actions/checkout" in step.get("uses", ""))
    assert proposed["sparse-checkout"].split() == ["/projects.yaml", "/figures/"]
    assert proposed["sparse-checkout-cone-mode"] == "false"
    assert "path" not in proposed, "marks name files as they stand in the repository"
    assert program["ref"] == "${{ github.event.pull_request.base.sha }}"
    for step in job["steps"]:
        for script in re.findall(r"python (?!-m pip)(\S+)", step.get("run", "")):
            assert script.startswith(f"{program['path']}/")
        if "-m pip" in step.get("run", ""):
            assert step["working-directory"] == program["path"]
