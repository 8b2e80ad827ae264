"""Tests that cannot be run are named; in CI they fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = """
import pytest

@pytest.mark.needs("no-such-program")
def test_with_a_program():
    raise AssertionError("must not be run")

def test_with_real_figures(shared):
    assert (shared / "figures.csv").exists()

def test_plain():
    pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of tests with this project's conftest."""
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    return tmp_path


def run(folder: Path, *options: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    clean = {key: value for key, value in os.environ.items() if key not in {"CI", "PYTEST_ADDOPTS"}}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, str(folder)]
    done = subprocess.run(command, cwd=folder, env=clean | (env or {}), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_what_is_left_out_is_named_with_its_reason_and_fails_nothing(folder: Path) -> None:
    status, out = run(folder)
    assert status == 0
    assert "test_sample.py::test_with_a_program: needs no-such-program, not installed here" in out
    assert "test_sample.py::test_with_real_figures: needs the folder of real figures (--shared=FOLDER)" in out
    assert "1 passed, 2 skipped" in out


def test_with_the_folder_the_tests_of_real_figures_are_run(folder: Path) -> None:
    (folder / "figures").mkdir()
    (folder / "figures" / "figures.csv").touch()
    status, out = run(folder, f"--shared={folder / 'figures'}")
    assert status == 0
    assert "2 passed, 1 skipped" in out


def test_in_ci_a_missing_program_fails_the_run_and_a_missing_folder_does_not(folder: Path) -> None:
    status, out = run(folder, env={"CI": "true", "GROUNDSWELL_NOTHING_LEFT_OUT": "1"})
    assert status == 1
    assert "left out, but CI leaves nothing out: needs no-such-program" in out
    assert "1 passed, 1 skipped, 1 error" in out


def test_in_ci_a_module_that_leaves_itself_out_fails_the_run(folder: Path) -> None:
    (folder / "test_whole.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    status, out = run(folder, env={"CI": "true", "GROUNDSWELL_NOTHING_LEFT_OUT": "1"})
    assert status != 0
    assert "could not import 'no_such_module'" in out
