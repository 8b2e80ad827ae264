"""The look ahead at a change of the list: what is wrong, what it brings, and that it asks no more than its share."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import generate
from groundswell import existence, preview
from groundswell.http import Door, Outside
from sandbox import gallery
from sandbox.hosts import Limits
from sandbox.server import Sandbox, Seen, start

TODAY = gallery.TODAY
BASE = """\
projects:
  # The first of them.
  - github: lanternworks/brightlantern
    category: Data engines
    pypi: brightlantern
"""
CHANGED = f"""\
{BASE}    npm: "@lanternworks/brightlantern"
  - github: oldmill/creakwheel
    name: "<b>@someone</b> [x](https://evil.example)"
    category: Infrastructure
    pypi: creakwheel-client
    npm: hullspine-client
  - github: nobody/nothing
    npm: nothing-at-all
  - github: greatharbour/hullspine
    pypi: [hullspine, hullspina]
    figures:
      - {{key: revenue, from: figures/hull.csv, every: month, publish: absolute}}
"""
TABLE = "date,revenue\n2026-08,731846\n2026-09,74x\n"


@dataclass(frozen=True)
class Looked:
    """What a look ahead said, did and asked."""

    result: Result
    summary: str
    site: Path
    log: Sequence[Seen]


def look(
    folder: Path,
    sandbox: Sandbox,
    changed: str,
    base: str | None = BASE,
    tables: Mapping[str, str] = {},
    before: Mapping[str, str] = {},
) -> Looked:
    """Look ahead at a list with its tables, in the place of another with those that there were before."""
    written = {"projects.yaml": changed, **tables}
    written |= (
        {} if base is None else {f"base/{name}": text for name, text in {"projects.yaml": base, **before}.items()}
    )
    for name, content in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    options = [] if base is None else ["--base", str(folder / "base" / "projects.yaml")]
    sandbox.forget()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("GITHUB_TOKEN", "invented"), ("NO_PROXY", "127.0.0.1")):
            patch.setenv(name, value)
        patch.chdir(folder)
        where = ["--site", "ahead", "--summary", "summary.md", "--today", TODAY.isoformat()]
        result = CliRunner().invoke(generate.app, ["preview", *options, *where, "--stand-in", sandbox.address])
    summary = folder / "summary.md"
    return Looked(result, summary.read_text() if summary.exists() else "", folder / "ahead", sandbox.log)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(today=TODAY) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Looked:
    """A change with one of everything in it."""
    return look(tmp_path_factory.mktemp("look"), sandbox, CHANGED, tables={"figures/hull.csv": TABLE})


def lines(looked: Looked) -> list[str]:
    return [line for line in looked.result.output.splitlines() if line.startswith(("projects.yaml:", "figures/"))]


def test_what_is_not_there_is_a_mistake_on_its_line(looked: Looked) -> None:
    assert looked.result.exit_code == generate.WRONG_PROJECTS, looked.result.output
    wanted = "expected a number such as 1234.5, with a point for decimals and no sign or unit, or an empty cell"
    whose = "npm hullspine-client: its own page names another repository: https://github.com/greatharbour/hullspine"
    assert lines(looked) == [
        "projects.yaml:12: nobody/nothing: GitHub shows no such repository: deleted, private or misspelt",
        "projects.yaml:15: greatharbour/hullspine: pypi hullspina: PyPI has nothing of that name (404)",
        f"figures/hull.csv:3: greatharbour/hullspine: revenue: {wanted}, in the column 'revenue'",
        f"projects.yaml:11: warning: oldmill/creakwheel: {whose}",
    ]


def test_the_values_of_a_table_are_never_repeated(looked: Looked) -> None:
    for said in (looked.result.output, looked.summary):
        assert "74x" not in said
        assert "731846" not in said


def test_the_summary_says_what_changes_and_whose_levels_will_be_seen(looked: Looked) -> None:
    assert looked.summary.startswith("## projects.yaml: 3 added, 1 changed; 3 mistakes\n")
    assert "- changed: `lanternworks/brightlantern`, new: npm `@lanternworks/brightlantern`" in looked.summary
    assert "- `greatharbour/hullspine`: its page shows the owner's own levels of revenue" in looked.summary


def test_the_card_says_the_same_as_the_page(looked: Looked) -> None:
    page = (looked.site / "projects" / "oldmill__creakwheel.html").read_text()
    card = looked.summary.split("oldmill/creakwheel](")[1].split("\n### ")[0]
    figures = re.findall(r"^\| (Stars|PyPI downloads in 28 days) \| (\S+) \| (.+?) \|", card, re.MULTILINE)
    assert [name for name, *_ in figures] == ["Stars", "PyPI downloads in 28 days"]
    for _, value, growth in figures:
        assert f">{value}<" in page.replace("\n", "")
        text = re.sub(r"^\S+ (rising|falling|steady), ", "", growth)
        assert text in page
    assert "| 2 Action | " in card
    assert " % | From PyPI downloads" in card
    assert "more days of history needed (about " in card
    (reading,) = re.findall(r"^\*\*(.+)\*\*$", card, re.MULTILINE)
    assert reading in page


def test_what_is_gone_has_no_card(looked: Looked) -> None:
    assert "### nothing" not in looked.summary
    assert not (looked.site / "projects" / "nobody__nothing.html").exists()


def test_text_from_outside_is_text_in_the_summary(looked: Looked) -> None:
    assert "### \\<b\\>@\N{WORD JOINER}someone\\</b\\> \\[x\\](https:\N{WORD JOINER}//evil.example)" in looked.summary


def test_the_pages_say_that_they_are_not_published_and_need_no_server(looked: Looked) -> None:
    index = (looked.site / "index.html").read_text()
    assert "These pages are not published" in index
    assert not re.findall(r"(?:href|src)=\"/", index)


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("page", ["index.html", "projects/oldmill__creakwheel.html", "compare.html"])
def test_the_pages_open_from_a_file(page: str, looked: Looked, chromium: str) -> None:
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--virtual-time-budget=3000"]
    address = (looked.site / page).as_uri()
    done = subprocess.run([chromium, *options, "--dump-dom", address], capture_output=True, text=True, check=True)
    said = [line for line in done.stderr.splitlines() if ":CONSOLE:" in line]
    assert "creakwheel" in done.stdout
    if page == "compare.html":
        assert "The picture needs this page to come from a server" in done.stdout
        assert all("/vega/lines-" in line for line in said), said
    else:
        assert said == []


def test_no_history_is_written(looked: Looked) -> None:
    assert {path.name for path in looked.site.parent.iterdir()} == {
        "ahead",
        "base",
        "figures",
        "projects.yaml",
        "summary.md",
    }


def test_a_project_takes_some_ten_requests_of_github(looked: Looked) -> None:
    asked = [seen for seen in looked.log if seen.host == "api.github.com"]
    assert 0 < sum(seen.points for seen in asked) <= 15 * 3
    assert {"nobody/nothing"} <= {name for seen in asked for name in seen.names}


def test_only_so_many_projects_are_read_and_the_rest_is_said(tmp_path: Path, sandbox: Sandbox) -> None:
    names = [project.repository for project in gallery.PROJECTS]
    entries = "".join(f"  - github: {name}\n" for name in names)
    many = "".join(f"  - {{github: nobody/nothing{n}, npm: [a{n}, b{n}, c{n}]}}\n" for n in range(60))
    found = look(tmp_path, sandbox, f"projects:\n{entries}{many}", base=None)
    assert len(re.findall(r"^### .*\]\(https://github.com/", found.summary, re.MULTILINE)) == preview.MOST_CARDS
    assert f"First numbers are shown of {preview.MOST_CARDS} projects; " in found.summary
    assert "of the new repositories were not asked for: a change may ask for 40." in found.summary
    assert "packages and places were not asked for: a change may ask for 60." in found.summary
    repositories = [seen for seen in found.log if re.fullmatch(r"/repos/[^/]+/[^/]+", seen.path)]
    assert len(repositories) <= 40 + 2  # two of the gallery have moved
    assert sum(seen.points for seen in found.log if seen.host == "api.github.com") < 250


def test_a_source_that_is_down_refuses_nobody(tmp_path: Path) -> None:
    with start(today=TODAY) as sandbox:
        for host in ("api.github.com", "pypistats.org", "sql-clickhouse.clickhouse.com", "packages.ecosyste.ms"):
            sandbox.order("status", host=host, status=503)
        found = look(tmp_path, sandbox, f"{BASE}  - {{github: oldmill/creakwheel, pypi: creakwheel-client}}\n")
    assert found.result.exit_code == 0, found.result.output
    assert "warning: oldmill/creakwheel: not verified: GitHub " in found.result.output
    assert "pypi creakwheel-client: not verified: PyPI " in found.result.output
    assert "## projects.yaml: 1 added; no mistakes" in found.summary
    assert "No source could be reached, so that nothing is verified. This is no fault of the change." in found.summary


def test_a_list_that_cannot_be_used_is_said_line_by_line(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "sys.argv", ["generate.py", "preview", "--summary", str(tmp_path / "s.md"), "--projects", "a.yaml"]
        )
        patch.chdir(tmp_path)
        (tmp_path / "a.yaml").write_text("projects:\n  - gihub: x/y\n")
        with pytest.raises(SystemExit) as ended:
            generate.main()
    assert ended.value.code == generate.WRONG_PROJECTS
    said = (tmp_path / "s.md").read_text()
    assert said.startswith("## projects.yaml is wrong\n")
    assert "- `a.yaml`, line 2: " in said


def test_github_is_left_alone_when_half_of_its_hour_is_used(tmp_path: Path) -> None:
    with start(today=TODAY, limits=Limits(points=4)) as sandbox:
        door = Door(Outside(token="invented", stand_in=sandbox.address))
        assert not existence.is_spared(door)
        body = json.dumps({"query": "{viewer{login}}"})
        for _ in range(3):
            door.json("https://api.github.com/graphql", body=body, headers={"Authorization": "Bearer invented"})
        assert existence.is_spared(door)
        found = look(tmp_path, sandbox, f"{BASE}  - {{github: oldmill/creakwheel, pypi: creakwheel-client}}\n")
    assert found.result.exit_code == 0, found.result.output
    assert [seen.path for seen in found.log if seen.host == "api.github.com"] == ["/rate_limit"]
    assert "GitHub was not asked: more than half of its limit for this hour is used" in found.summary
    assert "| PyPI downloads in 28 days | " in found.summary


def test_a_table_that_changes_is_shown_as_its_page_would_and_asks_nobody(tmp_path: Path, sandbox: Sandbox) -> None:
    figures = "    figures:\n      - {key: revenue, from: figures/a.csv, every: month, publish: absolute}\n"
    figures += "      - {key: mau, from: figures/a.csv, every: month}\n"
    rows = "date,revenue,mau\n2026-08,731846,51234\n2026-09,741846,52234\n"
    tables, before = {"figures/a.csv": f"{rows}2026-10,751846,53234\n"}, {"figures/a.csv": rows}
    found = look(tmp_path / "changed", sandbox, BASE + figures, BASE + figures, tables, before)
    assert found.result.exit_code == 0, found.result.output
    assert "### Own figures that change\n\n`lanternworks/brightlantern`:" in found.summary
    assert "| Revenue | 752k | " in found.summary
    assert re.search(r"^\| Monthly active users \| index\s100 ", found.summary, re.MULTILINE), found.summary
    assert not re.search(r"5[123][,.]?\d", found.summary), "a level that is not to be shown is not"
    assert found.log == ()
    same = look(tmp_path / "same", sandbox, BASE + figures, BASE + figures, before, before)
    assert "Own figures that change" not in same.summary


def test_a_change_of_words_alone_asks_nobody(tmp_path: Path, sandbox: Sandbox) -> None:
    found = look(tmp_path, sandbox, BASE.replace("Data engines", "Databases"))
    assert found.result.exit_code == 0
    assert found.log == ()
    assert "- changed: `lanternworks/brightlantern`, its category" in found.summary
    assert not found.site.exists()


def test_a_list_that_was_wrong_before_counts_as_none(tmp_path: Path, sandbox: Sandbox) -> None:
    found = look(tmp_path, sandbox, "projects:\n  - github: oldmill/creakwheel\n", base="projects: [")
    assert found.result.exit_code == 0
    assert "wrong itself, so that everything counts as new" in found.summary
