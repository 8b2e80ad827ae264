"""The workflows: what must hold in each of them, beyond what the linters see and tests/rehearsal plays."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
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


def action() -> Workflow:
    return load(ROOT / "action.yml")


def step_of_action(key: str) -> Mapping[str, Any]:
    found: list[Mapping[str, Any]] = [
        step for step in action()["runs"]["steps"] if key in (step.get("id"), step["name"])
    ]
    assert len(found) == 1
    return found[0]


@each
def test_no_right_is_given_but_job_by_job(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert all("permissions" in job for job in workflow["jobs"].values())


@each
def test_every_action_is_pinned_by_sha_with_its_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())
    assert used
    for line in used:
        if line.startswith("./ "):  # the action of this very repository
            continue
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


SECRETS = {
    **{"traffic-token": "TRAFFIC_TOKEN", "figures": "FIGURES", "webhook": "WEBHOOK"},
    **{"tokens": "TOKENS", "app-private-key": "APP_PRIVATE_KEY"},
}
OF_RUN = {"traffic-token", "figures", "tokens", "app-private-key"}


@each
def test_the_secrets_there_are_meet_the_one_step_that_needs_each(path: Path) -> None:
    given = [step for step in steps(load(path)) if "secrets." in str(step)]
    whole = sum("shard" not in step["with"] for step in given)
    assert path.read_text().count("secrets.") == len(SECRETS) * whole + len(OF_RUN) * (len(given) - whole)
    for step in given:
        assert (path.name, step["id"]) == ("publish.yml", "scorecard")
        for name, secret in SECRETS.items():
            if "shard" in step["with"] and name not in OF_RUN:
                continue
            assert step["with"][name] == f"${{{{ secrets.{secret} }}}}"
    for step in action()["runs"]["steps"]:
        names = {name for name in SECRETS if f"inputs.{name} " in str(step)}
        assert names == {"run": OF_RUN, "collect": OF_RUN, "tell": {"webhook"}}.get(step.get("id", ""), set())


def test_what_cannot_be_handed_on_undoes_no_publication_and_is_loud() -> None:
    tell = step_of_action("tell")
    assert tell["if"] == "${{ steps.run.outcome == 'success' }}"
    assert tell["continue-on-error"] == "true"
    names = [step["name"] for step in action()["runs"]["steps"]]
    assert names[-2] == tell["name"], "it comes after the site and after the push of what was read"
    jobs = publish()["jobs"]
    assert jobs["told"]["if"] == "${{ always() && needs.collect.outputs.told == 'failure' }}"
    assert jobs["told"]["permissions"] == {}
    assert "exit 1" in jobs["told"]["steps"][0]["run"]


@pytest.mark.parametrize(
    ("generate", "save", "status"),
    [("exit 0", 0, 0), ("exit 1", 0, 1), ("exit 0", 1, 1)],
    ids=["all", "not all", "no push"],
)
def test_what_was_handed_on_is_kept_also_when_not_all_was(
    tmp_path: Path, generate: str, save: int, status: int
) -> None:
    for name, text in (("python", f"echo two alerts\n{generate}"), (".ci/history", f'echo kept "$@"\nexit {save}')):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    shutil.copy(ROOT / ".ci" / "tell", tmp_path / ".ci" / "tell")
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    command = [str(tmp_path / ".ci" / "tell"), "the history"]
    ended = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
    assert ended.returncode == status
    assert ended.stdout == "two alerts\nkept save the history\n"
    assert ("::error title=Alerts::" in ended.stderr) is bool(status)
    assert (tmp_path / "summary").read_text() == "### Told\n\n    two alerts\n"


def test_publish_runs_every_day_at_an_odd_minute() -> None:
    ((entry),) = publish()["on"]["schedule"]
    minute, hour, *rest = entry["cron"].split()
    assert rest == ["*", "*", "*"]
    assert hour.isdigit()
    assert int(minute) % 2 == 1


def test_the_action_names_each_step_and_its_shell_and_no_expression_reaches_it() -> None:
    for step in action()["runs"]["steps"]:
        assert step["name"]
        assert "timeout-minutes" not in step, "a composite step has no end of its own"
        if "run" in step:
            assert step["shell"] == "bash"
            assert "${{" not in step["run"], step["name"]
        else:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_the_action_asks_no_output_of_a_skipped_step_for_zero() -> None:
    """It would be null, and GitHub takes null for equal to '0'."""
    assert not re.search(r"outputs\.\w+ == '0'", (ROOT / "action.yml").read_text())
    assert (
        "needs.collect.result == 'success' && needs.collect.outputs.status == '0'" in publish()["jobs"]["publish"]["if"]
    )


def test_the_action_has_no_secrets_and_names_no_repository_and_every_input_has_a_use() -> None:
    text = (ROOT / "action.yml").read_text()
    assert "secrets." not in text
    assert "github.repository" not in text
    for name in action()["inputs"]:
        assert f"inputs.{name}" in text, name


def test_the_workflow_without_a_copy_pins_what_publish_pins_and_the_page_names_every_input() -> None:
    page = (ROOT / "docs" / "forking.md").read_text()
    (section,) = re.findall(r"^## Without a copy\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    (block,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    checkout = re.search(r"uses: (actions/checkout@.+)", (ROOT / ".github" / "workflows" / "publish.yml").read_text())
    assert checkout is not None
    assert checkout[1] in block
    rows = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    assert {name for row in rows for name in re.findall("`(.+?)`", row)} == set(action()["inputs"])
    given = yaml.safe_load(block)["permissions"]
    needed = {
        key: value
        for name, job in publish()["jobs"].items()
        if name != "part"
        for key, value in job["permissions"].items()
    }
    assert given == {**needed, "pages": "write"}


def test_who_asks_nobody_is_given_no_secret_of_the_sources_and_only_the_first_part_those_of_the_owner() -> None:
    run, collect = step_of_action("run")["env"], step_of_action("collect")["env"]
    for name in OF_RUN | {"app-id"}:
        variable = name.upper().replace("-", "_")
        assert run[variable] == f"${{{{ inputs.shards == '' && inputs.{name} || '' }}}}"
        first = name in ("figures", "traffic-token")
        asked = f"startsWith(inputs.shard, '1/') && inputs.{name} || ''" if first else f"inputs.{name}"
        assert collect[variable] == f"${{{{ {asked} }}}}"


def test_jobs_that_collect_a_part_may_only_read_and_none_stops_another() -> None:
    jobs = publish()["jobs"]
    part = jobs["part"]
    assert part["permissions"] == {"contents": "read"}
    assert part["strategy"]["fail-fast"] == "false"
    assert part["if"] == "${{ vars.SHARDS != '' }}"
    assert (jobs["collect"]["needs"], jobs["collect"]["if"]) == ("part", "${{ !cancelled() }}")


def test_what_the_cache_of_packages_is_named_by_stands_in_the_workspace() -> None:
    copied, python, install = action()["runs"]["steps"][:3]
    place = copied["run"].split()[-1]
    assert not place.startswith(("/", "$", '"'))
    assert python["with"]["cache-dependency-path"] == place
    assert install["run"].split()[-2:] == ["-r", place]
    assert f"/{Path(place).parent}/" in (ROOT / ".gitignore").read_text().splitlines()


def scorecard(folder: Path, python: str, **env: str) -> subprocess.CompletedProcess[str]:
    fake = folder / "python"
    fake.write_text(f"#!/bin/sh\n{python}\n")
    fake.chmod(0o755)
    command = [str(ROOT / ".ci" / "scorecard"), str(folder / "history"), str(folder / "run.log")]
    around = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": "s",
    }
    return subprocess.run(command, env=around | env, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("status", [0, 1, 2, 3, 4])
def test_the_run_hands_on_the_exit_status_of_generate(status: int, tmp_path: Path) -> None:
    assert scorecard(tmp_path, f"echo said something\nexit {status}").returncode == status
    assert (tmp_path / "output").read_text() == f"status={status}\n"
    assert (tmp_path / "run.log").read_text() == "said something\n"


def test_a_run_that_was_killed_has_no_status_and_fails(tmp_path: Path) -> None:
    ended = scorecard(tmp_path, "kill -9 $$")
    assert ended.returncode == 137
    assert "did not come to an end" in ended.stderr
    assert not (tmp_path / "output").exists()


def test_the_run_is_told_what_the_inputs_say(tmp_path: Path) -> None:
    assert scorecard(tmp_path, 'echo "$@"', PROJECTS="a b.yaml", SITE="page", MINUTES="30").returncode == 0
    told = (tmp_path / "run.log").read_text()
    assert f"--site page --summary s --projects a b.yaml --history {tmp_path}/history --minutes 30 --chatty" in told
    assert "parts" not in told


def test_a_part_is_collected_and_all_parts_are_taken_as_the_inputs_say(tmp_path: Path) -> None:
    assert scorecard(tmp_path, 'echo "$@"', SHARD="2/8", PARTS="p q").returncode == 0
    told = (tmp_path / "run.log").read_text()
    assert f"collect --shard 2/8 --parts p q --projects projects.yaml --history {tmp_path}/history" in told
    assert "--site" not in told
    for listed in ('["1/3","2/3","3/3"]', '[ "1/3", "3/3" ]\n'):
        assert scorecard(tmp_path, 'echo "$@"', SHARDS=listed, PARTS="p q").returncode == 0
        assert "--site site --summary s --parts p q --of 3 --projects" in (tmp_path / "run.log").read_text()


def test_minutes_that_are_none_are_refused(tmp_path: Path) -> None:
    ended = scorecard(tmp_path, "echo ran", MINUTES="$(touch x)")
    assert ended.returncode == 1
    assert "whole minutes are wanted" in ended.stderr
    assert not (tmp_path / "run.log").exists()


@pytest.mark.parametrize(("status", "said"), [("1", "a fault of the program"), ("", "did not come to an end")])
def test_the_log_is_shown_where_the_run_itself_could_say_nothing(status: str, said: str, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("<b>npm</b> answered 429\n")
    out = subprocess.run(
        [str(ROOT / ".ci" / "summary"), status, str(log)], check=True, capture_output=True, text=True
    ).stdout
    assert said in out.splitlines()[0]
    assert "\n    <b>npm</b> answered 429\n" in out  # indented: Markdown leaves it alone


def test_the_summary_of_a_part_says_what_becomes_of_it(tmp_path: Path) -> None:
    command = [str(ROOT / ".ci" / "summary"), "", str(tmp_path / "run.log")]
    env = os.environ | {"SHARD": "2/8"}
    for log, said in ((None, "did not begin"), ("npm answered 429\n", "Part 2/8 did not come to its end")):
        if log is not None:
            (tmp_path / "run.log").write_text(log)
        first, *_ = subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout.splitlines()
        assert said in first
        assert "left for the next run" in first
        assert "site stays" not in first


@pytest.mark.parametrize("status", ["0", "2", "3", "4"])
def test_the_log_is_not_shown_where_the_run_said_all(status: str, tmp_path: Path) -> None:
    (tmp_path / "run.log").write_text("npm answered 429\n")
    command = [str(ROOT / ".ci" / "summary"), status, str(tmp_path / "run.log")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == ""


def test_the_summary_of_a_run_that_did_not_begin_says_so(tmp_path: Path) -> None:
    command = [str(ROOT / ".ci" / "summary"), "", str(tmp_path / "run.log")]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "did not begin" in out


@pytest.mark.needs("git", "bash")
@pytest.mark.parametrize(
    ("days", "event", "says"), [(44, "schedule", False), (45, "schedule", True), (300, "push", False)]
)
def test_a_scheduled_run_says_when_the_60_quiet_days_come_near(
    days: int, event: str, says: bool, tmp_path: Path
) -> None:
    when = f"{int(time.time()) - days * 86400 - 60} +0000"
    env = os.environ | {"GITHUB_EVENT_NAME": event, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when}
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    subprocess.run(
        ["git", *who, "-C", str(tmp_path), "commit", "--quiet", "--allow-empty", "-m", "x"], check=True, env=env
    )
    (tmp_path / "run.log").write_text("done\n")
    command = [str(ROOT / ".ci" / "summary"), "0", "run.log"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert (f"Nothing was committed to this branch for {days} days" in done.stdout) == says
    assert ("::warning title=Schedule::" in done.stderr) == says
    assert says or done.stdout == ""


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
