"""Finding a repository's packages: what is certain stands, the rest is proposed; an entry is added as text alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import generate
from groundswell import additions, config, discover, sources
from groundswell.config import ConfigError
from groundswell.discover import Found, NobodyAnswered
from groundswell.http import Broken, Door, Outside
from groundswell.models import Naming
from tests.scripted import Reply, scripted

NAMINGS = sources.namings(sources.load())
REPOSITORY = "Hill/Brook"
HERE = "https://github.com/hill/brook"
NOT_FOUND = Reply('{"code": 5, "message": "project not found"}', 404)
BROKEN = Reply("<!DOCTYPE html><title>Sorry</title>", 200, "text/html")
NONE = Reply("[]")


def listed(registry: str, name: str, downloads: object = 10, **others: object) -> dict[str, object]:
    return {
        "name": name,
        "ecosystem": registry.partition(".")[0],
        "repository_url": HERE,
        "registry": {"name": registry, "default": True},
        "downloads": downloads,
        "dependent_repos_count": 3,
        "dependent_packages_count": 1,
        "status": "active",
        **others,
    }


def version(system: str, name: str, provenance: str = "UNVERIFIED_METADATA", **others: object) -> dict[str, object]:
    return {
        "versionKey": {"system": system, "name": name, "version": "1.0.0"},
        "slsaProvenances": [],
        "attestations": [],
        "relationType": "SOURCE_REPO",
        "relationProvenance": provenance,
        **others,
    }


def page(*packages: object) -> Reply:
    return Reply(json.dumps(packages))


def versions(*said: object) -> Reply:
    return Reply(json.dumps({"versions": said}))


def found(*replies: Reply, taken: dict[tuple[str, str], str] | None = None) -> tuple[Found, list[str]]:
    with scripted(list(replies)) as server:
        door = Door(Outside(stand_in=server.address))
        try:
            return discover.find(REPOSITORY, door, NAMINGS, taken), server.requests
        finally:
            door.close()


def entry(*replies: Reply, taken: dict[tuple[str, str], str] | None = None) -> list[str]:
    return discover.entry(found(*replies, taken=taken)[0])


# --- What is certain -------------------------------------------------------------------------------------------------


def test_both_are_asked_for_the_repository() -> None:
    _, requests = found(NONE, versions())
    query = "repository_url=https%3A%2F%2Fgithub.com%2FHill%2FBrook&sort=downloads&order=desc&per_page=30&page=1"
    assert requests == [
        f"/packages.ecosyste.ms/api/v1/packages/lookup?{query}",
        "/api.deps.dev/v3/projects/github.com%2Fhill%2Fbrook:packageversions",
    ]


def test_a_package_whose_page_names_the_repository_is_certain() -> None:
    assert entry(page(listed("pypi", "brook")), NOT_FOUND) == ["- github: Hill/Brook", "  pypi: brook"]


def test_what_both_name_is_certain_whatever_its_page_says() -> None:
    page_elsewhere = page(listed("pypi", "Brook_Py", repository_url="https://gitlab.com/hill/brook"))
    assert entry(page_elsewhere, versions(version("PYPI", "brook-py"))) == ["- github: Hill/Brook", "  pypi: Brook_Py"]


def test_what_deps_dev_alone_names_is_certain_when_a_verified_attestation_says_so() -> None:
    signed = [{"verified": True, "sourceRepository": HERE}]
    lines = entry(
        NONE,
        versions(
            version("NPM", "brook"),
            version("NPM", "brook", "SLSA_ATTESTATION", slsaProvenances=signed),
            version("PYPI", "brook", "PYPI_PUBLISH_ATTESTATION", attestations=signed),
            version("CARGO", "brook", "SLSA_ATTESTATION", attestations=[{"verified": False}]),
        ),
    )
    assert lines == [
        "- github: Hill/Brook",
        "  npm: brook",
        "  pypi: brook",
        "  # crates: brook # only deps.dev names it, and nothing proves it",
    ]


def test_the_same_package_twice_from_one_of_them_is_no_second_opinion() -> None:
    stranger = listed("npmjs", "brook", repository_url="https://github.com/other/thing")
    assert entry(page(stranger, stranger), NOT_FOUND)[1:] == [
        "  # npm: brook # only ecosyste.ms names it, and its page names https://github.com/other/thing"
    ]


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        (
            listed("npmjs", "brook", repository_url=None),
            "only ecosyste.ms names it, and its page names no repository",
        ),
        (listed("npmjs", "brook", status="removed"), "removed on npmjs"),
        (listed("npmjs", "-\n- github: x/y"), f"not a name that can stand here: {NAMINGS['npm'].meaning}, such as"),
    ],
)
def test_what_is_not_certain_is_proposed_with_the_reason(package: object, reason: str) -> None:
    lines = entry(page(package), NOT_FOUND)
    assert len(lines) == 2
    assert lines[1].startswith("  # npm: ")
    assert reason in lines[1]
    assert "\n" not in lines[1]


def test_an_issue_tracker_is_not_where_a_package_comes_from() -> None:
    assert found(NONE, versions(version("NPM", "brook", relationType="ISSUE_TRACKER")))[0].packages == ()


def test_a_package_of_another_project_is_only_proposed() -> None:
    lines = entry(page(listed("npmjs", "brook")), NOT_FOUND, taken={("npm", "brook"): "hill/old"})
    assert lines[1:] == ["  # npm: brook # belongs to hill/old already"]


def test_the_most_used_stand_and_the_others_are_proposed() -> None:
    used = [listed("npmjs", f"brook-{n}", n) for n in range(6)]
    depended = listed("npmjs", "brook-core", None, dependent_repos_count=9)
    lines = entry(page(*used, depended), NOT_FOUND)
    assert lines[1:] == [
        f"  npm: [brook-5, brook-4, brook-3, brook-2, brook-1] # {discover.ADDED_UP}",
        "  # npm: brook-core # not one of the 5 most used",
        "  # npm: brook-0 # not one of the 5 most used",
    ]


def test_proposals_are_bounded_too() -> None:
    lines = entry(NONE, versions(*(version("NPM", f"brook-{n:02}") for n in range(13))))
    assert len(lines) == 1 + discover.MOST_PROPOSED + 1
    assert lines[-1] == "  # npm: 3 more like these"


def test_each_registry_is_called_as_its_source_calls_it() -> None:
    lines = entry(
        page(
            listed("conda-forge.org", "brook"),
            listed("anaconda.org", "brook"),
            listed("hub.docker.com", "library/brook"),
            listed("formulae.brew.sh", "brook"),
            listed("npmjs", "@hill/brook"),
            listed("open-vsx.org", "hill/brook"),
            listed("proxy.golang.org", "github.com/hill/brook"),
        ),
        versions(version("GO", "github.com/hill/brook")),
    )
    assert lines[1:] == [
        f"  conda: [anaconda/brook, conda-forge/brook] # {discover.ADDED_UP}",
        "  docker: brook",
        "  homebrew: brook",
        '  npm: "@hill/brook"',
        "  openvsx: hill/brook",
        "  # packages that no source reads: proxy.golang (1)",
    ]


def test_every_registry_of_the_table_has_a_source_that_takes_its_names() -> None:
    names = {"registry.terraform.io": "hill/brook/aws", "packagist": "hill/brook", "open-vsx": "hill/brook"}
    for registry, (key, _) in discover.REGISTRIES.items():
        (package,) = found(page(listed(registry, names.get(registry, "brook"))), NOT_FOUND)[0].packages
        assert (package.source, package.doubt) == (key, "")


def test_a_source_that_is_not_there_gets_no_key() -> None:
    with scripted([page(listed("pypi", "brook")), NOT_FOUND]) as server:
        packages = discover.find(REPOSITORY, Door(Outside(stand_in=server.address)), {"npm": NAMINGS["npm"]})
    assert (packages.packages, packages.unread) == ((), {"pypi": 1})


@pytest.mark.parametrize("name", ["on", "123", "1e3", "null", "2026-11-22", "Yes"])
def test_a_name_that_yaml_takes_for_something_else_stands_in_quotes(name: str) -> None:
    lines = entry(page(listed("pypi", name)), NOT_FOUND)
    assert yaml.safe_load("\n".join(lines)) == [{"github": "Hill/Brook", "pypi": name}]


@pytest.mark.parametrize(
    "url",
    ["git+https://github.com/hill/brook.git", "git@github.com:hill/brook.git", "https://www.github.com/HILL/Brook/",
     "https://github.com/hill/brook/tree/main/js", "http://github.com/hill/brook#readme"],
)  # fmt: skip
def test_an_address_of_the_repository_is_known_in_every_spelling(url: str) -> None:
    assert discover.is_repository(url, REPOSITORY)


@pytest.mark.parametrize(
    "url",
    ["https://github.com/hill/brook-fork", "https://notgithub.com/hill/brook", "https://x.example/github.com/hill/brook",
     "https://gitlab.com/hill/brook", "https://github.com/hill", ""],
)  # fmt: skip
def test_another_address_is_not_taken_for_it(url: str) -> None:
    assert not discover.is_repository(url, REPOSITORY)


# --- What goes wrong -------------------------------------------------------------------------------------------------


def test_one_that_does_not_answer_is_said_and_the_other_counts() -> None:
    known, _ = found(BROKEN, versions(version("NPM", "brook")))
    assert known.warnings == ("ecosyste.ms answered with text/html instead of JSON",)
    assert len(known.packages) == 1
    known, _ = found(page(listed("pypi", "brook")), BROKEN)
    assert known.warnings == ("deps.dev answered with text/html instead of JSON",)
    assert len(known.packages) == 1


def test_nobody_answering_is_an_error() -> None:
    with pytest.raises(NobodyAnswered, match=r"ecosyste\.ms .*; deps\.dev "):
        found(BROKEN)


def test_a_repository_that_nobody_knows_is_said() -> None:
    known, _ = found(NONE, NOT_FOUND)
    assert discover.entry(known) == ["- github: Hill/Brook"]
    assert known.warnings == ("No package of Hill/Brook is known; look whether its name is the present one",)


def test_what_is_no_repository_is_refused_before_anyone_is_asked() -> None:
    with pytest.raises(ConfigError, match="expected owner/name"):
        discover.find("brook", Door(Outside(stand_in="http://127.0.0.1:1")), NAMINGS)


def test_further_pages_are_read_and_what_came_before_a_bad_one_is_kept() -> None:
    full = page(*(listed("npmjs", f"brook-{n}") for n in range(discover.PAGE)))
    known, requests = found(full, page(listed("npmjs", "last")), NOT_FOUND)
    assert (len(known.packages), len(requests), known.warnings) == (discover.PAGE + 1, 3, ())
    known, _ = found(full, BROKEN, NOT_FOUND)
    assert known.warnings == ("ecosyste.ms answered with text/html instead of JSON after 30 packages",)
    assert len(known.packages) == discover.PAGE


def test_pages_without_end_are_not_read_without_end() -> None:
    full = page(*(listed("npmjs", f"brook-{n}") for n in range(discover.PAGE)))
    known, requests = found(*[full] * discover.MOST_PAGES, NOT_FOUND)
    assert len(requests) == discover.MOST_PAGES + 1
    assert "knows more than the 300 packages" in known.warnings[0]


@pytest.mark.parametrize(
    "answer",
    [None, {}, "x", [None], [listed("npmjs", "x", -1)], [listed("npmjs", "x", "many")], [{"name": "x"}]],
)
def test_another_shape_of_the_lookup_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        discover.parse_ecosystems(answer, REPOSITORY)


@pytest.mark.parametrize("answer", [None, [], {"versions": None}, {"versions": [{}]}])
def test_another_shape_of_the_versions_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        discover.parse_deps_dev(answer)


def test_an_empty_object_is_how_deps_dev_writes_no_versions() -> None:
    assert discover.parse_deps_dev({}) == []


# --- Writing ---------------------------------------------------------------------------------------------------------

FILES = {
    "the list last": ("# mine\nprojects:\n  - github: a/b # one\n", "", "  "),
    "the list first": ("projects:\n- github: a/b\n  npm: [x,\n    y]\n\n", "# gate\ngate:\n  jump: 0.4\n", ""),
    "comments of the last entry": ("projects:\n    - github: a/b\n      # npm: x # perhaps\n", "\n# end\n", "    "),
    "no entry yet": ("projects:\n  # - github: a/b\n", "\ntracker:\n  title: Mine\n", "  "),
    "no line end": ("projects:\n  - github: a/b", "", "  "),
    "events at the end": (
        "projects:\n  - github: a/b\n    events:\n      - day: 2026-01-02\n        title: X # y\n", "", "  "
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "indent"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_entry_goes_to_the_end_of_the_list_and_nothing_else_changes(
    tmp_path: Path, before: str, after: str, indent: str, end: str
) -> None:
    path = tmp_path / "projects.yaml"
    blank = "\n" if before.endswith("\n\n") else ""
    path.write_bytes((before + after).replace("\n", end).encode())
    assert additions.add(path, ["- github: c/d", "  pypi: d"], NAMINGS) == 1
    wanted = f"{before.rstrip()}\n{indent}- github: c/d\n{indent}  pypi: d\n{blank}{after}"
    assert path.read_bytes().decode() == wanted.replace("\n", end)
    assert config.load(path, NAMINGS).projects[-1].targets["pypi"] == ("d",)


def test_the_mark_of_utf_8_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "projects.yaml"
    path.write_bytes(b"\xef\xbb\xbfprojects:\n  - github: a/b\n")
    additions.add(path, ["- github: c/d"], NAMINGS)
    assert path.read_bytes() == b"\xef\xbb\xbfprojects:\n  - github: a/b\n  - github: c/d\n"


def test_the_tracker_s_own_file_takes_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "projects.yaml"
    text = (Path(generate.__file__).parent / "projects.yaml").read_text()
    path.write_text(text)
    additions.add(path, ["- github: hill/brook"], NAMINGS)
    assert path.read_text().replace("  - github: hill/brook\n", "") == text


REFUSED = {
    "a list in brackets": ("projects: [{github: a/b}]\n", "entries cannot be added to this"),
    "no list": ("tracker:\n  title: Mine\n", "no project is named"),
    "a file with a mistake of its own": ("projects:\n  - github: a/b\ntraker: {}\n", "unknown key 'traker'"),
    "the same repository in a wrong entry": (
        "projects:\n  - github: a/b\n  - github: c/D\n    nmp: x\n",
        "the same repository as",
    ),
    "a package of another entry": ("projects:\n  - github: a/b\n    pypi: d\n", "belongs to a/b"),
    "what is not YAML": ("projects:\n\t- github: a/b\n", "tab"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_where_the_result_would_not_be_right_nothing_is_written(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "projects.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        additions.add(path, ["- github: c/d", "  pypi: d"], NAMINGS)
    assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


# --- The commands ----------------------------------------------------------------------------------------------------


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["generate.py", *words])
    with pytest.raises(SystemExit) as ended:
        generate.main()
    return int(ended.value.code or 0)


def test_discover_prints_what_can_be_pasted(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    with scripted([page(listed("npmjs", "@hill/brook")), NOT_FOUND]) as server:
        assert run(monkeypatch, "discover", REPOSITORY, "--stand-in", server.address) == 0
    assert capfd.readouterr().out == '  - github: Hill/Brook\n    npm: "@hill/brook"\n'


def test_add_writes_the_entry_and_says_when_it_is_there_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "projects.yaml"
    path.write_text("projects:\n  - github: a/b\n    npm: taken\n\n# the end\n")
    script = [page(listed("npmjs", "taken"), listed("npmjs", "brook")), NOT_FOUND]
    with scripted(script) as server:
        words = ("add", REPOSITORY, "--projects", str(path), "--stand-in", server.address)
        assert run(monkeypatch, *words) == 0
        written = path.read_text()
        assert run(monkeypatch, *words[:1], "hill/BROOK", *words[2:]) == 2
    assert written == (
        "projects:\n  - github: a/b\n    npm: taken\n  - github: Hill/Brook\n    npm: brook\n"
        "    # npm: taken # belongs to a/b already\n\n# the end\n"
    )
    assert path.read_text() == written
    assert "hill/BROOK: is tracked already" in capfd.readouterr().err


def test_add_writes_nothing_when_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "projects.yaml"
    path.write_text("projects:\n  - github: a/b\n")
    with scripted([BROKEN]) as server:
        assert run(monkeypatch, "add", REPOSITORY, "--projects", str(path), "--stand-in", server.address) == 4
    assert path.read_text() == "projects:\n  - github: a/b\n"


def test_a_pattern_of_any_source_is_heeded() -> None:
    naming = {"npm": Naming("only", "only", "the one")}
    with scripted([page(listed("npmjs", "brook")), NOT_FOUND]) as server:
        known = discover.find(REPOSITORY, Door(Outside(stand_in=server.address)), naming)
    assert discover.entry(known)[1:] == ["  # npm: brook # not a name that can stand here: the one, such as only"]
