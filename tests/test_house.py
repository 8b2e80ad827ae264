"""The house: who imports whom, what every source brings, and that documents and lock files fit what they speak of."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from groundswell.pages.thresholds import DECISIVE, thresholds

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "groundswell"

# A module imports only what stands to its left. A line is a step of the flow: its parts first, then the step itself.
STEPS: Final = (
    ("months", "models", "figures", "licences"),
    ("config_yaml", "config_shape", "config_alerts", "config", "additions", "whereabouts"),
    ("refusals", "advice", "tally", "timing", "wire", "tokens", "http", "turns"),
    ("sources",),
    ("collect", "forecast"),
    (
        "history",
        "corrections",
        "figure_table",
        "own_index",
        "own_figures",
        "gather",
        "parts",
        "runs",
        "doctor",
        "discover",
        "differences",
        "existence",
        "import_history",
        "own_repository",
    ),
    ("dispersion", "windows", "monthly", "totals", "strays", "bursts", "standstill", "anomalies"),
    ("intervals", "growth"),
    ("places", "community", "catalogue", "channels", "money", "relative", "pooling"),
    ("wording", "markdown", "situation", "findings", "readings", "reference", "metrics"),
    ("standing", "stages", "market"),
    ("gate", "migrations"),
    (
        "evidence",
        "lineage",
        "addresses",
        "indexing",
        "feed",
        "charts",
        "badges",
        "posters",
        "portraits",
        "sparklines",
        "drawings",
        "own_templates",
    ),
    ("lines", "vega"),
    ("editions", "closing"),
    ("alert_log", "alerts"),
    ("data_shape", "data_files", "month_files", "project_csv", "pages", "render"),
    ("card_text", "preview", "preview_text", "form", "proposals", "proposal_answers", "job_summary"),
    ("messages", "digest", "notify"),
    ("troubles", "tending"),
)
HOUSE: Final = tuple(name for step in STEPS for name in step)
BESIDE: Final = {"terminal", ""}  # what the terminal shows, and the version: known to none of the others, or to all

SOURCES: Final = sorted(p.stem for p in (PACKAGE / "sources").iterdir() if not p.name.startswith("__"))
LOCKS: Final = ("requirements.txt", "requirements-dev.txt", ".ci/requirements.txt")
DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


# --- Who imports whom ------------------------------------------------------------------------------------------------


def modules(package: Path) -> Iterator[tuple[str, Path]]:
    """Every module of a package by its dotted name; a package is named by its folder."""
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES: Final = dict(modules(PACKAGE))


def imported(path: Path) -> Iterator[str]:
    """Dotted names of what a module imports when it is run; what only the type checker sees is left out."""
    tree = ast.parse(path.read_text())
    unseen: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            unseen.update(ast.walk(node))
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are written in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(name: str) -> str:
    """The first part below the package: "sources" of "groundswell.sources.npm"; "" is the package itself."""
    while name not in MODULES:
        name = name.rpartition(".")[0]
    return name.partition(".")[2].partition(".")[0]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_what_stands_to_its_left(name: str) -> None:
    here = room(name)
    assert here in HOUSE or here in BESIDE, f"{name} has no place in STEPS: give it one"
    for target in imported(MODULES[name]):
        if target.startswith("groundswell") and (there := room(target)) not in {here, ""}:
            assert here not in BESIDE, f"{name} stands beside the flow and imports {target}"
            assert HOUSE.index(there) < HOUSE.index(here), f"{name} imports {target}, which stands to its right"


def test_every_place_in_the_house_is_taken() -> None:
    rooms = {room(name) for name in MODULES}
    assert not set(HOUSE) - rooms


@pytest.mark.parametrize("key", SOURCES)
def test_a_source_imports_no_other_source(key: str) -> None:
    own = f"groundswell.sources.{key}"
    for name, path in MODULES.items():
        if name == own or name.startswith(own + "."):
            foreign = [t for t in imported(path) if t.startswith("groundswell.sources.") and not t.startswith(own)]
            assert not foreign, f"{name} imports {foreign}"


def test_the_sandbox_knows_nothing_of_groundswell_but_its_command_line() -> None:
    known = {
        name for name, path in modules(ROOT / "sandbox") if any(t.startswith("groundswell") for t in imported(path))
    }
    assert known <= {"sandbox.demo", "sandbox.__main__"}


# --- Sources and the command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SOURCES)
def test_every_source_has_a_test(key: str) -> None:
    assert list((ROOT / "tests").glob(f"test_source_{key}*.py"))


def test_the_whole_flow_fits_on_one_screen() -> None:
    tree = ast.parse((ROOT / "generate.py").read_text())
    (flow,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "publish")
    assert flow.end_lineno is not None
    assert flow.end_lineno - flow.lineno < 50


# --- Thresholds ------------------------------------------------------------------------------------------------------

# Modules whose numbers decide nothing that a reader sees as a figure: how to ask, to store, to draw and to write.
ELSEWHERE: Final = {
    *(
        "http",
        "tokens",
        "wire",
        "timing",
        "lineage",
        "gather",
        "parts",
        "runs",
        "job_summary",
        "troubles",
        "tending",
        "collect",
        "forecast",
        "turns",
        "advice",
        "doctor",
        "discover",
        "own_repository",
        "existence",
        "form",
        "preview",
        "preview_text",
        "proposals",
        "proposal_answers",
        "card_text",
        "markdown",
        "history",
        "migrations",
        "import_history",
        "addresses",
        "indexing",
        "editions",
        "feed",
        "portraits",
        "posters",
        "alert_log",
        "messages",
        "digest",
        "notify",
    ),
    *(
        "charts",
        "drawings",
        "sparklines",
        "vega",
        "lines",
        "month_files",
        "render",
        "data_files",
        "wording",
        "channels",
        "places",
        "community",
        "totals",
        "gate",
    ),
    *("figures", "figure_table", "own_index", "own_figures", "relative", "evidence", "reference", "readings", "models"),
    *("data_shape", "project_csv", "badges", "own_templates", "licences"),
    *("config", "config_alerts", "config_shape", "config_yaml", "additions", "months", "terminal"),
}


def constants(name: str) -> list[str]:
    """What a module sets at its top in capitals to a number, or to a row of numbers."""
    module = importlib.import_module(f"groundswell.{name}")
    found = []
    for node in ast.parse(inspect.getsource(module)).body:
        targets = (
            [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and target.id.isupper():
                value = getattr(module, target.id)
                parts = value if isinstance(value, tuple) else (value,)
                if parts and all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts):
                    found.append(f"{name}.{target.id}")
    return found


def test_every_module_whose_numbers_decide_something_is_on_the_methodology() -> None:
    decisive = {module.__name__.rpartition(".")[2] for module in DECISIVE}
    with_numbers = {path.stem for path in PACKAGE.glob("*.py") if constants(path.stem)}
    assert with_numbers - decisive - ELSEWHERE == set(), "add it to DECISIVE, or say here that it decides nothing"
    assert decisive & ELSEWHERE == set()


def test_every_number_that_decides_something_says_what_it_is() -> None:
    assert [row.name for group in thresholds() for row in group.rows if not row.says] == [], "put a comment behind it"


# --- Lock files ------------------------------------------------------------------------------------------------------


def pins(lock: str) -> dict[str, list[str]]:
    """Package → its versions in a lock file (more than one where systems differ)."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash)", text, re.MULTILINE)


def test_the_lock_file_of_the_web_packages_names_no_place_to_fetch_from_and_has_every_hash() -> None:
    lock = json.loads((ROOT / "tests" / "web" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if re.match(r"[\w.-]+==", line):
            assert line.endswith("\\"), line
            assert below.strip().startswith("--hash=sha256:"), line


def test_the_lock_files_satisfy_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for wanted, lock in (
        (project["project"]["dependencies"], "requirements.txt"),
        (project["dependency-groups"]["dev"], "requirements-dev.txt"),
    ):
        pinned = pins(lock)
        for requirement in map(Requirement, wanted):
            versions = pinned.get(canonicalize_name(requirement.name), [])
            assert versions, f"{requirement} is not in {lock}: run `make lock`"
            assert all(requirement.specifier.contains(v) for v in versions), f"{requirement}: {lock} has {versions}"


def test_both_lock_files_agree() -> None:
    run, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: dev.get(name) for name in run} == run


def test_dependabot_looks_where_every_lock_file_stands() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    (pip,) = (update for update in updates if update["package-ecosystem"] == "pip")
    assert {(Path("/") / lock).parent.as_posix() for lock in LOCKS} == set(pip["directories"])
    assert all(lock.endswith(".txt") for lock in LOCKS), "it reads no other names"


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text().lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    assert [name for r in wanted if (name := Requirement(r).name).lower() not in reasons] == []


# --- Documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def anchors(document: Path) -> list[str]:
    """What GitHub calls the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_heading_leads_to_one(document: Path) -> None:
    for place, anchor in re.findall(r"\]\((?!https?://)([^)#]*)#([^)]+)\)", document.read_text()):
        assert anchor in anchors(document.parent / place if place else document), f"{place}#{anchor}"


def test_the_guide_for_copies_names_each_of_its_sections_at_its_head() -> None:
    guide = ROOT / "docs" / "forking.md"
    sections = re.findall(r"^## (.+)$", guide.read_text(), re.MULTILINE)
    named = re.findall(r"^- \[(.+)\]\(#(.+)\)$", guide.read_text().partition("\n## ")[0], re.MULTILINE)
    assert [title for title, _ in named] == sections, "the list of contents at the head of docs/forking.md"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_command_in_a_document_is_one(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`|… )make ([a-z]+)", document.read_text(), re.MULTILINE)) <= targets


def test_the_commands_of_the_readme_are_those_that_ci_runs() -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    ci = (ROOT / ".ci" / "run").read_text()
    for command in block.splitlines():
        assert re.search(rf"^(step \d+|timeout \S+ \S+) {command}\b", ci, re.MULTILINE), command


def test_every_decision_stands_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    assert [page.name for page in folder.glob("[0-9]*.md") if f"({page.name})" not in index] == []
