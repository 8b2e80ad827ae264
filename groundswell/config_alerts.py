"""The part `alerts` of `projects.yaml`: the rules for what is told, in two ways of writing them, and where it goes.

What rules there are stands in KINDS, how they may be written in one line in SHORT. What a rule does stands in `alerts`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from groundswell import config_shape
from groundswell.config_shape import Checked, OneOrMore, Part, listed, one_of, optional, refusal, text
from groundswell.config_yaml import Unquoted
from groundswell.models import Direction, Stage

MEDIA: Final = ("slack", "teams", "discord", "json")  # that a webhook can be written for
DOWNLOADS: Final = "downloads"  # stands for the downloads of every registry, each by itself
ALL_STAGES: Final = tuple(stage.value for stage in Stage)
MOST_RULES: Final = 50
MOST_LEVELS: Final = 20
_TURNS: Final = tuple(way.value for way in (Direction.RISING, Direction.STEADY, Direction.FALLING))


# --- What comes out --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is told. Empty filters let every project through."""

    kind: str  # key of KINDS
    of: tuple[str, ...] = ()  # metrics and stages that it is of, as far as its kind is of any
    below: float | None = None  # growth a month: -0.1 is ten per cent less
    above: float | None = None
    at: tuple[float, ...] = ()  # levels; none stands for all round ones
    to: tuple[str, ...] = ()  # which turns are told; those that its kind can have
    projects: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


ROUND_STARS: Final = (1e3, 1e4, 1e5, 1e6)
USUAL_RULES: Final = (  # few and sure, for trackers that name none of their own
    Rule("level", of=("stars",), at=ROUND_STARS, to=("reached", "left")),
    Rule("furthest", to=("reached", "lost")),
    Rule("repository", to=("archived", "renamed", "gone", "back")),
)


@dataclass(frozen=True, slots=True)
class Alerts:
    """What is told, and where besides the feed."""

    rules: tuple[Rule, ...] = USUAL_RULES
    webhook: str | None = None  # one of MEDIA; without, the host of its address tells
    digest: bool = False  # an issue in the tracker's repository for each closed month


# --- The kinds of rules ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be told, and which keys a rule of it may have."""

    meaning: str
    keys: frozenset[str]  # beside `when` and the filters that every rule may have
    of: tuple[str, ...] = ()  # what it is of unless the rule says
    to: tuple[str, ...] = ()  # the words of `to`


KINDS: Final[Mapping[str, Kind]] = {
    "growth": Kind(
        "the whole 95 % interval of a growth a month lies below, or above, a bound",
        frozenset({"of", "below", "above", "stages"}),
        of=ALL_STAGES,
    ),
    "indicator": Kind(
        "a stage, or a metric, goes another way, and has for three days: rising, steady, falling",
        frozenset({"of", "to", "stages"}),
        of=ALL_STAGES,
        to=_TURNS,
    ),
    "furthest": Kind(
        "a further stage is reached, or the furthest one is lost",
        frozenset({"to", "stages"}),
        to=("reached", "lost"),
    ),
    "level": Kind(
        "a metric reaches a level, or leaves it again",
        frozenset({"of", "at", "to", "stages"}),
        of=("stars",),
        to=("reached", "left"),
    ),
    "reading": Kind("the stages together read otherwise, and have for a week", frozenset()),
    "measured": Kind(
        "a stage, or a metric, has a growth for the first time", frozenset({"of", "stages"}), of=ALL_STAGES
    ),
    "repository": Kind(
        "the repository is archived, renamed, gone or back",
        frozenset({"to"}),
        to=("archived", "renamed", "gone", "back"),
    ),
}


# --- In one line -----------------------------------------------------------------------------------------------------

_FIGURE: Final = r"[a-z][a-z0-9_ ]{0,60}?"
_NUMBER: Final = r"[-+]?[0-9][0-9,]{0,14}(?:\.[0-9]{1,6})?"
_NAMED: Final[Mapping[str, float]] = {
    "hundred": 1e2,
    "thousand": 1e3,
    "ten-thousand": 1e4,
    "hundred-thousand": 1e5,
    "million": 1e6,
    "ten-million": 1e7,
    "hundred-million": 1e8,
    "billion": 1e9,
}
_TIMES: Final[Mapping[str, float]] = {"": 1, "k": 1e3, "m": 1e6, "bn": 1e9}
Words = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Short:
    """A rule as one writes it in a line."""

    pattern: str
    rule: Callable[[Words], dict[str, object]]
    example: str


def _named(words: Words) -> dict[str, object]:
    of = words.get("of")
    return {"of": re.sub(" +", "_", of.strip())} if of else {}


def _growth(words: Words) -> dict[str, object]:
    side = {"under": "below", "over": "above"}.get(words["side"] or "", words["side"] or "")
    return {"when": "growth", **_named(words), side: float((words["bound"] or "").replace(",", ""))}


def _indicator(words: Words) -> dict[str, object]:
    to = words["to"]
    return {"when": "indicator", **_named(words), **({} if to == "changed" else {"to": to})}


def _furthest(words: Words) -> dict[str, object]:
    to = words["to"]
    return {"when": "furthest", **({} if to == "changed" else {"to": to})}


def _level(words: Words) -> dict[str, object]:
    to, name, number = words["to"], words.get("name"), words.get("number")
    way: dict[str, object] = {} if to == "crossed" else {"to": to}
    if name is None and number is None:
        return {"when": "level", **_named(words), **way}
    level = _NAMED[name] if name else float((number or "").replace(",", "")) * _TIMES[words["times"] or ""]
    return {"when": "level", **_named(words), "at": level, **way}


def _repository(words: Words) -> dict[str, object]:
    to = words["to"]
    return {"when": "repository", **({} if to == "changed" else {"to": to})}


_WAYS: Final = "(?P<to>reached|left|crossed)"
SHORT: Final = (
    Short(
        rf"growth of (?P<of>{_FIGURE}) (?P<side>below|above|under|over) (?P<bound>{_NUMBER}) ?%?",
        _growth,
        "growth of downloads below -10 %",
    ),
    Short(
        rf"(?:stage )?indicator (?:of (?P<of>{_FIGURE}) )?(?P<to>changed|{'|'.join(_TURNS)})",
        _indicator,
        "stage indicator changed",
    ),
    Short(r"furthest stage (?P<to>changed|reached|lost)", _furthest, "furthest stage reached"),
    Short(rf"(?:(?P<of>{_FIGURE}) )?{_WAYS} the (?P<name>{'|'.join(_NAMED)})", _level, "left the hundred-thousand"),
    Short(rf"(?:(?P<of>{_FIGURE}) )?{_WAYS} a round level", _level, "stars crossed a round level"),
    Short(
        rf"(?:(?P<of>{_FIGURE}) )?{_WAYS} (?P<number>[0-9][0-9,]{{0,14}}(?:\.[0-9]{{1,3}})?)(?P<times>k|m|bn|)",
        _level,
        "npm downloads reached 1,000,000",
    ),
    Short(r"reading changed", lambda _: {"when": "reading"}, "reading changed"),
    Short(r"newly measured", lambda _: {"when": "measured"}, "newly measured"),
    Short(
        r"(?:repository )?(?P<to>archived|renamed|gone|back)|repository (?:changed)",
        lambda words: _repository({"to": words["to"] or "changed"}),
        "repository archived",
    ),
)


def in_full(line: str) -> dict[str, object]:
    """A rule that stands in one line, as the keys that it stands for. Raises a refusal for any other line."""
    folded = " ".join(line.replace("\N{MINUS SIGN}", "-").casefold().split())
    for one in SHORT:
        if len(folded) <= 200 and (found := re.fullmatch(one.pattern, folded)) is not None:
            return one.rule(found.groupdict())
    examples = [one.example for one in SHORT]
    near = difflib.get_close_matches(folded[:200], examples, 1, 0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"such as {', '.join(repr(one) for one in examples)}"
    raise refusal("rule", "a rule", hint=hint)


# --- The parts of the file -------------------------------------------------------------------------------------------


def _switch(value: object, _: ValidationInfo) -> object:
    written = value.text.casefold() if isinstance(value, Unquoted) else value
    if written in {"true", "yes", "on"}:
        return True
    if written in {"false", "no", "off"}:
        return False
    raise refusal("switch", "true or false")


def _percent(value: object, _: ValidationInfo) -> object:
    """Per cent a month, as a number or as it is spoken: -10, "-10 %"."""
    if isinstance(value, str) and (
        found := re.fullmatch(rf"({_NUMBER}) ?%?", value.strip().replace("\N{MINUS SIGN}", "-"))
    ):
        value = float(found[1].replace(",", ""))
    if isinstance(value, int | float) and not isinstance(value, bool) and -100 < value <= 1000:
        return float(value)
    raise refusal("percent", "per cent a month, more than -100 and at most 1000, such as -10")


def _level_of(value: object, _: ValidationInfo) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1e15:
        return float(value)
    raise refusal("level", "a number above 0, such as 100000")


def _several(item: Any, most: int) -> Any:
    return Annotated[list[item], Field(max_length=most), OneOrMore(listed)]


@dataclass(frozen=True, slots=True)
class _OrInOneLine:
    """A rule that may also be written in one line, for editors."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        lines = "|".join(re.sub(r"\(\?P<\w+>", "(?:", one.pattern) for one in SHORT)
        examples = [one.example for one in SHORT]
        return {"anyOf": [{"type": "string", "pattern": f"^(?:{lines})$", "examples": examples}, handler(schema)]}


_TURN_WORDS: Final = tuple(dict.fromkeys(word for kind in KINDS.values() for word in kind.to))


class RulePart(Part, title="Rule"):
    """When something is told. It may also be one line, such as "growth of downloads below -10 %"."""

    when: Annotated[str, one_of(KINDS, "one of")] = Field(
        title="When", description="; ".join(f"{key}: {kind.meaning}" for key, kind in KINDS.items()) + "."
    )
    of: _several(Annotated[str, text(60)], 50) | None = optional(  # type: ignore[valid-type]
        "Of",
        f"Metrics (docs/metrics.md), stages, or {DOWNLOADS} for those of every registry. Without: every stage; for a "
        "level the stars.",
    )
    below: Annotated[float, Checked(_percent)] | None = optional(
        "Below", "Growth in per cent a month: told when the whole 95 % interval lies below it."
    )
    above: Annotated[float, Checked(_percent)] | None = optional(
        "Above", "Growth in per cent a month: told when the whole 95 % interval lies above it."
    )
    at: _several(Annotated[float, Checked(_level_of)], MOST_LEVELS) | None = optional(  # type: ignore[valid-type]
        "At", "Levels. Without: all round ones (100, 200, 500, 1,000 and so on)."
    )
    to: _several(Annotated[str, one_of(_TURN_WORDS, "one of")], 10) | None = optional(  # type: ignore[valid-type]
        "To", "Which turns are told. Without: all of them."
    )
    projects: _several(Annotated[str, text(150)], 500) | None = optional(  # type: ignore[valid-type]
        "Projects", "Only these, as owner/name."
    )
    categories: _several(Annotated[str, text(60)], 100) | None = optional(  # type: ignore[valid-type]
        "Categories", "Only projects of these categories."
    )
    tags: _several(Annotated[str, text(40)], 100) | None = optional(  # type: ignore[valid-type]
        "Tags", "Only projects with one of these tags."
    )
    stages: _several(Annotated[str, one_of(ALL_STAGES, "one of the stages")], 5) | None = optional(  # type: ignore[valid-type]
        "Stages", "Only what is of these stages."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_one_line(cls, value: object) -> object:
        return in_full(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> RulePart:
        """A rule has what its kind needs, and nothing that its kind cannot have."""
        kind = KINDS[self.when]
        for key in ("of", "below", "above", "at", "to", "stages"):
            if getattr(self, key) is not None and key not in kind.keys:
                allowed = ", ".join(sorted(kind.keys)) or "filters alone"
                raise refusal("rule", f"no '{key}' where 'when' is {self.when} ({allowed})", found="one")
        if self.when == "growth" and self.below is None and self.above is None:
            raise refusal("rule", "'below' or 'above' where 'when' is growth", found="neither")
        if self.below is not None and self.above is not None and self.below >= self.above:
            raise refusal("rule", "'below' to be less than 'above'", found="no room between them")
        for word in self.to or ():
            if word not in kind.to:
                raise refusal("rule", f"one of {', '.join(kind.to)} in 'to'", found=f"'{word}'")
        return self


class AlertsPart(Part, title="Alerts"):
    """What is told, in the feed and elsewhere."""

    rules: Annotated[list[Annotated[RulePart, _OrInOneLine()]], Field(max_length=MOST_RULES)] | None = optional(
        "Rules", "When something is told. Without: a few moves that are sure; [] for none."
    )
    webhook: Annotated[str, one_of(MEDIA, "one of")] | None = optional(
        "Webhook", "How the message to the secret WEBHOOK is written. Without: as its host wants it, else json."
    )
    digest: Annotated[bool, Checked(_switch, {"enum": [True, False]})] | None = optional(
        "Digest", "Whether each closed month is told in an issue of this repository. Without: no."
    )


class SettingsPart(config_shape.SettingsPart, title="projects.yaml"):
    """All of the file but its projects."""

    alerts: AlertsPart | None = optional("Alerts", "What is told when it happens, and where.")


PARTS: Final[Mapping[str, type[Part]]] = {**config_shape.PARTS, "alerts": AlertsPart, "rules": RulePart}


def rule(part: RulePart) -> Rule:
    """A rule with what is usual for its kind where it says nothing."""
    kind = KINDS[part.when]
    of = tuple(part.of or (part.stages if part.when in {"growth", "indicator", "measured"} else None) or kind.of)
    return Rule(
        kind=part.when,
        of=of,
        below=None if part.below is None else part.below / 100,
        above=None if part.above is None else part.above / 100,
        at=tuple(sorted(set(part.at or ()))),
        to=tuple(word for word in kind.to if part.to is None or word in part.to),
        projects=tuple(part.projects or ()),
        categories=tuple(part.categories or ()),
        tags=tuple(part.tags or ()),
        stages=tuple(part.stages or ()),
    )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What rules may name in a file."""

    metrics: Mapping[str, Stage] | None  # of the catalogue and of owners; None: any
    own: frozenset[str] = frozenset()  # those of owners
    projects: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word of a rule that nothing is known by."""

    key: str
    index: int
    what: str
    word: str
    known: Sequence[str] = field(default=())


def unknown(one: Rule, words: Vocabulary) -> Sequence[Unknown]:
    """The words of a rule that name nothing: metrics that are not measured, projects that are not in the list."""
    found = []
    if words.metrics is not None:
        public = [key for key in words.metrics if key not in words.own]
        figures = [*public, DOWNLOADS] if one.kind == "level" else [*words.metrics, DOWNLOADS, *ALL_STAGES]
        what = "public metric" if one.kind == "level" else "metric or stage"
        found += [Unknown("of", n, what, word, figures) for n, word in enumerate(one.of) if word not in figures]
    for key, what, named, known in (
        ("projects", "project", one.projects, words.projects),
        ("categories", "category", one.categories, words.categories),
        ("tags", "tag", one.tags, words.tags),
    ):
        folded = {word.casefold() for word in known}
        found += [
            Unknown(key, n, what, word, sorted(known)) for n, word in enumerate(named) if word.casefold() not in folded
        ]
    return found
