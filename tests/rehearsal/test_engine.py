"""The rehearsal's own rules, on small invented workflows: they are GitHub's, as its documentation gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from textwrap import dedent

import pytest

from tests.rehearsal.commands import assignments
from tests.rehearsal.copies import Copy, Rehearsal
from tests.rehearsal.events import Event, starts
from tests.rehearsal.expressions import Expressions, Scope, Status
from tests.rehearsal.machine import Disturbance
from tests.rehearsal.runs import Run
from tests.rehearsal.workflow import RehearsalError, workflow

pytestmark = pytest.mark.needs("git", "bash", "node")

NUMBERS = count(1)
FINE = Status(success=True, failure=False, cancelled=False)
FAILED = Status(success=False, failure=True, cancelled=False)
HEAD = "name: Try\non: {workflow_dispatch: {}, push: {}, pull_request: {}, issues: {}}\n"
JOB = "    runs-on: ubuntu-24.04\n"


def played(rehearsal: Rehearsal, text: str, *disturbances: Disturbance, **files: str) -> Run:
    """A run of one workflow, started by hand."""
    return repository(rehearsal, text, files).dispatch("try.yml", *disturbances)


def repository(rehearsal: Rehearsal, text: str, files: Mapping[str, str] | None = None) -> Copy:
    content = {".github/workflows/try.yml": HEAD + dedent(text).replace("RUNS\n", "runs-on: ubuntu-24.04\n")}
    return rehearsal.repository(f"try/it-{next(NUMBERS)}", content | dict(files or {}))


# --- Expressions -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def expressions(rehearsal: Rehearsal) -> Iterator[Expressions]:
    yield rehearsal.expressions


@pytest.mark.parametrize(
    ("condition", "status", "holds"),
    [
        ("true", FINE, True),
        ("true", FAILED, False),  # success() && is put before it
        ("always()", FAILED, True),
        ("${{ failure() && steps.one.outcome == 'FAILURE' }}", FAILED, True),  # texts are compared without case
        ("steps.none.outputs.x == ''", FINE, True),  # what is not there is null, and null equals ''
        ("steps.one.outputs.count > 9", FINE, True),  # '10' is compared as a number
        ("!cancelled()", FAILED, True),
        ("contains(fromJSON('[\"a\"]'), 'A') && 'always()'", FINE, True),  # a word in quotes asks for nothing
    ],
)
def test_conditions_are_githubs(condition: str, status: Status, holds: bool, expressions: Expressions) -> None:
    contexts = {"steps": {"one": {"outcome": "failure", "outputs": {"count": "10"}}}}
    assert expressions.holds(condition, Scope(contexts, status)) is holds


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("secrets.TOKEN != ''", "Unrecognized named-value: 'secrets'"),
        ("hashFiles('x') == ''", "Unrecognized function: 'hashFiles'"),
        ("${{ failure() }} || true", "one expression"),
        ("steps.", "Unexpected"),
    ],
)
def test_what_is_not_there_or_not_known_is_an_error(condition: str, said: str, expressions: Expressions) -> None:
    with pytest.raises(RehearsalError, match=said.replace("'", ".").replace("(", r"\(")):
        expressions.holds(condition, Scope({"steps": {}}, FINE))


def test_texts_are_filled_in_as_github_writes_values(expressions: Expressions) -> None:
    scope = Scope({"matrix": {"n": 3.0, "f": 0.5, "yes": True, "list": [1, 2]}})
    assert expressions.text("${{ matrix.n }} ${{ matrix.f }} ${{ matrix.yes }} ${{ matrix.none }}.", scope) == (
        "3 0.5 true ."
    )
    assert expressions.text("${{ '}}' }}${{ format('{0}{{', 'a') }}", scope) == "}}a{"
    assert expressions.value("${{ matrix.list }}", scope) == [1, 2]
    assert expressions.text(False, scope) == "false"


# --- Steps -----------------------------------------------------------------------------------------------------------


def test_a_step_that_fails_stops_the_others_but_those_that_ask(rehearsal: Rehearsal) -> None:
    run = played(
        rehearsal,
        """
        jobs:
          one:
            RUNS
            steps:
              - {id: fine, run: 'echo "said=a=b" >> "$GITHUB_OUTPUT"'}
              - {id: lax, run: exit 3, continue-on-error: true}
              - {id: after, run: 'echo "$SAID ${{ steps.lax.outcome }} ${{ steps.lax.conclusion }}"',
                 env: {SAID: "${{ steps.fine.outputs.said }}"}}
              - {id: bad, run: "false; echo never"}
              - {id: left, run: echo never}
              - {id: asked, if: failure(), run: 'echo "failed ${{ job.status }}"'}
              - {id: last, if: "always() && steps.left.outcome == 'skipped'", run: echo last}
          two:
            RUNS
            needs: one
            steps: [{run: echo never}]
          three:
            RUNS
            needs: [one]
            if: ${{ !cancelled() }}
            steps: [{run: "echo ${{ needs.one.result }}"}]
        """,
    )
    assert [step.outcome for step in run.job("one").steps] == [
        "success", "failure", "success", "failure", "skipped", "success", "success",
    ]  # fmt: skip
    assert run.step("after").log == "a=b failure success"
    assert run.step("asked").log == "failed failure"
    assert (run.job("one").result, run.job("two").result, run.job("three").result) == ("failure", "skipped", "success")
    assert run.job("three").log == "failure"
    assert run.conclusion == "failure"
    assert "never" not in run.log


def test_shells_stop_where_githubs_do(rehearsal: Rehearsal) -> None:
    run = played(
        rehearsal,
        """
        jobs:
          one:
            RUNS
            steps:
              - {id: usual, run: false | true}
              - {id: named, shell: bash, run: false | true, continue-on-error: true}
              - {id: posix, shell: sh, run: echo 2}
        """,
    )
    assert [step.outcome for step in run.job("one").steps] == ["success", "failure", "success"]


def test_environment_goes_from_workflow_to_job_to_step(rehearsal: Rehearsal) -> None:
    run = played(
        rehearsal,
        """
        env: {A: workflow, B: workflow, C: workflow}
        jobs:
          one:
            RUNS
            env: {B: job, C: job}
            steps:
              - {id: first, run: 'echo "$A $B $C"', env: {C: step}}
              - run: |
                  echo "A=later" >> "$GITHUB_ENV"
                  printf 'D<<END\\none\\ntwo\\nEND\\n' >> "$GITHUB_ENV"
                  mkdir programs && printf '#!/bin/sh\\necho mine\\n' > programs/tool && chmod +x programs/tool
                  echo "$PWD/programs" >> "$GITHUB_PATH"
              - {id: second, run: 'echo "$A $C ${{ env.D }}"; tool'}
        """,
    )
    assert run.step("first").log == "workflow job step"
    assert run.step("second").log == "later job one\ntwo\nmine"


def test_a_matrix_makes_jobs_and_hands_on_outputs(rehearsal: Rehearsal) -> None:
    run = played(
        rehearsal,
        """
        jobs:
          plan:
            RUNS
            outputs: {parts: "${{ steps.it.outputs.parts }}"}
            steps: [{id: it, run: "echo 'parts=[1,2,3]' >> $GITHUB_OUTPUT"}]
          part:
            RUNS
            needs: plan
            strategy:
              fail-fast: false
              matrix: {part: "${{ fromJSON(needs.plan.outputs.parts) }}"}
            name: Part ${{ matrix.part }} of ${{ strategy.job-total }}
            steps: [{run: "test ${{ matrix.part }} != 2"}]
          merge:
            RUNS
            needs: part
            if: always()
            steps: [{run: "echo ${{ needs.part.result }}"}]
        """,
    )
    parts = [job for job in run.jobs if job.key == "part"]
    assert [job.name for job in parts] == ["Part 1 of 3", "Part 2 of 3", "Part 3 of 3"]
    assert [job.result for job in parts] == ["success", "failure", "success"]
    assert run.job("merge").log == "failure"


def test_what_is_printed_marks_masks_and_matches(rehearsal: Rehearsal) -> None:
    pattern = {"regexp": r"^(.+):(\d+): (.+)$", "file": 1, "line": 2, "message": 3}
    matcher = json.dumps({"problemMatcher": [{"owner": "o", "pattern": [pattern]}]})
    run = played(
        rehearsal,
        """
        jobs:
          one:
            RUNS
            permissions: {contents: read}
            steps:
              - uses: actions/checkout@v1
              - run: |
                  echo "::error title=Pages,file=a%2Cb,line=3::one%0Atwo"
                  echo "::add-mask::hush"
                  echo "a hush"
                  echo "::add-matcher::matcher.json"
                  echo "projects.yaml:12: wrong"
                  echo "### Said" >> "$GITHUB_STEP_SUMMARY"
              - {run: 'echo "::set-output name=x::y"', if: false}
        """,
        **{"matcher.json": matcher},
    )
    first, second = run.annotations
    assert (first.level, first.title, first.file, first.line, first.message) == ("error", "Pages", "a,b", 3, "one\ntwo")
    assert (second.file, second.line, second.message) == ("projects.yaml", 12, "wrong")
    assert "a ***" in run.log
    assert "hush" not in run.log.replace("::add-mask::***", "")
    assert run.summary == "### Said\n"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{uses: somebody/something@v1}", "does not know the action"),
        ("{uses: actions/checkout@v1, with: {lfs: true}}", "does not know lfs"),
        ("{run: x, shell: pwsh}", "the shell 'pwsh'"),
        ("{run: 'echo ::set-output name=x::y'}", "does not know the command"),
        ("{run: x, retry: 3}", "does not know retry"),
    ],
)
def test_what_the_rehearsal_does_not_know_is_an_error(step: str, said: str, rehearsal: Rehearsal) -> None:
    with pytest.raises(RehearsalError, match=said):
        played(rehearsal, f"jobs:\n  one:\n{JOB}    steps: [{step}]\n")


def test_what_keeps_single_jobs_apart_is_not_known_and_an_error() -> None:
    with pytest.raises(RehearsalError, match="does not know concurrency"):
        workflow("on: push\njobs: {one: {runs-on: ubuntu-24.04, concurrency: x, steps: [{run: x}]}}", "w.yml")


def test_an_output_needs_an_end(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("a<<END\nx\n")
    with pytest.raises(RehearsalError, match="no end"):
        assignments(tmp_path / "output")


# --- Ended before their end ------------------------------------------------------------------------------------------

WAITING = """
jobs:
  one:
    RUNS
    steps:
      - {id: long, run: "touch $RUNNER_TEMP/begun; sleep 60", timeout-minutes: 1}
      - {id: fail, if: failure(), run: echo failed}
      - {id: gone, if: cancelled(), run: echo cancelled}
      - {id: always, if: always(), run: echo always}
      - {id: left, run: echo never}
"""


@pytest.mark.parametrize(
    ("what", "outcomes", "conclusion"),
    [
        ("kill", ["failure", "success", "skipped", "success", "skipped"], "failure"),
        ("overrun", ["failure", "success", "skipped", "success", "skipped"], "failure"),
        ("cancel", ["cancelled", "skipped", "success", "success", "skipped"], "cancelled"),
        ("lose", ["cancelled"], "failure"),
    ],
)
def test_who_is_ended_early_goes_on_as_github_does(
    what: str, outcomes: list[str], conclusion: str, rehearsal: Rehearsal
) -> None:
    def begun() -> bool:
        return any(rehearsal.folder.glob("machines/*/temp/begun"))

    for when in (lambda: True, begun):
        run = played(rehearsal, WAITING, Disturbance("long", what, when))  # type: ignore[arg-type] # one of the table
        assert [step.outcome for step in run.job("one").steps] == outcomes
        assert run.conclusion == conclusion


# --- Rights ----------------------------------------------------------------------------------------------------------

PUSHING = """
permissions: {}
jobs:
  one:
    RUNS
    permissions: {PERMISSIONS}
    steps:
      - uses: actions/checkout@v1
        with: {persist-credentials: KEPT}
      - id: push
        run: |
          git -c user.name=a -c user.email=a@example.org commit --quiet --allow-empty --message More
          git push origin HEAD:refs/heads/BRANCH 2>&1
"""


def pushing(
    rehearsal: Rehearsal, permissions: str = "contents: write", kept: str = "true", branch: str = "new"
) -> Copy:
    text = PUSHING.replace("PERMISSIONS", permissions).replace("KEPT", kept).replace("BRANCH", branch)
    return repository(rehearsal, text)


def test_a_push_needs_contents_write_and_a_token_that_is_kept(rehearsal: Rehearsal) -> None:
    fine, reading, without = (
        pushing(rehearsal),
        pushing(rehearsal, permissions="contents: read"),
        pushing(rehearsal, kept="false"),
    )
    assert fine.dispatch("try.yml").conclusion == "success"
    assert fine.repository.head("new")
    refused = reading.dispatch("try.yml")
    assert refused.conclusion == "failure"
    assert "denied to github-actions[bot]" in refused.step("push").log
    assert without.dispatch("try.yml").conclusion == "failure"
    assert reading.repository.head("new") is None
    assert without.repository.head("new") is None


def test_a_protected_branch_refuses_the_push_in_githubs_words(rehearsal: Rehearsal) -> None:
    copy = pushing(rehearsal, branch="main")
    before = copy.repository.head("main")
    copy.repository.protect("main")
    run = copy.dispatch("try.yml")
    assert run.conclusion == "failure"
    assert "remote: error: GH006: Protected branch update failed for refs/heads/main." in run.step("push").log
    assert copy.repository.head("main") == before


def test_a_private_repository_is_read_only_with_the_right_to(rehearsal: Rehearsal) -> None:
    copy = pushing(rehearsal, permissions="issues: read")
    copy.repository.private = True
    run = copy.dispatch("try.yml")
    assert run.conclusion == "failure"
    assert "Repository not found" in run.job("one").steps[0].said


def test_a_fork_gets_no_secret_and_a_token_that_only_reads(rehearsal: Rehearsal) -> None:
    copy = repository(
        rehearsal,
        """
        jobs:
          one:
            RUNS
            permissions: {contents: write}
            steps:
              - {id: seen, run: 'echo "<$SECRET>"', env: {SECRET: "${{ secrets.SECRET }}"}}
              - {id: unseen, run: 'echo "<$SECRET>"'}
        """,
    )
    copy.repository.secrets["SECRET"] = "a-secret"
    own = copy.dispatch("try.yml")
    assert own.step("seen").env == {"SECRET": "a-secret"}
    assert (own.step("seen").log, own.step("unseen").log) == ("<***>", "<>")
    (foreign,) = copy.pull_request({"file": "x"})
    assert foreign.step("seen").log == "<>"
    assert foreign.job("one").permissions == {"contents": "read"}
    (friendly,) = copy.pull_request({"file": "x"}, foreign=False)
    assert friendly.step("seen").log == "<***>"
    assert friendly.job("one").permissions == {"contents": "write"}


def test_a_token_is_worth_nothing_after_its_job(rehearsal: Rehearsal) -> None:
    tokens = set(rehearsal.host.tokens)
    pushing(rehearsal).dispatch("try.yml")
    assert set(rehearsal.host.tokens) == tokens


# --- Composite actions -----------------------------------------------------------------------------------------------

COMPOSITE = """
name: Greet
description: Greets
inputs:
  who: {description: whom, default: "${{ github.repository_owner }}"}
  fails: {description: whether, default: "false"}
outputs:
  said: {description: what, value: "${{ steps.greet.outputs.said }}"}
runs:
  using: composite
  steps:
    - id: greet
      shell: bash
      env: {WHO: "${{ inputs.who }}", FAILS: "${{ inputs.fails }}"}
      run: |
        echo "said=Good day, $WHO ($OUTER)" >> "$GITHUB_OUTPUT"
        test -e "$GITHUB_ACTION_PATH/action.yml"
        test "$FAILS" != true
    - {shell: bash, if: failure(), run: echo "within"}
"""


def test_a_composite_action_of_the_repository_is_played_from_its_file(rehearsal: Rehearsal) -> None:
    rehearsal.repository("try/action", {"action.yml": COMPOSITE})
    run = played(
        rehearsal,
        """
        jobs:
          one:
            RUNS
            steps:
              - uses: actions/checkout@v1
              - {id: own, uses: ./, with: {who: you}, env: {OUTER: outer}}
              - {id: usual, uses: "try/action@main"}
              - {run: "echo '${{ steps.own.outputs.said }}'", id: first}
              - {run: "echo '${{ steps.usual.outputs.said }}'", id: second}
              - {id: bad, uses: ./, with: {fails: true}}
        """,
        **{"action.yml": COMPOSITE},
    )
    assert run.step("first").log == "Good day, you (outer)"
    assert run.step("second").log == "Good day, try ()"
    assert run.step("bad").outcome == "failure"
    assert [step.log for step in run.job("one").steps].count("within") == 1


# --- What starts what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "event", "begins"),
    [
        ("push: {branches: [main], paths: [projects.yaml, 'figures/**']}", ("main", "projects.yaml"), True),
        ("push: {branches: [main], paths: [projects.yaml, 'figures/**']}", ("main", "figures/a/b.csv"), True),
        ("push: {branches: [main], paths: [projects.yaml, 'figures/**']}", ("main", "docs/projects.yaml"), False),
        ("push: {branches: [main]}", ("data", "x"), False),
        ("push: {branches-ignore: [data]}", ("data", "x"), False),
        ("push: {paths: ['**.csv', '!figures/*']}", ("main", "figures/a.csv"), False),
        ("pull_request: {}", ("main", "x"), False),
    ],
)
def test_filters_decide_what_starts(on: str, event: tuple[str, str], begins: bool) -> None:
    found = workflow(f"on: {{{on}}}\njobs: {{one: {{runs-on: ubuntu-24.04, steps: [{{run: x}}]}}}}\n", "x.yml")
    branch, file = event
    assert starts(found, Event("push", f"refs/heads/{branch}", "0", changed=(file,))) is begins


@pytest.mark.parametrize(
    ("cancels", "conclusions"),
    [("false", ["success", "cancelled", "success"]), ("true", ["cancelled", "cancelled", "success"])],
)
def test_of_a_group_one_runs_and_the_newest_waits(cancels: str, conclusions: list[str], rehearsal: Rehearsal) -> None:
    copy = repository(
        rehearsal,
        f"""
        concurrency: {{group: "one-${{{{ github.ref }}}}", cancel-in-progress: {cancels}}}
        jobs:
          one:
            RUNS
            steps: [{{run: echo one}}, {{id: second, run: echo two}}]
        """,
    )

    def twice() -> None:
        assert copy.dispatch("try.yml").conclusion is None
        assert copy.dispatch("try.yml").conclusion is None

    copy.dispatch("try.yml", before={"second": twice})
    assert [run.conclusion for run in copy.runs] == conclusions


# --- Artifacts -------------------------------------------------------------------------------------------------------

HANDED: dict[str, list[str]] = {  # what is asked for → the files that are then there
    "name: part-1": ["one/said"],
    "pattern: part-*": ["part-1/one/said", "part-2/two/said"],
    "{pattern: part-*, merge-multiple: true}": ["one/said", "two/said"],
    "{pattern: none-*}": [],
    "": ["other/said", "part-1/one/said", "part-2/two/said"],
}


def test_artifacts_come_by_name_by_pattern_each_in_its_folder_or_all_in_one(rehearsal: Rehearsal) -> None:
    steps = [
        f"""
              - uses: actions/download-artifact@v8
                id: fetch-{number}
                with: {{path: "got/{number}", {asked.strip("{}")}}}
              - run: mkdir -p got/{number} && cd got/{number} && find . -type f | sort | cut -c 3- | paste -sd ' '
                id: see-{number}"""
        for number, asked in enumerate(HANDED)
    ]
    run = played(
        rehearsal,
        f"""
        jobs:
          give:
            RUNS
            strategy: {{matrix: {{n: [1, 2]}}}}
            steps:
              - {{run: mkdir -p out/one other, if: matrix.n == 1}}
              - {{run: touch out/one/said other/said, if: matrix.n == 1}}
              - {{run: mkdir -p out/two && touch out/two/said, if: matrix.n == 2}}
              - uses: actions/upload-artifact@v7
                with: {{name: "part-${{{{ matrix.n }}}}", path: out}}
              - uses: actions/upload-artifact@v7
                if: matrix.n == 1
                with: {{name: other, path: other}}
          take:
            needs: give
            RUNS
            steps:{"".join(steps)}
              - uses: actions/download-artifact@v8
                id: missing
                continue-on-error: true
                with: {{name: part-3}}
        """,
    )
    assert run.conclusion == "success", run.told()
    for number, expected in enumerate(HANDED.values()):
        assert run.step(f"see-{number}").log.split() == expected
        assert bool(run.step(f"fetch-{number}").outputs) is bool(expected)
    assert run.step("missing").outcome == "failure"
    assert "Artifact not found for name: part-3" in run.step("missing").said
