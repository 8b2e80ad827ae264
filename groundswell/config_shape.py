"""The shape of `projects.yaml`: what may stand where, for the loader and, as a JSON Schema, for editors."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    create_model,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from groundswell import figures
from groundswell.config_yaml import Unquoted
from groundswell.figures import USUAL, Every, Way
from groundswell.licences import LICENCES
from groundswell.models import OWN, PER_CENT, Naming, Origin, OwnFigure, Stage

ABOUT: Final = "What a Groundswell scorecard tracks."
DEFAULT_CATEGORY: Final = "Other"
_REGISTRIES: Final = (  # a month's downloads in each; machines alone make up some hundreds
    *("pypi_downloads", "npm_downloads", "crates_downloads", "rubygems_downloads", "nuget_downloads"),
    *("packagist_downloads", "hex_downloads", "conda_downloads", "cran_downloads", "pub_downloads", "docker_downloads"),
)
DEFAULT_THRESHOLDS: Final[Mapping[Stage, Mapping[str, float]]] = {
    # Low on purpose: they say that a stage has begun, not that it goes well. How well is what growth and level say.
    Stage.INTENT: {"stars": 100},
    Stage.ACTION: {**dict.fromkeys(_REGISTRIES, 1000.0), "active_contributors": 5},
    Stage.ACTIVATION: {"dependent_repositories": 20, "dependent_packages": 5, "new_contributors": 10},
    Stage.MONETIZATION: {"sponsors": 5, "collective_backers": 5},
    Stage.RETENTION: {"active_members": 20, "returning_contributors": 20},
}
FIRST_DAY: Final = dt.date(1970, 1, 1)  # no event of open source's that a chart could show is older

# An owner may end with a hyphen: names from before GitHub's present rule do.
REPOSITORY: Final = (
    r"(?!.*\.[gG][iI][tT]$)(?!.*/\.{1,2}$)"
    r"[A-Za-z0-9](?:[A-Za-z0-9]|[-_](?=[A-Za-z0-9])|-(?=/)){0,38}/[A-Za-z0-9._-]{1,100}"
)
_PASTED: Final = re.compile(  # an address, or a name with something at its end
    r"(?:https?://|git@|ssh://git@)?(?:www\.)?github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?(?:[/?#].*)?"
    r"|([\w.-]+/[\w.-]+?)(?:\.git)?/?",
    re.ASCII | re.IGNORECASE,
)
# Control characters, and signs that turn the direction of text or cannot be seen; tabs and line ends become spaces.
_HIDDEN: Final = (
    r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\ufffe\uffff"
)
_HIDDEN_OR_HALF: Final = re.compile(rf"[{_HIDDEN}\ud800-\udfff]")  # half a pair of surrogates cannot be written out
_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
_ODD_IN_LINKS: Final = r"""\s\\<>"'`^{|}""" + _HIDDEN
_LINK: Final = rf"https?://{_HOST}(?:[/?#][^{_ODD_IN_LINKS}]*)?"
_ADDRESS: Final = rf"https://{_HOST}(?:/[^?#{_ODD_IN_LINKS}]*)?"
_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


# --- What comes out --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tracker:
    """The scorecard itself: how it presents itself and where it stands."""

    title: str = "Groundswell"
    description: str = "A scorecard of open-source growth"
    address: str | None = None  # https address of the published site, without a slash at its end
    repository: str | None = None  # "owner/name" of the repository that it is made in
    notice: str | None = None  # shown on top of every page
    license: str | None = None  # under which it gives away what is its own of the figures: "CC-BY-4.0"
    has_form: bool = False  # its repository has the form by which projects are proposed
    has_own_title: bool = False  # somebody chose it; else it may be made from the repository's name


@dataclass(frozen=True, slots=True)
class Gate:
    """How bad a run may be and still be published."""

    most_lost_points: float = 20.0  # points by which a signal's share of projects with a fresh value may fall
    most_failed_share: float = 0.5  # share of a source's targets that may fail
    most_jumping_share: float = 0.05  # share of projects whose stars may jump
    jump: float = 0.5  # relative change of the stars in a day that counts as a jump
    oldest_days: int = 14  # days for which an old value is kept and shown with its age
    baseline_days: int = 90  # days for which a fresh value that was published is remembered, and held against a run
    fewest: int = 2  # projects, or targets of a source, that must be concerned before a run is stopped
    smallest_stars: float = 50.0  # stars below which a jump is an ordinary day
    jump_days: int = 28  # days within which jumps are added up, and between two figures that are compared


# --- Texts, checked --------------------------------------------------------------------------------------------------


def refusal(kind: str, expected: str, *, found: str = "", hint: str = "") -> PydanticCustomError:
    """What a check raises: what was expected, in words; what was found, when it is not the value; what to do."""
    return PydanticCustomError(kind, "{expected}", {"expected": expected, "found": found, "hint": hint})


@dataclass(frozen=True, slots=True)
class Checked:
    """Has a value looked at before its type is, and says the same to editors by keywords of JSON Schema."""

    check: Callable[[Any, ValidationInfo], object]
    keywords: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), **self.keywords}


def text(most: int) -> Checked:
    """Text for people on one line, of at most so many characters."""

    def check(value: object, _: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        if len(value) > most:
            raise refusal("text", f"at most {most} characters", found=f"{len(value):,}")
        if _HIDDEN_OR_HALF.search(value):
            raise refusal("text", "text without control characters and without signs that turn its direction")
        if not value.strip():
            raise refusal("text", "text")
        return re.sub(r"[ \t\r\n]+", " ", value).strip(" ")

    return Checked(check, {"minLength": 1, "maxLength": most, "pattern": rf"^(?=\s*\S)[^{_HIDDEN}]+$"})


def _repository(value: object, _: ValidationInfo) -> object:
    if isinstance(value, str):
        if re.fullmatch(REPOSITORY, value):
            return value
        if meant := repository_of(value):
            raise refusal("repository", "owner/name", hint=f"write {meant}")
    raise refusal("repository", "owner/name, as in github.com/owner/name")


def repository_of(text: str) -> str:
    """The owner/name that somebody meant who wrote it, its address, or that of a place in it; else nothing."""
    pasted = _PASTED.fullmatch(text.strip())
    meant: str = (pasted[1] or pasted[2]) if pasted else ""
    return meant if re.fullmatch(REPOSITORY, meant) else ""


def _day(value: object, info: ValidationInfo) -> object:
    """A day written as 2024-01-31, bare or in quotes, not after the validation's `today` if there is one."""
    written = value.text if isinstance(value, Unquoted) else value
    match = _DAY.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        raise refusal("day", "a day such as 2024-01-31")
    try:
        day = dt.date(*map(int, match.groups()))
    except ValueError:
        raise refusal("day", "a day that the calendar has") from None
    if len(match[0]) < len("2024-01-31"):
        raise refusal("day", "a day such as 2024-01-31", hint=f"write {day}")
    if day < FIRST_DAY:
        raise refusal("day", f"a day since {FIRST_DAY}")
    if (today := (info.context or {}).get("today")) and day > today:
        raise refusal("day", f"a day that is not in the future (today is {today})")
    return day


def _link(pattern: str, expected: str) -> Checked:
    def check(value: object, _: ValidationInfo) -> object:
        if isinstance(value, str) and len(value) <= 2000 and re.fullmatch(pattern, value):
            return value
        raise refusal("link", expected)

    return Checked(check, {"maxLength": 2000, "pattern": f"^(?:{pattern})$"})


def folded(name: str) -> str:
    """The name without what registries do not tell apart: case, and `-`, `_` and `.`."""
    return re.sub(r"[-_.]+", "-", name.casefold())


def _once(names: list[str]) -> list[str]:
    first: dict[str, str] = {}
    for name in names:
        if (before := first.get(folded(name))) is not None:
            found = f"'{name}' twice" if name == before else f"'{before}' and '{name}', which are the same"
            raise refusal("once", "each name once", found=found)
        first[folded(name)] = name
    return names


# --- The parts of the file -------------------------------------------------------------------------------------------

UNIQUE: Final[dict[str, Any]] = {"uniqueItems": True}
Repository = Annotated[str, Checked(_repository, {"pattern": f"^(?:{REPOSITORY})$", "examples": ["mongodb/mongo"]})]
Address = Annotated[str, _link(_ADDRESS, "an https address such as https://owner.github.io/name")]
Link = Annotated[str, _link(_LINK, "a link that begins with https:// or http://")]
Day = Annotated[dt.date, Checked(_day, {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "examples": ["2024-01-31"]})]
Tags = Annotated[
    list[Annotated[str, text(40)]], AfterValidator(_once), Field(max_length=20, json_schema_extra={"uniqueItems": True})
]
Share = Annotated[float, Field(ge=0, le=1)]
Levels = dict[str, Annotated[float, Field(ge=0)]]


def _without_default(made: dict[str, Any]) -> None:
    made.pop("default", None)


def optional(title: str, description: str, default: object = None) -> Any:
    """A key that may be left out. Where the default is None its value may also be left blank, so that one can comment
    out all that is below it.
    """
    extra = None if default else _without_default
    return Field(default=default, title=title, description=description, json_schema_extra=extra)


def _levels(stage: Stage) -> Any:
    usual = ", ".join(f"{metric} {value:g}" for metric, value in DEFAULT_THRESHOLDS[stage].items()) or "none"
    described = f"Metric and level from which a project has reached {stage}; any one is enough. Without: {usual}."
    return optional(stage.capitalize(), described)


def one_of(words: Iterable[str], what: str) -> Checked:
    """One of some words; `what` says what they are."""
    known = list(words)

    def check(value: object, _: ValidationInfo) -> object:
        if isinstance(value, str) and value in known:
            return value
        near = difflib.get_close_matches(value.casefold(), known, 1, 0.5) if isinstance(value, str) else []
        hint = f"did you mean '{near[0]}'?" if near else ""
        raise refusal("word", f"{what}: {', '.join(known)}", hint=hint)

    return Checked(check, {"enum": known})


class Part(BaseModel):
    """A mapping of the file: known keys only, and no value is bent into another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class TrackerPart(Part, title="Tracker"):
    """How the scorecard presents itself."""

    title: Annotated[str, text(100)] = optional(
        "Title", "The name of this scorecard, on top of every page; else it is made from the repository's name.", ""
    )
    description: Annotated[str, text(500)] = optional(
        "Description", "One sentence on what is tracked here.", Tracker().description
    )
    address: Address = optional("Address", "Where the site is, if not where Pages puts it: an https address.", "")
    repository: Repository = optional(
        "Repository", "The repository that this scorecard is made in, if not the one it runs in.", ""
    )
    notice: Annotated[str, text(500)] = optional("Notice", "A sentence that is shown on top of every page.", "")
    license: Annotated[str, one_of(LICENCES, "one of")] | None = optional(
        "License", "Under which you give away what is yours of the figures; without it, none is named."
    )


class GatePart(Part, title="Gate"):
    """When a run is too bad to be published."""

    most_lost_points: Annotated[float, Field(ge=0, le=100)] = optional(
        "Most lost points",
        "Percentage points by which the share of projects with a fresh value may fall, for any signal.",
        Gate().most_lost_points,
    )
    most_failed_share: Share = optional(
        "Most failed share", "Share of a source's targets that may fail.", Gate().most_failed_share
    )
    most_jumping_share: Share = optional(
        "Most jumping share", "Share of the projects whose stars may jump.", Gate().most_jumping_share
    )
    jump: Annotated[float, Field(gt=0, le=10)] = optional(
        "Jump", "Relative change of the stars in a day that counts as a jump: 0.5 is half.", Gate().jump
    )
    oldest_days: Annotated[int, Field(ge=7, le=365)] = optional(  # some values are read once a week, in turn
        "Oldest days", "Days for which an old value is kept and shown with its age.", Gate().oldest_days
    )
    baseline_days: Annotated[int, Field(ge=1, le=3650)] = optional(
        "Baseline days",
        "Days for which a value that was published fresh counts as lost when it no longer is.",
        Gate().baseline_days,
    )
    fewest: Annotated[int, Field(ge=1, le=1000)] = optional(
        "Fewest", "Projects, or targets of a source, that must be concerned before a run is stopped.", Gate().fewest
    )
    smallest_stars: Annotated[float, Field(ge=1)] = optional(
        "Smallest stars", "Stars below which a jump is an ordinary day.", Gate().smallest_stars
    )
    jump_days: Annotated[int, Field(ge=1, le=365)] = optional(
        "Jump days",
        "Days within which jumps are added up, and between two figures that are compared.",
        Gate().jump_days,
    )


class ThresholdsPart(Part, title="Thresholds"):
    """For each stage, the metrics and the level from which it counts as reached."""

    intent: Levels | None = _levels(Stage.INTENT)
    action: Levels | None = _levels(Stage.ACTION)
    activation: Levels | None = _levels(Stage.ACTIVATION)
    monetization: Levels | None = _levels(Stage.MONETIZATION)
    retention: Levels | None = _levels(Stage.RETENTION)


class StagesPart(Part, title="Stages"):
    """How the five stages are judged."""

    thresholds: ThresholdsPart | None = optional("Thresholds", "For each stage, from which level on it is reached.")


class EventPart(Part, title="Event"):
    """Something that happened to the project and is marked on its charts."""

    day: Day = Field(title="Day", description="When it happened, as 2024-01-31.")
    title: Annotated[str, text(200)] = Field(title="Title", description="What happened, in a few words.")
    link: Link = optional("Link", "Where one can read about it.", "")


def _rounding(value: object, _: ValidationInfo) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and float(value) in figures.ROUNDINGS:
        return float(value)
    raise refusal("rounding", f"one of {', '.join(f'{step:g}' for step in figures.ROUNDINGS)}")


def _key(value: object, _: ValidationInfo) -> object:
    if isinstance(value, str) and len(value) <= 40 and re.fullmatch(_FIGURE_KEY, value):
        return value
    meant = re.sub(r"[^a-z0-9]+", "_", value.casefold()).strip("_") if isinstance(value, str) else ""
    hint = f"write {meant}" if re.fullmatch(_FIGURE_KEY, meant) else ""
    raise refusal("key", "small letters, digits and _ (at most 40), such as paying_organisations", hint=hint)


def _origin(value: object, _: ValidationInfo) -> object:
    """Where a figure's table is. Of the environment only what is meant for figures may be named: an entry that somebody
    proposes must not bring another secret to the page.
    """
    if not isinstance(value, str):
        raise refusal("origin", _FROM)
    if re.fullmatch(_FROM_ANYWHERE, value) and len(value) <= 2000 and ".." not in value.split("/"):
        return value
    if value.startswith("env:"):
        raise refusal("origin", f"env:{VARIABLE}, or env: and a name that begins with {VARIABLE}_")
    if value.startswith(("/", "~", "\\")) or ".." in re.split(r"[/\\]", value) or re.match(r"[A-Za-z]:[/\\]", value):
        raise refusal("origin", "a path inside the repository, such as figures/name.csv")
    if value.startswith("http:"):
        raise refusal("origin", _FROM, hint=f"write https:{value[5:]}")
    raise refusal("origin", _FROM)


VARIABLE: Final = "FIGURES"
_FIGURE_KEY: Final = r"[a-z][a-z0-9]*(?:_[a-z0-9]+){0,8}"
_FROM: Final = "a file such as figures/name.csv, an address that begins with https://, or env:FIGURES"
_FROM_FILE: Final = r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:[./ ][A-Za-z0-9_-]+)*\.csv"
_FROM_ENVIRONMENT: Final = rf"env:{VARIABLE}(?:_[A-Z0-9_]+)?"
_FROM_ADDRESS: Final = rf"https://{_HOST}(?:[/?][^#{_ODD_IN_LINKS}]*)?"
_FROM_ANYWHERE: Final = f"(?:{_FROM_FILE}|{_FROM_ENVIRONMENT}|{_FROM_ADDRESS})"


class FigurePart(Part, title="Figure"):
    """A figure that only the project's owner knows."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"key": {"not": {"enum": list(USUAL)}}}},
            "then": {"required": ["label", "unit", "stage", "kind"]},
        }
    )

    key: Annotated[
        str, Checked(_key, {"maxLength": 40, "pattern": f"^(?:{_FIGURE_KEY})$", "examples": list(USUAL)})
    ] = Field(
        title="Key",
        description=f"What it is. Of {', '.join(USUAL)} the rest is known; any other key needs label, unit, stage "
        "and kind.",
    )
    source: Annotated[str, Checked(_origin, {"maxLength": 2000, "pattern": f"^{_FROM_ANYWHERE}$"})] = Field(
        alias="from",
        title="From",
        description="Where its table is: a CSV file in this repository, which is exactly as public as the repository "
        "itself (also with 'publish: relative'); an https address; or env:FIGURES, a variable that a secret fills.",
    )
    column: Annotated[str, text(100)] = optional(
        "Column", "The column of the table that holds it, beside 'date'. Without: the key.", ""
    )
    publish: Annotated[str, one_of(("relative", "absolute"), "one of")] = optional(
        "Publish",
        "relative: only growth, index and direction are shown and kept, never a level. absolute: all of it.",
        "relative",
    )
    label: Annotated[str, text(60)] = optional("Label", "What people call it.", "")
    unit: Annotated[str, text(40)] = optional(
        "Unit", "What one of it is, in the plural; 'per cent' for a share from 0 to 100.", ""
    )
    stage: Annotated[str, one_of(Stage, "one of the stages")] | None = optional("Stage", "The stage it counts in.")
    kind: Annotated[str, one_of(Way, "one of")] | None = optional(
        "Kind", "stock: a level. flow: an amount a day. period: an amount a month or quarter."
    )
    every: Annotated[str, one_of(Every, "one of")] | None = optional(
        "Every", "The time that one number stands for. Without: a day, and a month for a period."
    )
    weight: Annotated[float, Field(ge=0, le=10)] | None = optional(
        "Weight", "How much it counts in its stage, beside 1 to 3 of the public figures; 0 is shown and does not count."
    )
    rounding: Annotated[float, Checked(_rounding, {"enum": list(figures.ROUNDINGS)})] | None = optional(
        "Rounding",
        "Steps, in points, that the index of a relative figure is rounded to: the larger, the less can be worked out "
        f"from it. Without: {figures.USUAL_ROUNDING:g}.",
    )

    @model_validator(mode="after")
    def _whole(self) -> FigurePart:
        """A key that is not one of the usual ones says what it is; a share has no weight, and levels no rounding."""
        lacking = [name for name in ("label", "unit", "stage", "kind") if not getattr(self, name)]
        if self.key not in USUAL and lacking:
            near = difflib.get_close_matches(self.key, USUAL, 1, 0.6)
            found = f"no {', no '.join(lacking)}"
            hint = f"did you mean '{near[0]}'?" if near else ""
            raise refusal("figure", "label, unit, stage and kind, since this key is a new one", found=found, hint=hint)
        if (self.unit or USUAL[self.key].unit) == PER_CENT and self.weight:
            raise refusal("figure", "no weight, since a share has no growth that could count", found="one")
        if self.publish == "absolute" and self.rounding:
            raise refusal("figure", "no rounding, since 'publish: absolute' shows all of it", found="one")
        return self


def own_figure(part: FigurePart) -> OwnFigure:
    """A figure with all that is known of it: what its entry says, else what is usual."""
    usual = USUAL.get(part.key)
    way = Way(part.kind) if part.kind else usual.way if usual else Way.STOCK
    default = figures.time_of(usual) if usual and not part.kind else figures.USUAL_TIME[way]
    every = Every(part.every) if part.every else default
    unit = part.unit or (usual.unit if usual else "")
    weight = part.weight if part.weight is not None else usual.weight if usual else figures.USUAL_WEIGHT
    origin, place = _placed(part.source)
    return OwnFigure(
        key=part.key,
        label=part.label or (usual.label if usual else part.key),
        unit=unit,
        stage=Stage(part.stage) if part.stage else usual.stage if usual else Stage.INTENT,
        kind=figures.kind_of(way, every),
        weight=0 if unit == PER_CENT else weight,
        origin=origin,
        place=place,
        column=part.column or part.key,
        relative=part.publish == "relative",
        months=figures.MONTHS[every],
        rounding=part.rounding or figures.USUAL_ROUNDING,
    )


def _placed(source: str) -> tuple[Origin, str]:
    if source.startswith("env:"):
        return Origin.ENVIRONMENT, source.removeprefix("env:")
    return (Origin.ADDRESS if source.startswith("https://") else Origin.FILE), source


def _each_once(given: list[FigurePart]) -> list[FigurePart]:
    _once([figure.key for figure in given])
    return given


class EntryPart(Part, title="Project"):
    """A project that is tracked."""

    github: Repository = Field(
        title="Repository", description="The project's repository on GitHub, as owner/name. Renames are followed."
    )
    name: Annotated[str, text(100)] = optional(
        "Name", "What people call the project. Without: the repository's name.", ""
    )
    category: Annotated[str, text(60)] = optional(
        "Category", "The group that it is shown and compared in.", DEFAULT_CATEGORY
    )
    tags: Tags | None = optional("Tags", "Words to find it by.")
    events: Annotated[list[EventPart], Field(max_length=200)] | None = optional(
        "Events", "What happened to it, marked on its charts."
    )
    figures: Annotated[list[FigurePart], AfterValidator(_each_once), Field(max_length=30)] | None = optional(
        "Figures", "Figures that only the project's owner knows, each from a table of the owner's own."
    )


class SettingsPart(Part, title="projects.yaml"):
    """All of the file but its projects."""

    tracker: TrackerPart | None = optional("Tracker", "How this scorecard presents itself.")
    stages: StagesPart | None = optional("Stages", "How the five stages are judged.")
    gate: GatePart | None = optional("Gate", "When a run is too bad to be published.")


PARTS: Final[Mapping[str, type[Part]]] = {
    "tracker": TrackerPart,
    "stages": StagesPart,
    "thresholds": ThresholdsPart,
    "gate": GatePart,
    "events": EventPart,
    "figures": FigurePart,
}


def keys(part: type[BaseModel]) -> Sequence[str]:
    """The keys that a mapping of this kind may have, as they are written."""
    return [given.alias or name for name, given in part.model_fields.items()]


# --- What depends on the sources -------------------------------------------------------------------------------------


def entry_part(namings: Mapping[str, Naming]) -> type[EntryPart]:
    """The shape of an entry, with a key for each source. `github` is not one of them: it names the project itself."""
    fields: dict[str, Any] = {_attribute(key): _targets(key, naming) for key, naming in _named(namings)}
    return create_model("EntryPart", __base__=EntryPart, __doc__=EntryPart.__doc__, **fields)


def targets(entry: EntryPart, namings: Mapping[str, Naming]) -> Mapping[str, tuple[str, ...]]:
    """Source → what the entry names for it, sources that it names nothing for left out."""
    named = {key: tuple(getattr(entry, _attribute(key))) for key, _ in _named(namings)}
    own = {OWN: ("",)} if entry.figures else {}
    return {"github": ("",)} | {key: names for key, names in named.items() if names} | own


def file_schema(namings: Mapping[str, Naming], settings: type[SettingsPart] = SettingsPart) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the whole file; `settings` is what stands beside its projects."""
    entries: Any = list[entry_part(namings)]  # type: ignore[misc]  # the class is made at run time
    described = Field(min_length=1, title="Projects", description="What is tracked, one entry for each project.")
    file = create_model("File", __base__=settings, __doc__=ABOUT, projects=(entries, described))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **file.model_json_schema(by_alias=True)}


def _named(namings: Mapping[str, Naming]) -> Iterable[tuple[str, Naming]]:
    return [(key, naming) for key, naming in namings.items() if key != "github"]


def _attribute(key: str) -> str:
    return f"source_{key}"  # a source may be called "json" or "copy", which pydantic has for itself


def _targets(key: str, naming: Naming) -> Any:
    expected = f"{naming.meaning} such as '{naming.example}'"

    def check(value: object, _: ValidationInfo) -> object:
        if isinstance(value, str):
            if len(value) <= 500 and re.fullmatch(naming.pattern, value):
                return value
            raise refusal("name", expected, hint=_last_part(value, naming.pattern))
        raise refusal("name", expected)

    name = Checked(check, {"pattern": f"^(?:{naming.pattern})$", "examples": [naming.example]})
    described = f"{naming.meaning[:1].upper()}{naming.meaning[1:]}, or a list of them, the main one first."
    several = Annotated[list[Annotated[str, name]], AfterValidator(_once), Field(max_length=50), OneOrMore(listed)]
    return several, Field(default_factory=list, alias=key, title=key, description=described)


@dataclass(frozen=True, slots=True)
class OneOrMore(Checked):
    """A list that may also be written as its only item."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        several = handler(schema)
        return {"anyOf": [several["items"], several | UNIQUE]}


def listed(value: object, _: ValidationInfo) -> object:
    """A list as it is, and a single item as a list of one."""
    return value if isinstance(value, list) else [value]


def _last_part(address: str, pattern: str) -> str:
    """What to write instead of the address of a package's page: its last part, or last two, that can be a name."""
    parts = address.partition("://")[2].partition("?")[0].strip("/").split("/")
    for name in ("/".join(parts[-2:]), parts[-1]):
        if len(parts) > 1 and len(name) <= 500 and re.fullmatch(pattern, name):
            return f"write '{name}'"
    return ""
