"""What every test may use, and what becomes of tests that cannot be run here: they are named, and in CI they fail.

A test that needs a program says so with `@pytest.mark.needs("chromium")` (or "npm", "git", ...); a test that needs the
folder of real figures takes the fixture `shared`, one that needs what tests/web/package.json lists the fixture `web`.
Where the program or the folder is not there, the test is skipped and stands by its name and reason at the end. With CI
and GROUNDSWELL_NOTHING_LEFT_OUT=1 in the environment a skipped test is a failed one, save for want of the folder of
real figures, which nobody can install.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from sandbox.server import Sandbox

OTHER_NAMES = {"chromium": ("chromium", "chromium-browser", "google-chrome")}
NO_FOLDER = "needs the folder of real figures (--shared=FOLDER)"


def program(name: str) -> str | None:
    """Where a program is, by whichever of its names; None where it is not installed."""
    return next(filter(None, map(shutil.which, OTHER_NAMES.get(name, (name,)))), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --shared, --source and --sandbox."""
    parser.addoption("--shared", type=Path, metavar="FOLDER", help="folder of real figures, for the tests that need it")
    parser.addoption("--sandbox", action="store_true", help="the live tests ask the sandbox, not the world")
    parser.addoption("--source", metavar="KEY", help="the contract for this source and one beside it, not for all")


AROUND = (
    *("ADDRESS", "CONTACT", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_OWNER", "GITHUB_SERVER_URL", "STAND_IN", "TODAY"),
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known, and forget the repository that the tests themselves run in."""
    for name in AROUND:
        os.environ.pop(name, None)
    config.addinivalue_line("markers", "live: asks the real sites; left out unless it is asked for (-m live)")
    config.addinivalue_line("markers", "needs(program, ...): the test is left out where a program is not installed")


SLOW = (
    *("test_days.py", "test_ended_early.py"),
    *("test_bad_days.py", "test_budget.py", "test_setting_up.py", "test_page_rules.py", "test_real_figures.py"),
    *("test_run.py", "test_recipe.py", "test_gallery_readings.py", "test_private_figures.py", "test_contract.py"),
)  # the longest first


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: begun last, it would keep one process busy while the others have nothing to do."""
    place = {name: at for at, name in enumerate(SLOW)}
    items.sort(key=lambda item: place.get(item.path.name, len(SLOW)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what needs a program that is not here."""
    wanted = [name for marker in item.iter_markers("needs") for name in marker.args]
    missing = [name for name in wanted if program(name) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}, not installed here")


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    """The folder of real figures; without it the test is left out."""
    folder: Path | None = pytestconfig.getoption("shared")
    if folder is None or not folder.is_dir():
        pytest.skip(NO_FOLDER)
    return folder.resolve()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; goes with `@pytest.mark.needs("chromium")`."""
    place = program("chromium")
    if place is None:
        pytest.skip("needs chromium, not installed here")
    return place


@pytest.fixture(scope="session")
def web() -> Path:
    """Where the packages of tests/web/package.json are installed; `make test` does it where there is npm."""
    folder = Path(__file__).parent / "web" / "node_modules"
    if not folder.is_dir():
        pytest.skip("needs the packages of tests/web (npm ci --prefix tests/web)")
    return folder


# --- Pages in a browser -----------------------------------------------------------------------------------------------
# Made once for all tests of a process, and imported when they are asked for: most tests need none of it.


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of made-up projects with a page of every kind. Nobody writes into it."""
    from tests.kinds import made_up_site  # noqa: PLC0415

    return made_up_site(tmp_path_factory.mktemp("kinds") / "site")


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where that site is served, with a slash at its end."""
    from tests.served import served  # noqa: PLC0415

    with served(site) as found:
        yield found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The browser that is installed; goes with `@pytest.mark.needs("chromium")`."""
    from tests.served import launched  # noqa: PLC0415

    with launched(chromium) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, as wide as a usual screen."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


# --- The tracker's own repository ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    """A sandbox of one project."""
    from sandbox.server import start  # noqa: PLC0415

    with start(projects=1) as found:
        yield found


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """That sandbox, with nothing in the tracker's own repository, no fault, and nothing asked yet."""
    running.world.desk.clear()
    running.faults.clear()
    running.forget()
    return running


# --- The demo --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the demo's `site` and `history`. Nobody writes into it."""
    from tests import demos  # noqa: PLC0415

    return demos.made(tmp_path_factory)


# --- Nothing left out ------------------------------------------------------------------------------------------------


def nothing_left_out() -> bool:
    """Whether a skipped test fails."""
    return bool(os.environ.get("CI")) and os.environ.get("GROUNDSWELL_NOTHING_LEFT_OUT") == "1"


def fail_if_left_out(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure, where nothing may be left out; an expected failure (xfail) stays what it is."""
    if not report.skipped or hasattr(report, "wasxfail") or not nothing_left_out():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if "--shared" in reason:
        return
    report.outcome = "failed"
    report.longrepr = f"left out, but CI leaves nothing out: {reason.removeprefix('Skipped: ')}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """See fail_if_left_out."""
    report = yield
    fail_if_left_out(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """See fail_if_left_out: a whole module may leave itself out."""
    report = yield
    fail_if_left_out(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every test that was left out, and why; say what was measured (`record_property("measured", …)`)."""
    for report in (one for reports in terminalreporter.stats.values() for one in reports):
        for name, said in getattr(report, "user_properties", ()):
            if name == "measured" and getattr(report, "when", "") == "call":
                terminalreporter.line(f"measured: {said}")
    reports = terminalreporter.stats.get("skipped", [])
    if not reports:
        return
    terminalreporter.section("left out")
    for report in reports:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
