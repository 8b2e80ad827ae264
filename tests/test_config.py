"""What stands in projects.yaml, and what is said about everything that should not stand there."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from groundswell import catalogue, config, config_shape, config_yaml, sources
from groundswell.models import Event, Naming, Project, Stage

ROOT: Final = Path(__file__).parents[1]
TODAY: Final = dt.date(2026, 11, 22)
NAMINGS: Final = {
    "github": Naming("", "mongodb/mongo", "a repository on GitHub"),
    "npm": Naming(
        r"(?=.{1,214}$)(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-zA-Z0-9~-][a-zA-Z0-9._~-]*",
        "@supabase/supabase-js",
        "a package on npm",
    ),
    "pypi": Naming(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", "polars", "a package on PyPI"),
}
METRICS: Final = {"stars": Stage.INTENT, "forks": Stage.INTENT, "npm_downloads": Stage.ACTION}
A_PACKAGE: Final = "expected a package on PyPI such as 'polars', found"
A_SCOPED: Final = "expected a package on npm such as '@supabase/supabase-js', found"
A_PAST_DAY: Final = "expected a day that is not in the future (today is 2026-11-22), found"
A_LINK: Final = "expected a link that begins with https:// or http://, found"
NO_ENTRY: Final = "projects.yaml:1: no entry is without a mistake, so that nothing is left to track"
NO_PROJECT: Final = "no project is named; write 'projects:' and below it '  - github: owner/name'"
A_MAPPING: Final = "expected a mapping of 'key: value' lines, found"
HIDDEN: Final = "expected text without control characters and without signs that turn its direction, found"

Load = Callable[[str | bytes], config.Config]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads what it is given as the file projects.yaml of the working folder."""
    monkeypatch.chdir(tmp_path)

    def load(content: str | bytes) -> config.Config:
        path = Path("projects.yaml")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return config.load(path, NAMINGS, today=TODAY, metrics=METRICS)

    return load


def entries(*lines: str) -> str:
    """A file with one entry, a/b on line 2, that goes on with the given lines; line 3 is the first of them."""
    return "\n".join(["projects:", "  - github: a/b", *lines, ""])


def mistakes(load: Load, content: str | bytes) -> tuple[list[str], Sequence[Project]]:
    """The mistakes in an otherwise usable file, as they are printed, and the projects that are left."""
    found = load(content)
    return [str(mistake) for mistake in found.mistakes], found.projects


def refusal(load: Load, content: str | bytes) -> list[str]:
    """What is printed about a file that cannot be used."""
    with pytest.raises(config.ConfigError) as caught:
        load(content)
    assert str(caught.value).splitlines() == [str(mistake) for mistake in caught.value.mistakes]
    return [str(mistake) for mistake in caught.value.mistakes]


# --- A right file ----------------------------------------------------------------------------------------------------


def test_everything_that_may_be_written(load: Load) -> None:
    found = load(
        """
        tracker:
          title: Ours
          description: What
            we track
          address: https://us.example/tracker/
          repository: us/tracker
          notice: Invented
        stages: {thresholds: {intent: {stars: 7}, retention: {}}}
        gate: {most_lost_points: 30, jump: 0.7}
        projects:
          - github: Mongodb/mongo_x.y-z
            name: "MongoDB"
            category: Databases
            tags: [documents, '2024']
            npm: ["@a/b", c]
            pypi: pymongo
            events:
              - day: 2024-01-31
                title: One
                link: https://x.example/a?b#c
              - {day: "2024-02-29", title: Two}
        """
    )
    assert found.mistakes == ()
    assert found.tracker == config.Tracker(
        "Ours", "What we track", "https://us.example/tracker", "us/tracker", "Invented", has_own_title=True
    )
    assert found.gate == config.Gate(most_lost_points=30.0, jump=0.7)
    assert found.thresholds[Stage.INTENT] == {"stars": 7}
    assert found.projects == (
        Project(
            "Mongodb/mongo_x.y-z",
            "MongoDB",
            "Databases",
            ("documents", "2024"),
            {"github": ("",), "npm": ("@a/b", "c"), "pypi": ("pymongo",)},
            (
                Event(dt.date(2024, 1, 31), "One", "https://x.example/a?b#c"),
                Event(dt.date(2024, 2, 29), "Two", None),
            ),
        ),
    )


def test_only_the_repository_must_be_named(load: Load) -> None:
    found = load(entries())
    assert found.projects == (Project("a/b", "b", "Other", (), {"github": ("",)}, ()),)
    assert found.tracker == config.Tracker()
    assert found.gate == config.Gate(20.0, 0.5, 0.05, 0.5, 14)


def test_without_thresholds_the_defaults_count(load: Load) -> None:
    assert load(entries()).thresholds == config.DEFAULT_THRESHOLDS


def test_every_stage_can_be_reached_without_a_word_in_the_file() -> None:
    assert [stage for stage in Stage if not config.DEFAULT_THRESHOLDS[stage]] == []


def test_default_thresholds_name_metrics_of_their_stage() -> None:
    stages = {metric.key: metric.stage for metric in catalogue.METRICS}
    for stage, levels in config.DEFAULT_THRESHOLDS.items():
        assert [stages[metric] for metric in levels] == [stage] * len(levels)


def test_a_stage_with_thresholds_of_its_own_has_only_those_and_the_others_keep_theirs(load: Load) -> None:
    thresholds = load(entries("stages: {thresholds: {action: {npm_downloads: 5.5}, monetization: {}}}")).thresholds
    assert thresholds[Stage.ACTION] == {"npm_downloads": 5.5}
    assert thresholds[Stage.MONETIZATION] == {}
    assert thresholds[Stage.INTENT] == {"stars": 100}


def test_a_part_whose_keys_are_all_commented_out_is_as_good_as_left_out(load: Load) -> None:
    lines = ["    tags:", "    events:", "tracker:", "  # title: x", "gate:", "stages:", "  thresholds:", "    intent:"]
    assert dataclasses.replace(load(entries(*lines[:-2])), mistakes=()) == load(entries())
    assert load(entries(*lines)) == load(entries())


def test_a_byte_order_mark_and_windows_line_ends_are_fine(load: Load) -> None:
    content = entries("    name: x", "- github: c/d").replace("\n- ", "\n  - ").replace("\n", "\r\n")
    assert [project.id for project in load(b"\xef\xbb\xbf" + content.encode()).projects] == ["a/b", "c/d"]


def test_an_alias_stands_for_what_it_names(load: Load) -> None:
    content = entries("    tags: &both [x, y]", "  - github: c/d", "    tags: *both")
    assert [project.tags for project in load(content).projects] == [("x", "y"), ("x", "y")]


def test_text_over_several_lines_becomes_one_line(load: Load) -> None:
    found = load(entries("tracker:", "  notice: >", "    One", "", "    two  three"))
    assert found.tracker.notice == "One two three"


@pytest.mark.parametrize("owner", ["amol-", "a", "a-b-c", "x_y", "A1", "a" * 39])
def test_an_owner_that_github_has_passes(load: Load, owner: str) -> None:
    assert load(f"projects: [{{github: {owner}/.github}}]").projects[0].id == f"{owner}/.github"


def test_only_one_project_can_be_picked_in_any_case(load: Load) -> None:
    projects = load(entries("  - github: C/d")).projects
    assert config.only(projects, None) == projects
    assert [project.id for project in config.only(projects, "c/D")] == ["C/d"]
    with pytest.raises(config.NotTracked, match=r"^c/e is not tracked; did you mean 'C/d'\?$"):
        config.only(projects, "c/e")


# --- One mistake, one line: in an entry ------------------------------------------------------------------------------

IN_ENTRIES: Final = {
    # keys
    "an unknown key": (["    pipy: x"], "3: a/b: unknown key 'pipy'; did you mean 'pypi'?"),
    "a key that means another": (["    topics: [x]"], "3: a/b: unknown key 'topics'; did you mean 'tags'?"),
    "a key like no other": (
        ["    zzz: x"],
        "3: a/b: unknown key 'zzz'; known are github, name, category, tags, events, figures, npm, pypi",
    ),
    "the inner name of a key": (
        ["    source_npm: x"],
        "3: a/b: unknown key 'source_npm'; known are github, name, category, tags, events, figures, npm, pypi",
    ),
    "a merge key": (
        ["    <<: {name: x}"],
        "3: a/b: unknown key '<<'; known are github, name, category, tags, events, figures, npm, pypi",
    ),
    "a key that is a list": (["    ? [x]", "    : y"], "3: a/b: a key must be one word, found a list"),
    "a key twice": (
        ["    name: x", "    name: y"],
        "4: a/b: the key 'name' stands here a second time; the first is on line 3",
    ),
    # types
    "a number for text": (["    name: 7"], "3: a/b: name: expected text, found the number 7; put it in quotes"),
    "a hexadecimal number for text": (
        ["    name: 0x1F"],
        "3: a/b: name: expected text, found the number 0x1F; put it in quotes",
    ),
    "a date for text": (
        ["    name: 2024-01-01"],
        "3: a/b: name: expected text, found the date 2024-01-01; put it in quotes",
    ),
    "no for text": (["    name: no"], "3: a/b: name: expected text, found the truth value no; put it in quotes"),
    "a list for text": (["    name:", "      - x"], "3: a/b: name: expected text, found a list"),
    "a mapping for text": (["    name: {a: b}"], "3: a/b: name: expected text, found a mapping"),
    "nothing for text": (["    name:"], "3: a/b: name: expected text, found nothing"),
    "empty text": (['    name: ""'], "3: a/b: name: expected text, found an empty text"),
    "blank text": (['    name: "  "'], "3: a/b: name: expected text, found '  '"),
    "text for a list": (["    tags: x"], "3: a/b: tags: expected a list such as [one, two], found 'x'"),
    "a list in a list": (["    tags: [a, [b]]"], "3: a/b: tags item 2: expected text, found a list"),
    "on in a list": (
        ["    tags:", "      - a", "      - on"],
        "5: a/b: tags item 2: expected text, found the truth value on; put it in quotes",
    ),
    # what text holds
    "a control character": (['    name: "a\\0b"'], f"3: a/b: name: {HIDDEN} 'a\\u0000b'"),
    "a right-to-left override": (["    name: a\u202eb"], f"3: a/b: name: {HIDDEN} 'a\\u202eb'"),
    "half a surrogate pair": (['    name: "\\ud83d"'], f"3: a/b: name: {HIDDEN} '\\ud83d'"),
    "too long text": ([f"    name: {'x' * 101}"], "3: a/b: name: expected at most 100 characters, found 101"),
    "a tag twice": (
        ["    tags: [x, y, X]"],
        "3: a/b: tags: expected each name once, found 'x' and 'X', which are the same",
    ),
    "too many tags": (
        [f"    tags: {[f't{n}' for n in range(21)]}"],
        "3: a/b: tags: expected at most 20 items, found a list",
    ),
    "a language's tag": (
        ['    name: !!python/object/apply:os.system ["true"]'],
        "3: a/b: name: the tag '!!python/object/apply:os.system' is not allowed; take it out",
    ),
    "an unknown tag": (["    name: !mine x"], "3: a/b: name: the tag '!mine' is not allowed; take it out"),
    "a binary": (["    name: !!binary aGk="], "3: a/b: name: the tag '!!binary' is not allowed; take it out"),
    # packages
    "a package that cannot be": (["    pypi: x y"], f"3: a/b: pypi: {A_PACKAGE} 'x y'"),
    "a package's address": (
        ["    pypi: https://pypi/project/polars/"],
        f"3: a/b: pypi: {A_PACKAGE} 'https://pypi/project/polars/'; write 'polars'",
    ),
    "a scoped package's address": (
        ["    npm: https://www.npmjs.com/package/@pulumi/pulumi"],
        f"3: a/b: npm: {A_SCOPED} 'https://www.npmjs.com/package/@pulumi/pulumi'; write '@pulumi/pulumi'",
    ),
    "a number for a package": (["    pypi: 3"], f"3: a/b: pypi: {A_PACKAGE} the number 3; put it in quotes"),
    "nothing for a package": (["    pypi:"], f"3: a/b: pypi: {A_PACKAGE} nothing"),
    "a mapping for a package": (["    pypi: {name: x}"], f"3: a/b: pypi: {A_PACKAGE} a mapping"),
    "a wrong package in a list": (["    pypi:", "      - x", "      - -y"], f"5: a/b: pypi item 2: {A_PACKAGE} '-y'"),
    "a package twice": (["    pypi: [x, x]"], "3: a/b: pypi: expected each name once, found 'x' twice"),
    "a package in two spellings": (
        ["    pypi: [delta-spark, Delta_Spark]"],
        "3: a/b: pypi: expected each name once, found 'delta-spark' and 'Delta_Spark', which are the same",
    ),
    # events
    "an unknown key in an event": (
        ["    events:", "      - {day: 2024-01-01, title: x, url: https://x.example}"],
        "4: a/b: events item 1: unknown key 'url'; did you mean 'link'?",
    ),
    "an event without a title": (
        ["    events:", "      - {day: 2024-01-01, title: x}", "      - day: 2024-01-01"],
        "5: a/b: events item 2: the key 'title' is missing",
    ),
    "an event that is text": (["    events: [x]"], f"3: a/b: events item 1: {A_MAPPING} 'x'"),
    "an event to come": (
        ["    events: [{day: 2026-11-23, title: x}]"],
        f"3: a/b: events item 1 day: {A_PAST_DAY} the date 2026-11-23",
    ),
    "a day that never was": (
        ["    events: [{day: 2023-02-29, title: x}]"],
        "3: a/b: events item 1 day: expected a day that the calendar has, found the date 2023-02-29",
    ),
    "a day before all computers": (
        ["    events: [{day: 0001-01-01, title: x}]"],
        "3: a/b: events item 1 day: expected a day since 1970-01-01, found the date 0001-01-01",
    ),
    "a day with one digit": (
        ["    events: [{day: 2024-1-5, title: x}]"],
        "3: a/b: events item 1 day: expected a day such as 2024-01-31, found '2024-1-5'; write 2024-01-05",
    ),
    "a day with a time": (
        ["    events: [{day: 2024-01-05 10:00:00, title: x}]"],
        "3: a/b: events item 1 day: expected a day such as 2024-01-31, found the date 2024-01-05 10:00:00",
    ),
    "a day in words": (
        ["    events: [{day: yesterday, title: x}]"],
        "3: a/b: events item 1 day: expected a day such as 2024-01-31, found 'yesterday'",
    ),
    "a link that runs a script": (
        ["    events: [{day: 2024-01-01, title: x, link: 'javascript:alert(1)'}]"],
        f"3: a/b: events item 1 link: {A_LINK} 'javascript:alert(1)'",
    ),
    "a link that shows another host": (
        ["    events: [{day: 2024-01-01, title: x, link: 'https://good.example@bad.example/'}]"],
        f"3: a/b: events item 1 link: {A_LINK} 'https://good.example@bad.example/'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_ENTRIES)
def test_a_mistake_in_an_entry_is_one_line_and_costs_only_that_entry(load: Load, case: str) -> None:
    lines, expected = IN_ENTRIES[case]
    printed, left = mistakes(load, entries(*lines, "  - github: c/d"))
    assert printed == [f"projects.yaml:{expected}"]
    assert [project.id for project in left] == ["c/d"]


OWNER_NAME: Final = "expected owner/name, as in github.com/owner/name, found"
WHOLE_ENTRIES: Final = {
    "{name: x}": "entry 2: the key 'github' is missing; write 'github: owner/name'",
    "{repo: c/e}": "entry 2: unknown key 'repo'; did you mean 'github'?",
    "c/e": f"entry 2: {A_MAPPING} 'c/e'; write 'github: c/e'",
    "[x]": f"entry 2: {A_MAPPING} a list",
    "null": f"entry 2: {A_MAPPING} nothing",
    "{github: }": f"entry 2: github: {OWNER_NAME} nothing",
    "{github: 1.0}": f"entry 2: github: {OWNER_NAME} the number 1.0",
    "{github: [c/e]}": f"entry 2: github: {OWNER_NAME} a list",
    "{github: https://github.com/c/e}": "https://github.com/c/e: github: expected owner/name, "
    "found 'https://github.com/c/e'; write c/e",
    "{github: 'https://github.com/c/e/tree/main?x#y'}": "https://github.com/c/e/tree/main?x#y: github: "
    "expected owner/name, found 'https://github.com/c/e/tree/main?x#y'; write c/e",
    "{github: 'git@github.com:c/e.git'}": "git@github.com:c/e.git: github: expected owner/name, "
    "found 'git@github.com:c/e.git'; write c/e",
    "{github: c/e.git}": "c/e.git: github: expected owner/name, found 'c/e.git'; write c/e",
    "{github: mongo}": f"mongo: github: {OWNER_NAME} 'mongo'",
    "{github: c/e/f}": f"c/e/f: github: {OWNER_NAME} 'c/e/f'",
    "{github: -c/e}": f"-c/e: github: {OWNER_NAME} '-c/e'",
    "{github: c--c/e}": f"c--c/e: github: {OWNER_NAME} 'c--c/e'",
    "{github: c_/e}": f"c_/e: github: {OWNER_NAME} 'c_/e'",
    "{github: c/..}": f"c/..: github: {OWNER_NAME} 'c/..'",
    "{github: ../e}": f"../e: github: {OWNER_NAME} '../e'",
    "{github: ć/e}": f"ć/e: github: {OWNER_NAME} 'ć/e'",
    f"{{github: {'c' * 40}/e}}": f"{'c' * 40}/e: github: {OWNER_NAME} '{'c' * 40}/e'",
    "{github: A/B}": "A/B: the same repository as a/b on line 1",
    "{github: c/e, npm: [x, Y]}": "c/e: npm item 2: 'Y' belongs to a/b on line 1 already",
}


@pytest.mark.parametrize("entry", WHOLE_ENTRIES)
def test_an_entry_that_names_no_repository_of_its_own_is_left_out(load: Load, entry: str) -> None:
    content = f"projects: [{{github: a/b, npm: [y]}},\n  {entry},\n  {{github: c/d}}]"
    printed, left = mistakes(load, content)
    assert printed == [f"projects.yaml:2: {WHOLE_ENTRIES[entry]}"]
    assert [project.id for project in left] == ["a/b", "c/d"]


def test_all_mistakes_are_told_at_once_in_the_order_of_lines(load: Load) -> None:
    content = entries(
        "    pypi: [x, x]",
        "    tags: y",
        "  - github: c/d",
        "    nmae: z",
        "    name: 3",
        "  - github: a/b",
        "gate: {jump: fast}",
    )
    assert refusal(load, content) == [
        NO_ENTRY,
        "projects.yaml:3: a/b: pypi: expected each name once, found 'x' twice",
        "projects.yaml:4: a/b: tags: expected a list such as [one, two], found 'y'",
        "projects.yaml:6: c/d: unknown key 'nmae'; did you mean 'name'?",
        "projects.yaml:7: c/d: name: expected text, found the number 3; put it in quotes",
        "projects.yaml:8: a/b: the same repository as a/b on line 2",
        "projects.yaml:9: gate: jump: expected a number, found 'fast'",
    ]


GATE: Mapping[str, tuple[float, float, str]] = {  # threshold → what fits, what does not, what was expected
    "most_lost_points": (100, 101, "at most 100"),
    "most_failed_share": (0.25, 1.01, "at most 1"),
    "most_jumping_share": (0, -0.01, "at least 0"),
    "jump": (0.01, 0, "more than 0"),
    "oldest_days": (7, 6, "at least 7"),
    "baseline_days": (1, 0, "at least 1"),
    "fewest": (1, 0, "at least 1"),
    "smallest_stars": (1, 0, "at least 1"),
    "jump_days": (365, 366, "at most 365"),
}


@pytest.mark.parametrize("threshold", [one.name for one in dataclasses.fields(config.Gate)])
def test_every_threshold_of_the_gate_can_be_set_within_its_bounds(load: Load, threshold: str) -> None:
    fits, wrong, expected = GATE[threshold]
    assert getattr(load(entries(f"gate: {{{threshold}: {fits}}}")).gate, threshold) == fits
    (mistake,) = refusal(load, entries(f"gate: {{{threshold}: {wrong}}}"))
    assert mistake.startswith(f"projects.yaml:3: gate: {threshold}: expected {expected}, found ")


def test_what_invisible_signs_a_name_holds_is_printed_as_their_codes(load: Load) -> None:
    printed, _ = mistakes(load, 'projects: [{github: "a\\n\\u202e/b"}, {github: c/d}]')
    assert printed == [f"projects.yaml:1: a\\u000a\\u202e/b: github: {OWNER_NAME} 'a\\u000a\\u202e/b'"]


# --- One mistake, one line: in the rest of the file ------------------------------------------------------------------

IN_SETTINGS: Final = {
    "gaet: {}": "3: unknown key 'gaet'; did you mean 'gate'?",
    "gate: []": f"3: gate: {A_MAPPING} a list",
    "gate: {jmp: 1}": "3: gate: unknown key 'jmp'; did you mean 'jump'?",
    "gate: {jump: 1, jump: 2}": "3: gate: the key 'jump' stands here a second time; the first is on line 3",
    "gate: {jump: yes}": "3: gate: jump: expected a number, found the truth value yes",
    "gate: {jump: .nan}": "3: gate: jump: expected a number, found the number .nan; write it in plain decimals",
    "gate: {jump: .inf}": "3: gate: jump: expected a number, found the number .inf; write it in plain decimals",
    "gate: {jump: 1.0e+999}": "3: gate: jump: expected a number, found the number 1.0e+999; write it in plain decimals",
    "gate: {jump: 1:30}": "3: gate: jump: expected a number, found the number 1:30; write it in plain decimals",
    "gate: {jump: 0}": "3: gate: jump: expected more than 0, found the number 0",
    "gate: {most_failed_share: 1.1}": "3: gate: most_failed_share: expected at most 1, found the number 1.1",
    "gate: {most_lost_points: -1}": "3: gate: most_lost_points: expected at least 0, found the number -1",
    "gate: {oldest_days: 1.5}": "3: gate: oldest_days: expected a whole number, found the number 1.5",
    "tracker: {name: x}": "3: tracker: unknown key 'name'; did you mean 'title'?",
    "tracker: {address: http://x.example}": "3: tracker: address: "
    "expected an https address such as https://owner.github.io/name, found 'http://x.example'",
    "tracker: {repository: x}": f"3: tracker: repository: {OWNER_NAME} 'x'",
    "tracker: {title: 2024-01-01}": "3: tracker: title: expected text, found the date 2024-01-01; put it in quotes",
    "stages: {thresholds: {intend: {}}}": "3: stages: thresholds: unknown key 'intend'; did you mean 'intent'?",
    "stages: {thresholds: {intent: [stars]}}": f"3: stages: thresholds intent: {A_MAPPING} a list",
    "stages: {thresholds: {intent: {stars: many}}}": "3: stages: thresholds intent stars: "
    "expected a number, found 'many'",
    "stages: {thresholds: {intent: {starz: 1}}}": "3: stages: thresholds intent: "
    "unknown metric 'starz'; did you mean 'stars'?",
    "stages: {thresholds: {intent: {npm_downloads: 1}}}": "3: stages: thresholds intent: "
    "the metric 'npm_downloads' counts in action, not in intent",
    "stages: !stage {}": "3: stages: the tag '!stage' is not allowed; take it out",
}


@pytest.mark.parametrize("line", IN_SETTINGS)
def test_a_mistake_outside_the_entries_makes_the_file_unusable(load: Load, line: str) -> None:
    assert refusal(load, entries(line)) == [f"projects.yaml:{IN_SETTINGS[line]}"]


UNUSABLE: Final[Mapping[str, tuple[str | bytes, list[str]]]] = {
    "nothing": ("", ["1: the file is empty; it needs 'projects:' with at least one '- github: owner/name'"]),
    "comments": ("# x\n\n", ["1: the file is empty; it needs 'projects:' with at least one '- github: owner/name'"]),
    "null": ("~", ["1: the file is empty; it needs 'projects:' with at least one '- github: owner/name'"]),
    "a list": ("- a/b", ["1: expected 'projects:' on a line of its own, and the entries below it, found a list"]),
    "no projects": ("gate: {jump: 1}", [f"1: {NO_PROJECT}"]),
    "nothing below projects": ("projects:\n# - github: a/b\n", [f"1: {NO_PROJECT}"]),
    "an empty list": ("gate:\nprojects: []", [f"2: {NO_PROJECT}"]),
    "a misspelt projects": ("project: []", ["1: unknown key 'project'; did you mean 'projects'?"]),
    "a mapping of projects": (
        "projects:\n  a/b: {}",
        ["1: projects: expected a list of entries that begin with '- github: owner/name', found a mapping"],
    ),
    "projects twice": (
        "projects: [{github: a/b}]\nprojects: [{github: c/d}]",
        ["2: the key 'projects' stands here a second time; the first is on line 1"],
    ),
    "no right entry": ("projects: [{github: x}]", [NO_ENTRY[14:], f"1: x: github: {OWNER_NAME} 'x'"]),
    "tabs": (
        entries("\tname: x", "    tags: [", "\ty]"),
        ["3: a tab; YAML wants spaces", "5: a tab; YAML wants spaces"],
    ),
    "a bare @": (
        entries("    npm: @a/b"),
        ["3: a text cannot begin with '@'; put it in quotes, as in \"@scope/name\""],
    ),
    "a bare %": (entries("    name: %x"), ["3: a text cannot begin with this sign; put it in quotes"]),
    "a colon": (
        entries("    name: a: b"),
        ["3: a ':' cannot stand here; look at the indentation, or put a text that holds ': ' in quotes"],
    ),
    "an open quote": (entries("    name: 'x"), ["4: a quote that is opened on line 3 is not closed"]),
    "an open list": (
        entries("    tags: [x", "    name: y"),
        ["4: a list that is opened on line 3 is not closed, or lacks a comma"],
    ),
    "an open mapping": (
        entries("    events: [{day: 2024-01-01", "    title: y}]"),
        ["4: a mapping that is opened on line 3 is not closed, or lacks a comma"],
    ),
    "a key alone": (entries("    name"), ["4: a key without a ':' after it (line 3)"]),
    "a wrong indentation": (entries("   name: x"), ["3: the indentation does not fit to what begins on line 2"]),
    "an unknown alias": (
        entries("    name: *x"),
        ["3: what begins with '*' is an alias, and nothing is marked with its '&'; put a text in quotes"],
    ),
    "an anchor twice": (entries("    tags: [&x a, &x b]"), ["3: the anchor '&' of line 3 stands here a second time"]),
    "two documents": (entries("---", "x: y"), ["3: a second document begins here ('---'); the file must be one"]),
    "an unknown escape": (entries('    name: "\\d"'), ["3: this is not YAML (found unknown escape character 'd')"]),
    "an escape beyond Unicode": (
        entries('    name: "\\UFFFFFFFF"'),
        ["3: a number in an escape (such as \\U0001F600) or a directive is too large"],
    ),
    "an endless version": (
        f"%YAML {'9' * 5000}.1\n---\n",
        ["1: a number in an escape (such as \\U0001F600) or a directive is too large"],
    ),
    "hidden signs in a key": (
        entries("\u202ex: !y z"),
        [
            "3: unknown key '\\u202ex'; known are tracker, stages, gate, alerts, projects",
            "3: \\u202ex: the tag '!y' is not allowed; take it out",
        ],
    ),
    "UTF-16": (entries().encode("utf-16"), ["1: this is UTF-16; save the file as UTF-8"]),
    "Latin-1": (entries("    name: é").encode("latin-1"), ["3: the byte 0xe9 is not UTF-8; save the file as UTF-8"]),
    "NUL and others": (
        entries("    name: x\0", "    tags: [\x07]"),
        [
            "3: the character U+0000 is not allowed; take it out",
            "4: the character U+0007 is not allowed; take it out",
        ],
    ),
    "a line separator": (entries("    name: a\u2028b"), ["3: the character U+2028 is not allowed; take it out"]),
    "a list in itself": ("projects: &x [*x]", ["1: lists and mappings are nested more than 20 deep"]),
    "deep lists": ("projects: " + "[" * 100_000, ["1: lists and mappings are nested more than 20 deep"]),
    "deep mappings": ("a: {" * 1 + "a: {" * 50_000, ["1: lists and mappings are nested more than 20 deep"]),
    "deep indentation": ("- " * 50_000, ["1: lists and mappings are nested more than 20 deep"]),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason_and_the_line(load: Load, case: str) -> None:
    content, expected = UNUSABLE[case]
    assert refusal(load, content) == [f"projects.yaml:{line}" for line in expected]


def test_a_file_that_is_not_there_or_no_file_has_no_line_to_point_at(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    files = {
        "none.yaml": "there is no such file",
        "": "this is a folder, not a file",
        "pipe": "this is not an ordinary file",
        "pipe/x": "it cannot be read (Not a directory)",
        "a\0b": "it cannot be read (its name is not one that a file can have)",
    }
    for name, why in files.items():
        path = tmp_path / name
        with pytest.raises(config.ConfigError) as caught:
            config.load(path, NAMINGS)
        assert str(caught.value) == f"{path}: {why}"


def test_a_file_of_ten_megabytes_is_refused_without_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "projects.yaml"
    with path.open("wb") as file:
        file.truncate(10_000_000)
    monkeypatch.setattr(Path, "open", None)
    with pytest.raises(config.ConfigError, match=r"the file is too large \(10\.0 MB\); at most 1 MB is read$"):
        config.load(path, NAMINGS)


BOMB: Final = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 16)
)


def test_aliases_that_explode_are_refused_at_once_and_in_little_memory(load: Load) -> None:
    """Unfolded it would be 10^16 values. The line is that of what is repeated most."""
    begun = time.process_time()
    assert refusal(load, BOMB) == ["projects.yaml:1: more than 50,000 values, or aliases that unfold to as many"]
    assert time.process_time() - begun < 1
    tracemalloc.start()
    try:
        refusal(load, BOMB)
        assert tracemalloc.get_traced_memory()[1] < 40e6
    finally:
        tracemalloc.stop()


def test_no_value_of_the_file_is_ever_run_or_built(load: Load, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    mistakes(load, entries(f"    name: !!python/object/apply:os.mkdir [{trace}]", "  - github: c/d"))
    assert not trace.exists()


# --- Whatever is in the file -----------------------------------------------------------------------------------------

FRAGMENTS: Final = (
    *("\t", ": ", "- ", "[", "]", "{", "}", "*x", "&x ", "!!str ", "!x ", "!<y> ", "|", ">", "'", '"', "? ", "<<: "),
    *("=", "~", "null", "no", "1.0", "0x1", "2024-13-01", ".nan", "\0", "\u202e", "\n", "\r", "\x85", "\ufeff", "@"),
    *("\\U99999999", "%YAML 1.1\n", "%TAG ! x\n", "---\n", "...\n", "!!binary ", "!!python/object:os.x ", "!!map "),
    *("!!int ", "9" * 5000, "`"),
)
RIGHT: Final = """tracker: {title: T, address: https://a.example/c, notice: x}
gate: {jump: 0.5}
stages: {thresholds: {intent: {stars: 100}}}
projects:
  - github: a/b
    name: &x "A \\u0041"
    tags: [a, b, *x]
    events: [{day: 2024-01-01, title: !!str 3, link: https://x.example}]
    npm: ["@a/b", c]
  - github: c/d
    category: |
      foo
"""


def spoiled(chance: random.Random) -> bytes:
    """A right file in which a few places were changed, or something that was never a file."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(200))
    text = RIGHT if chance.random() < 0.9 else "".join(chance.choices(FRAGMENTS, k=20))
    for _ in range(chance.randrange(1, 5)):
        start = chance.randrange(len(text) + 1)
        text = text[:start] + chance.choice(FRAGMENTS) + text[start + chance.randrange(4) :]
    return text.encode()


def test_whatever_is_in_the_file_only_config_error_leaves_and_every_mistake_is_one_printable_line(load: Load) -> None:
    chance = random.Random(22)
    for _ in range(400):
        content = spoiled(chance)
        try:
            found = load(content).mistakes
        except config.ConfigError as error:
            found = error.mistakes
            assert found, content
        assert all(str(mistake).isprintable() for mistake in found), content
        assert [mistake.line for mistake in found] == sorted(mistake.line for mistake in found), content


LARGE: Final = {
    "one item after the other": "projects:\n" + "- a\n" * 50_000,
    "one key after the other": "".join(f"k{n}:\n" for n in range(20_000)),
    "a long text": "projects: " + "a" * 250_000,
    "a long name": "projects: [{github: " + "a-" * 125_000 + "}]",
    "a long package": "projects: [{github: a/b, npm: " + "a." * 125_000 + "}]",
    "a long tag": "projects: !" + "a" * 250_000 + " x",
    "a long number": "gate: {jump: 1" + ":10" * 80_000 + "}",
    "blanks": " " * 250_000,
}


@pytest.mark.parametrize("case", LARGE)
def test_a_hostile_file_below_the_limit_of_size_is_refused_too(
    load: Load, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_yaml, "MOST_VALUES", 1000)  # the same way out, sooner
    assert refusal(load, LARGE[case])


def test_a_file_of_too_many_values_is_not_even_read_to_its_end(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes take memory too: three for each value that may be there are enough, since keys are nodes."""
    monkeypatch.setattr(config_yaml, "MOST_VALUES", 1000)
    expected = "projects.yaml:3000: more than 1,000 values, or aliases that unfold to as many"
    assert refusal(load, LARGE["one item after the other"]) == [expected]


def test_a_thousand_projects_are_far_below_the_limits(load: Load) -> None:
    several = (
        f"  - {{github: o{n}/r, name: N{n}, category: C, tags: [a, b], pypi: p{n}, npm: ['@x/{n}']}}"
        for n in range(1000)
    )
    content = "\n".join(["projects:", *several])
    assert len(load(content).projects) == 1000
    assert len(content) * 5 < config_yaml.MOST_BYTES


# --- The schema for editors ------------------------------------------------------------------------------------------

BOTH_ACCEPT: Final = (
    "{github: a/b}",
    "{github: amol-/x.y_z}",
    "{github: a/b, name: Ä 🙂, category: 'Ours: all', tags: [], events: [], npm: [], pypi: []}",
    "{github: a/b, tags: , events: }",
    "{github: a/b, pypi: x, npm: ['@a/b', 'c']}",
    "{github: a/b, events: [{day: 2024-01-31, title: x}, {day: '2024-01-31', title: x, link: 'https://x.example/?a'}]}",
    "{github: a/b, figures: [{key: revenue, from: figures/b.csv}, {key: dau, from: 'env:FIGURES_B', column: x y}]}",
    "{github: a/b, figures: [{key: mau, from: 'https://x.example/a?b=c', publish: absolute, every: quarter}]}",
    "{github: a/b, figures: [{key: lamps, from: b.csv, label: L, unit: l, stage: action, kind: flow, rounding: 5}]}",
)
BOTH_REFUSE: Final = (
    "{github: a/b, figures: [{key: revenue}]}",
    "{github: a/b, figures: [{key: lamps, from: b.csv, label: L, unit: lamps, stage: action}]}",
    "{github: a/b, figures: [{key: revenue, from: /etc/b.csv}]}",
    "{github: a/b, figures: [{key: revenue, from: a/../../b.csv}]}",
    "{github: a/b, figures: [{key: revenue, from: .git/b.csv}]}",
    "{github: a/b, figures: [{key: revenue, from: 'env:GITHUB_TOKEN'}]}",
    "{github: a/b, figures: [{key: revenue, from: 'http://x.example/a'}]}",
    "{github: a/b, figures: [{key: revenue, from: 'https://me:x@x.example/a'}]}",
    "{github: a/b, figures: [{key: revenue, from: b.csv, rounding: 0.01}]}",
    "{github: a/b, figures: [{key: Revenue, from: b.csv}]}",
    "{name: x}",
    "x",
    "[]",
    "{github: }",
    "{github: 7}",
    "{github: a}",
    "{github: a/b.git}",
    "{github: a/..}",
    "{github: a--b/c}",
    "{github: https://github.com/a/b}",
    f"{{github: {'a' * 40}/b}}",
    "{github: a/b, pipy: x}",
    "{github: a/b, source_npm: x}",
    "{github: a/b, name: 7}",
    "{github: a/b, name: }",
    "{github: a/b, name: ''}",
    "{github: a/b, name: '  '}",
    '{github: a/b, name: "x\\u202ey"}',
    f"{{github: a/b, name: {'x' * 101}}}",
    "{github: a/b, category: []}",
    "{github: a/b, tags: x}",
    "{github: a/b, tags: [7]}",
    "{github: a/b, tags: [x, x]}",
    "{github: a/b, pypi: }",
    "{github: a/b, pypi: 7}",
    "{github: a/b, pypi: x y}",
    "{github: a/b, npm: '@a'}",
    "{github: a/b, npm: [x, x]}",
    "{github: a/b, npm: [[x]]}",
    "{github: a/b, npm: {}}",
    "{github: a/b, events: [x]}",
    "{github: a/b, events: [{title: x}]}",
    "{github: a/b, events: [{day: 2024-01-31}]}",
    "{github: a/b, events: [{day: '2024-1-5', title: x}]}",
    "{github: a/b, events: [{day: '2024-02-30', title: x}]}",
    "{github: a/b, events: [{day: 2024-01-31, title: x, link: 'javascript:x'}]}",
    "{github: a/b, events: [{day: 2024-01-31, title: x, link: 'https://x@y.example'}]}",
    "{github: a/b, events: [{day: 2024-01-31, title: x, what: y}]}",
)
SETTINGS_REFUSED: Final = (
    "gaet: {}",
    "gate: {jump: 0}",
    "gate: {jump: x}",
    "gate: {oldest_days: 1.5}",
    "tracker: {address: http://x.example}",
    "tracker: {repository: x}",
    "tracker: {title: ''}",
    "stages: {thresholds: {intent: {stars: -1}}}",
    "stages: {thresholds: {intend: {}}}",
)


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bool]:
    """File → whether the schema accepts it, for all files of the tables above: one run of the validator."""
    folder = tmp_path_factory.mktemp("validated")
    files = [f"projects: [{entry}]" for entry in (*BOTH_ACCEPT, *BOTH_REFUSE)]
    files += [f"projects: [{{github: a/b}}]\n{line}" for line in SETTINGS_REFUSED]
    (folder / "schema.json").write_text(config.schema_text(NAMINGS))
    for number, content in enumerate(files):
        (folder / f"{number}.yaml").write_text(content)
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", "schema.json", "-o", "json"]
    command += [f"{number}.yaml" for number in range(len(files))]
    told = json.loads(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout)
    assert not told["parse_errors"]
    wrong = {Path(error["filename"]).name for error in told["errors"]}
    return {content: f"{number}.yaml" not in wrong for number, content in enumerate(files)}


@pytest.mark.parametrize("entry", [*BOTH_ACCEPT, *BOTH_REFUSE])
def test_the_schema_and_the_loader_agree_on_entries(load: Load, validated: Mapping[str, bool], entry: str) -> None:
    content = f"projects: [{entry}]"
    right = False
    with contextlib.suppress(config.ConfigError):
        right = not load(content).mistakes
    assert right is validated[content] is (entry in BOTH_ACCEPT)


@pytest.mark.parametrize("line", SETTINGS_REFUSED)
def test_the_schema_and_the_loader_agree_on_the_rest(load: Load, validated: Mapping[str, bool], line: str) -> None:
    content = f"projects: [{{github: a/b}}]\n{line}"
    assert not validated[content]
    assert refusal(load, content)


def test_every_key_of_the_schema_has_a_title_and_a_description() -> None:
    schema = config.schema(NAMINGS)
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    assert schema["title"] == "projects.yaml"
    assert set(definitions["EntryPart"]["properties"]) == {
        "github",
        "name",
        "category",
        "tags",
        "events",
        "figures",
        "npm",
        "pypi",
    }
    for part in (schema, *definitions.values()):
        assert part["additionalProperties"] is False
        for key, described in part["properties"].items():
            assert described["title"], key
            assert described["description"].endswith((".", ". Without: none")), key


def test_a_new_source_has_a_key_and_a_place_in_the_schema_without_any_change(tmp_path: Path) -> None:
    """Also one that is called like something that every pydantic model has."""
    namings = {**NAMINGS, "json": Naming("[a-z]+", "left", "a thing of JSON's")}
    path = tmp_path / "projects.yaml"
    path.write_text("projects: [{github: a/b, json: [x, y]}]")
    assert config.load(path, namings).projects[0].targets == {"github": ("",), "json": ("x", "y")}
    assert '"json": {' in config.schema_text(namings)
    assert '"json": {' not in config.schema_text(NAMINGS)


# --- What is committed -----------------------------------------------------------------------------------------------


def test_the_committed_file_has_no_mistake() -> None:
    found = config.load(
        ROOT / "projects.yaml",
        sources.namings(sources.load()),
        today=TODAY,
        metrics={metric.key: metric.stage for metric in catalogue.METRICS},
    )
    assert found.mistakes == ()
    assert len(found.projects) == 21
    assert all(project.category != "Other" and project.tags for project in found.projects)


def test_the_committed_file_tells_editors_of_its_schema() -> None:
    assert (ROOT / "projects.yaml").read_text().startswith("# yaml-language-server: $schema=projects.schema.json\n")


def test_the_defaults_that_the_committed_file_shows_as_comments_are_the_defaults(load: Load) -> None:
    """Taking the sign of a comment away from those parts changes nothing."""
    text = (ROOT / "projects.yaml").read_text()
    head = text[: text.index("# An entry needs")].splitlines()
    shown = [line[2:] for line in head if line.startswith(("# stages:", "# gate:", "#   "))]
    path = Path("projects.yaml")
    path.write_text("\n".join([*shown, entries()]))
    metrics = {metric.key: metric.stage for metric in catalogue.METRICS}
    assert len(shown) == 19
    assert config.load(path, NAMINGS, metrics=metrics) == load(entries())


def test_the_committed_schema_is_the_one_that_the_sources_make() -> None:
    assert (ROOT / "projects.schema.json").read_text() == config.schema_text(sources.namings(sources.load()))


# --- Keys of earlier versions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "key", "content", "said"),
    [
        ("projects", "package", entries("    package: polars"), "projects.yaml:3: a/b: the key 'package' {}"),
        (
            *("events", "on", entries("    events:", "      - on: x")),
            "projects.yaml:4: a/b: events item 1: the key 'on' {}",
        ),
    ],
)
def test_a_key_of_an_earlier_version_is_told_what_it_is_called_now(
    load: Load, monkeypatch: pytest.MonkeyPatch, part: str, key: str, content: str, said: str
) -> None:
    former = "is called 'pypi' since version 9.0.0"
    monkeypatch.setattr(config, "_FORMER", {(part, key): former})
    assert said.format(former) in [mistake for mistake in refusal(load, content) if "the key" in mistake]


@pytest.mark.parametrize(("part", "top"), [("tracker", "tracker:\n  url: x\n"), ("", "url: x\n")])
def test_so_is_one_outside_the_entries(load: Load, monkeypatch: pytest.MonkeyPatch, part: str, top: str) -> None:
    monkeypatch.setattr(config, "_FORMER", {(part, "url"): "is not needed since version 9.0.0; remove it"})
    [said] = refusal(load, top + entries())
    assert said.endswith("the key 'url' is not needed since version 9.0.0; remove it")


def test_no_key_of_an_earlier_version_is_one_of_today() -> None:
    for part, key in config._FORMER:
        known = config._keys_beside((part, key) if part else (key,), config_shape.SettingsPart)
        assert key not in known
