"""What stands below `alerts:` in projects.yaml: both ways to write a rule, and what is said of what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # check-jsonschema brings it

from groundswell import catalogue, config, sources
from groundswell.config_alerts import KINDS, SHORT, USUAL_RULES, Alerts, Rule, in_full
from groundswell.models import Stage

ROOT: Final = Path(__file__).parents[1]
NAMINGS: Final = sources.namings(sources.load())
METRICS: Final = {metric.key: metric.stage for metric in catalogue.METRICS}
ENTRIES: Final = "projects:\n  - {github: a/b, category: Tools, tags: [x y]}\n  - {github: c/d, npm: [UP CASE]}\n"
STAGES: Final = tuple(stage.value for stage in Stage)


def load(folder: Path, text: str) -> config.Config:
    path = folder / "projects.yaml"
    path.write_text(ENTRIES + text)
    return config.load(path, NAMINGS, metrics=METRICS)


def said(found: config.Config) -> list[str]:
    """What is said of the alerts; the entry with a mistake is there in every file."""
    return [str(one).partition("projects.yaml:")[2] for one in found.mistakes if "c/d" not in str(one)]


def test_without_a_word_of_it_the_usual_rules_hold_and_nothing_is_sent(tmp_path: Path) -> None:
    assert load(tmp_path, "").alerts == Alerts(USUAL_RULES, None, digest=False)
    assert load(tmp_path, "alerts:\n").alerts == Alerts()
    assert load(tmp_path, "alerts: {rules: []}\n").alerts.rules == ()
    assert load(tmp_path, "alerts: {rules: }\n").alerts.rules == USUAL_RULES
    assert load(tmp_path, "alerts: {webhook: teams, digest: yes}\n").alerts == Alerts(webhook="teams", digest=True)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("growth of downloads below -10 %", Rule("growth", of=("downloads",), below=-0.1)),
        ("Growth of PyPI downloads under −2.5%", Rule("growth", of=("pypi_downloads",), below=-0.025)),
        ("growth of action above 20", Rule("growth", of=("action",), above=0.2)),
        ("stage indicator changed", Rule("indicator", of=STAGES, to=("rising", "steady", "falling"))),
        ("indicator of stars falling", Rule("indicator", of=("stars",), to=("falling",))),
        ("furthest stage lost", Rule("furthest", to=("lost",))),
        ("left the hundred-thousand", Rule("level", of=("stars",), at=(1e5,), to=("left",))),
        ("npm downloads reached the million", Rule("level", of=("npm_downloads",), at=(1e6,), to=("reached",))),
        ("forks crossed 2.5k", Rule("level", of=("forks",), at=(2500.0,), to=("reached", "left"))),
        ("stars crossed a round level", Rule("level", of=("stars",), to=("reached", "left"))),
        ("reading changed", Rule("reading")),
        ("newly measured", Rule("measured", of=STAGES)),
        ("gone", Rule("repository", to=("gone",))),
        ("repository changed", Rule("repository", to=("archived", "renamed", "gone", "back"))),
        ("{when: growth, of: [stars, forks], below: -10 %}", Rule("growth", of=("stars", "forks"), below=-0.1)),
        ("{when: growth, stages: action, above: 5}", Rule("growth", of=("action",), above=0.05, stages=("action",))),
        ("{when: level, at: [500, 100, 500]}", Rule("level", of=("stars",), at=(100.0, 500.0), to=("reached", "left"))),
        (
            "{when: reading, projects: [a/b, C/D], categories: tools, tags: [X Y]}",
            Rule("reading", projects=("a/b", "C/D"), categories=("tools",), tags=("X Y",)),
        ),
    ],
)
def test_a_rule_is_read_as_it_is_meant(tmp_path: Path, line: str, rule: Rule) -> None:
    found = load(tmp_path, f"alerts:\n  rules:\n    - {line}\n")
    assert said(found) == []
    assert found.alerts.rules == (rule,)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("webhook: slak", "5: alerts: webhook: expected one of: slack, teams, discord, json, found 'slak'; did you"),
        ("digest: 3", "5: alerts: digest: expected true or false, found the number 3"),
        ("rule: []", "5: alerts: unknown key 'rule'; did you mean 'rules'?"),
        ("rules: growth", "5: alerts: rules: expected a list of at most 50 rules, found 'growth'"),
        ("rules: [growth of stars belov 3]", "rules item 1: expected a rule, found 'growth of stars belov 3'; did you"),
        ("rules: [once upon]", "rules item 1: expected a rule, found 'once upon'; such as 'growth of downloads below"),
        ("rules: [growth of downlods below 3]", "rules item 1 of: unknown metric or stage 'downlods'; did you mean"),
        ("rules: [{when: grwth}]", "rules item 1 when: expected one of: growth, indicator, furthest, level, rea"),
        ("rules: [{wen: reading}]", "rules item 1: unknown key 'wen'; did you mean 'when'?"),
        ("rules: [{of: stars}]", "rules item 1: the key 'when' is missing"),
        ("rules: [{when: reading, at: 3}]", "rules item 1: expected no 'at' where 'when' is reading (filters alone)"),
        ("rules: [{when: growth}]", "rules item 1: expected 'below' or 'above' where 'when' is growth, found neither"),
        ("rules: [{when: growth, below: 3, above: 2}]", "item 1: expected 'below' to be less than 'above', found no"),
        ("rules: [{when: growth, below: lots}]", "rules item 1 below: expected per cent a month, more than -100 and"),
        ("rules: [{when: growth, below: -100}]", "rules item 1 below: expected per cent a month, more than -100 and"),
        ("rules: [{when: level, at: -3}]", "rules item 1 at: expected a number above 0, such as 100000, found "),
        ("rules: [{when: level, of: own_mau}]", "rules item 1 of: unknown public metric 'own_mau'; "),
        ("rules: [{when: level, of: action}]", "rules item 1 of: unknown public metric 'action'; "),
        ("rules: [{when: level, to: rising}]", "rules item 1: expected one of reached, left in 'to', found 'rising'"),
        ("rules: [{when: indicator, to: faling}]", "rules item 1 to: expected one of: rising, steady, falling"),
        ("rules: [{when: reading, projects: a/c}]", "rules item 1 projects: unknown project 'a/c'; did you mean 'a/b'"),
        ("rules: [{when: reading, categories: [Tool]}]", "rules item 1 categories: unknown category 'Tool'; did you m"),
        ("rules: [{when: reading, tags: [q]}]", "rules item 1 tags: unknown tag 'q'; known are x y"),
        ("rules: [{when: measured, stages: acton}]", "rules item 1 stages: expected one of the stages: intent, "),
        ("rules: [{when: reading, when: growth}]", "rules item 1: the key 'when' stands here a second time"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_costs_that_rule_alone(tmp_path: Path, text: str, wanted: str) -> None:
    found = load(tmp_path, f"alerts:\n  {text}\n")
    (one,) = said(found)
    assert one.startswith("5: alerts: ")
    assert wanted in one
    assert [project.id for project in found.projects] == ["a/b"]
    assert found.alerts.rules == (() if text.startswith("rules") else USUAL_RULES)


def test_one_wrong_rule_leaves_the_others(tmp_path: Path) -> None:
    found = load(tmp_path, "alerts:\n  rules:\n    - gone\n    - gon\n    - reading changed\n")
    assert [rule.kind for rule in found.alerts.rules] == ["repository", "reading"]
    assert said(found) == ["7: alerts: rules item 2: expected a rule, found 'gon'; such as " + examples()]


def examples() -> str:
    return ", ".join(repr(one.example) for one in SHORT)


def test_every_example_is_a_rule_and_every_kind_can_be_written_in_one_line() -> None:
    assert {in_full(one.example)["when"] for one in SHORT} == set(KINDS)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("{rules: [growth of downloads below -10 %, left the hundred-thousand, gone]}", True),
        ("{rules: [{when: growth, of: stars, below: -10}], webhook: slack, digest: true}", True),
        ("{rules: [{when: level, at: [100, 1000], to: left, tags: [x y]}]}", True),
        ("{rules: [once upon a time]}", False),
        ("{rules: [{when: growht}]}", False),
        ("{webhook: irc}", False),
        ("{digest: 3}", False),
        ("{rules: [{when: reading, what: x}]}", False),
    ],
)
def test_the_schema_for_editors_agrees(tmp_path: Path, text: str, right: bool) -> None:
    schema = json.loads((ROOT / "projects.schema.json").read_text())
    file = yaml.safe_load(f"projects: [{{github: a/b}}]\nalerts: {text}\n")
    assert Draft202012Validator(schema).is_valid(file) is right
    assert (said(load(tmp_path, f"alerts: {text}\n")) == []) is right
