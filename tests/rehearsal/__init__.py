"""The rehearsal: the workflow files as they are, carried out without GitHub.

There is no runner of Actions to be had here, so this plays one. It reads `.github/workflows/*.yml` (and composite
actions) from a copy of this repository, carries out their `run:` steps as they stand there, in order, with conditions,
environment, outputs and permissions as GitHub documents them, against a bare repository as `origin` and the sandbox as
the rest of the world. Expressions are evaluated by GitHub's own library. What it does not know (a key, an action, an
input, a shell, a function) raises RehearsalError: nothing is passed over in silence.

    workflow      files → records            commands   ::error::, GITHUB_OUTPUT, summaries…
    expressions   ${{ }}                     machine    a job's folders, token and processes
    events        what starts which file     runner     jobs and steps, in order
    host          git with rights, Pages     actions    stand-ins for the marketplace's actions
    copies        somebody's copy: what happens in it, and what is there afterwards

A scenario is a test. With the fixtures of `conftest.py`:

    def test_a_second_day_adds_a_row(published: Copy) -> None:     # a copy of its own that published the day before
        run = published.schedule("publish.yml")                    # or: dispatch, commit, pull_request, issue
        assert run.conclusion == "success", run.told()             # told(): every step with what it printed
        assert …published.data, published.site, run.summary, run.annotations, run.step("keep").outcome…

- `fresh` is a copy before its first run (Pages off, the template's own projects.yaml), `published` one after it;
  `rehearsal` is their world: `rehearsal.day(8)` goes on in time.
- `copy.commit({"projects.yaml": text})` is an edit on main and starts what it starts; CI alone is switched off
  (`copy.switched_off`). `copy.pull_request(changes)` comes from a fork; `copy.issue(title, body)` from a stranger.
- `copy.repository`: `secrets`, `variables`, `private`, `protect(branch)`; `copy.switch_pages_on()`;
  `copy.set_up(issues=False, …)` sets what `sandbox.github.issues` knows of it; `copy.written` is what it has of it.
- Faults and limits are the sandbox's: `copy.rehearsal.sandbox.order("status", host=…, status=503)`.
- `Disturbance("run", "kill", when=…)` comes between a step and its end (kill, cancel, lose, overrun);
  `before={"keep": do}` calls something before a step begins.
- To change a workflow, commit the changed file: `copy.change(".github/workflows/publish.yml", old, new)`.
- A new marketplace action needs a stand-in in ACTIONS of `actions.py`, by its own documentation.
- A run costs some four seconds of CPU. Say several facts of one run, and begin from `published`.
"""
