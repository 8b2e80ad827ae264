"""Formats of the history: an old one is brought up whole or not at all, a newer one stops the run with a sentence."""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import generate
from groundswell import alert_log, editions, gate, history, migrations, runs
from groundswell.history import BrokenHistory
from groundswell.migrations import MIGRATIONS, NewerHistory
from groundswell.models import RepositoryFacts

ROOT: Final = Path(__file__).parents[1]
DATA: Final = ROOT / "tests" / "data"
PROJECT: Final = "firstfrost/sproutling"
DAY: Final = dt.date(2026, 11, 20)
Files = dict[str, bytes]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A history as the version before the format was raised wrote it in a run on the invented gallery, cut to one."""
    return shutil.copytree(DATA / "history-1", tmp_path / "history")


def files(directory: Path) -> Files:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def change(path: Path, **keys: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))


def test_every_format_has_a_step_that_leads_to_it() -> None:
    assert [step.to for step in MIGRATIONS] == sorted(step.to for step in MIGRATIONS)
    assert {step.to for step in MIGRATIONS} == set(range(2, history.FORMAT + 1))
    assert all(step.what and step.why for step in MIGRATIONS)


# --- An older one ----------------------------------------------------------------------------------------------------


def test_what_format_1_remembered_of_the_last_page_stopped_the_gate_and_does_no_more(old: Path) -> None:
    with pytest.raises(gate.BrokenPublished):
        gate.load(old)
    assert migrations.bring_up(old) == MIGRATIONS
    published = gate.load(old)
    assert published is not None
    assert published.as_of == DAY
    shown = published.projects[PROJECT]
    assert "stars" in shown.fresh
    assert set(shown.fresh) <= set(published.names)
    assert (dict(shown.lost), shown.jumped) == ({}, None)


def test_nothing_that_was_observed_changes_and_the_readme_says_the_new_format(old: Path) -> None:
    before = history.load(old, PROJECT)
    table = (old / "firstfrost__sproutling.csv").read_bytes()
    migrations.bring_up(old)
    after = history.load(old, PROJECT)
    assert dataclasses.replace(after, columns={}) == dataclasses.replace(before, columns={})
    assert (old / "firstfrost__sproutling.csv").read_bytes() == table
    assert (old / "README.md").read_text() == history.README
    assert [path.name for path in old.iterdir() if path.name.startswith(".")] == []


def test_a_lower_bound_of_one_day_becomes_the_first_of_a_list(old: Path) -> None:
    change(old / "firstfrost__sproutling.json", at_least={"github.commits": "2026-11-19"})
    with pytest.raises(BrokenHistory):
        history.load(old, PROJECT)
    migrations.bring_up(old)
    assert history.load(old, PROJECT).at_least == {"github.commits": (dt.date(2026, 11, 19),)}


def test_a_second_run_brings_nothing_up_and_writes_nothing(old: Path) -> None:
    migrations.bring_up(old)
    before = files(old)
    assert migrations.bring_up(old) == ()
    assert files(old) == before


@pytest.mark.parametrize("readme", [None, "# Ours\n\nEdited by hand.\n", "\udcff"])
def test_without_a_readme_that_says_it_the_files_say_the_format(old: Path, readme: str | None) -> None:
    if readme is None:
        (old / "README.md").unlink()
    else:
        (old / "README.md").write_text(readme, errors="surrogateescape")
    assert migrations.bring_up(old) == MIGRATIONS
    assert (old / "README.md").read_text() == history.README


def test_one_old_file_brought_back_into_a_history_of_today_is_brought_up_alone(old: Path) -> None:
    kept = (old / "firstfrost__sproutling.json").read_bytes()
    migrations.bring_up(old)
    whole = files(old)
    (old / "firstfrost__sproutling.json").write_bytes(kept)
    assert migrations.bring_up(old) == MIGRATIONS
    assert files(old) == whole


def test_a_history_that_is_empty_or_not_there_needs_nothing(tmp_path: Path) -> None:
    assert migrations.bring_up(tmp_path / "history") == ()
    (tmp_path / "history").mkdir()
    assert migrations.bring_up(tmp_path / "history") == ()
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [("published.json", '{"format": 1}'), ("published.json", "{"), ("acme__anvil.json", "[]"), ("a__b.json", "\udcff")],
)
def test_a_file_that_cannot_be_brought_up_is_named_and_nothing_is_written(old: Path, name: str, text: str) -> None:
    (old / name).write_text(text, errors="surrogateescape")
    before = files(old)
    with pytest.raises(BrokenHistory, match=f"{name} cannot be brought to format 2 .* Nothing was written"):
        migrations.bring_up(old)
    assert files(old) == before


def test_a_step_that_makes_what_nobody_can_read_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = dataclasses.replace(MIGRATIONS[0], change=lambda text: text.replace("observed_since", "since"))
    monkeypatch.setattr(migrations, "MIGRATIONS", (wrong,))
    before = files(old)
    with pytest.raises(BrokenHistory, match="since"):
        migrations.bring_up(old)
    staged = {name for name in files(old) if name.startswith(".format-2.new/")}
    assert {name: text for name, text in files(old).items() if name not in staged} == before


# --- Ended in the middle ---------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Not an Exception: nothing in the program may catch it."""


@pytest.fixture
def kill_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a function that lets the n-th change of the disk from now on be the last thing that is not done."""
    real = Path.replace

    def at(number: int) -> None:
        left = [number]

        def replace(self: Path, target: Path) -> Path:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return real(self, target)

        monkeypatch.setattr(Path, "replace", replace)

    yield at
    monkeypatch.undo()


def test_a_run_that_is_ended_at_any_moment_leaves_the_old_history_or_one_that_the_next_run_completes(
    old: Path, tmp_path: Path, kill_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = shutil.copytree(old, tmp_path / "done")
    migrations.bring_up(done)
    whole, before, ended = files(done), files(old), 0
    for moment in range(100):
        place = shutil.copytree(old, tmp_path / str(moment))
        kill_at(moment)
        try:
            migrations.bring_up(place)
        except Killed:
            ended += 1
        monkeypatch.undo()
        left = files(place)
        decided = any(name.startswith(".format-2/") for name in left)
        if not decided and (place / "README.md").read_bytes() == before["README.md"]:
            assert {name: text for name, text in left.items() if not name.startswith(".format-2.new/")} == before
        migrations.bring_up(place)
        assert files(place) == whole
        if ended <= moment:
            break
    assert ended >= 6, "three files are written, decided, and take their places"


# --- A newer one -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["README.md", "firstfrost__sproutling.json", ".format-9/README.md"])
def test_a_history_of_a_later_version_is_neither_read_nor_written(old: Path, where: str) -> None:
    path = old / where
    path.parent.mkdir(exist_ok=True)
    path.write_text("# History\n\nFormat 9.\n" if path.suffix == ".md" else '{"format": 9, "project": "x"}')
    before = files(old)
    with pytest.raises(NewerHistory, match=r"has format 9: a later version .* reads formats up to 2\. .* Nothing was"):
        migrations.bring_up(old)
    assert files(old) == before


@pytest.mark.parametrize("how", ["newer", "broken"])
def test_a_run_that_cannot_have_the_history_keeps_not_even_a_record_of_itself(
    old: Path, how: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if how == "newer":
        (old / "README.md").write_text("# History\n\nFormat 9.\n")
    else:
        (old / "published.json").write_text("{")
    before = files(old)
    where = ("--projects", str(ROOT / "projects.yaml"), "--history", str(old), "--site", str(old / "site"))
    monkeypatch.setattr(sys, "argv", ["generate.py", "--offline", *where])
    with pytest.raises(SystemExit) as ended:
        generate.main()
    assert ended.value.code == 1
    assert "Nothing was" in " ".join(capfd.readouterr().err.split())
    assert files(old) == before


def test_files_that_a_later_version_adds_without_another_format_are_passed_over(old: Path) -> None:
    (old / "later.csv").write_text("date,what\n")
    (old / "later").mkdir()
    (old / "later" / "x.json").write_text("{")
    migrations.bring_up(old)
    assert (old / "later.csv").read_text() == "date,what\n"
    assert history.adopt(old, [PROJECT]) == {}


# --- The shape of today ----------------------------------------------------------------------------------------------


def shape(record: type) -> Iterator[str]:
    """Every field of a record of the files, and of the records in it, a line each."""
    for name, kind in inspect.get_annotations(record).items():
        yield f"{record.__name__.strip('_')}.{name}: {kind}"


def shapes() -> str:
    """All that the files of a history hold."""
    records = (
        *(history._Notes, history._FailedNotes, history._CorrectionNotes, RepositoryFacts),
        *(gate.Published, gate.Shown, gate.Stars),
        *(editions.Edition, editions.StageMonth, editions.Move, editions.Rates, editions.Some, editions.News),
        *(editions.Swing, editions.Corrected),
        *(alert_log.Log, alert_log.Alert, alert_log.Told, alert_log.Stand, runs.Run),
    )
    return "".join(f"{line}\n" for record in records for line in shape(record))


def test_a_file_of_the_history_has_no_other_shape_without_another_format() -> None:
    now = shapes()
    recorded = DATA / f"history-{history.FORMAT}.txt"
    assert recorded.exists(), f"write down the shape of format {history.FORMAT} in {recorded.name}:\n{now}"
    assert now == recorded.read_text(), (
        "The shape of the history's files is another. Raise history.FORMAT, add a step to migrations.MIGRATIONS, and "
        f"write the new shape down beside {recorded.name}. Only where every version of this format passes over what is "
        "new, and does without it, may the record itself be changed."
    )
