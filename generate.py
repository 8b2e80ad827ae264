#!/usr/bin/env python3
"""Groundswell: read the tracked projects, keep their history, and publish the scorecard.

projects.yaml → config → collect → history → growth → metrics → stages → market → gate → render → site/
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from groundswell import (
    alerts,
    closing,
    config,
    corrections,
    data_shape,
    discover,
    doctor,
    drawings,
    editions,
    forecast,
    gate,
    history,
    import_history,
    job_summary,
    market,
    metrics,
    migrations,
    notify,
    own_figures,
    own_templates,
    parts,
    preview,
    preview_text,
    proposal_answers,
    proposals,
    render,
    runs,
    sources,
    stages,
    tending,
    troubles,
    whereabouts,
)
from groundswell.alert_log import Told
from groundswell.gather import gather, outside, plan
from groundswell.http import Door, Outside
from groundswell.models import Ask, Card, GroundswellError, Project
from groundswell.own_repository import OwnRepository, Refused, unpublishable
from groundswell.tally import Tally
from groundswell.terminal import log_to_stderr, out, progress, stop, warn

OUR_FAULT, WRONG_PROJECTS, REFUSED, NOBODY_REACHED = 1, 2, 3, 4  # exit statuses; 0 is published
HERE: Final = Path(__file__).parent
FORM: Final = Path(".github") / "ISSUE_TEMPLATE" / "project.yml"  # beside projects.yaml
LONGEST_NOTIFYING: Final = 10  # minutes

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
Projects = Annotated[Path, typer.Option("--projects", metavar="FILE", help="What is tracked.")]
Memory = Annotated[Path, typer.Option("--history", metavar="DIR", help="Where the history is kept.")]
Site = Annotated[Path, typer.Option("--site", metavar="DIR", help="Where the site is written.")]
Day = Annotated[
    dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], envvar="TODAY", help="The day to take for today (UTC).")
]
Offline = Annotated[bool, typer.Option("--offline", help="Ask nobody: build from the history.")]
Only = Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="Ask for this project alone.")]
Repository = Annotated[str, typer.Argument(metavar="OWNER/NAME", help="A repository on GitHub.")]
StandIn = Annotated[
    str | None, typer.Option(metavar="URL", envvar="STAND_IN", help="Ask this stand-in instead of every host.")
]
Handed = Annotated[
    Path | None, typer.Option("--parts", metavar="DIR", help="Ask nobody: take what `collect` put there.")
]
Minutes = Annotated[float, typer.Option("--minutes", min=0, help="The time for asking; what is left waits.")]
Address = Annotated[str | None, typer.Option(metavar="URL", help='Where the site will stand; "none": not to be told.')]
Event = Annotated[Path, typer.Option(envvar="GITHUB_EVENT_PATH", metavar="FILE", help="What happened, as JSON.")]
OwnName = Annotated[str, typer.Option(envvar="GITHUB_REPOSITORY", metavar="OWNER/NAME", help="The tracker's own.")]
Server = Annotated[str, typer.Option(envvar="GITHUB_SERVER_URL", metavar="URL", help="Where that repository is.")]
GivenVerdict = Annotated[str, typer.Option(envvar="VERDICT", metavar="JSON", help="What judge-proposal handed over.")]
Summary = Annotated[Path | None, typer.Option(metavar="FILE", help="Add what came of it, in Markdown.")]
Chatty = Annotated[bool, typer.Option("--chatty", help="Say what is asked, and what it costs.")]


@app.callback(invoke_without_command=True)
def publish(
    context: typer.Context,
    projects: Projects = Path("projects.yaml"),
    memory: Memory = Path("history"),
    site: Site = Path("site"),
    today: Day = None,
    offline: Offline = False,
    only: Only = None,
    stand_in: StandIn = None,
    minutes: Minutes = 75,
    address: Address = None,
    summary: Summary = None,
    handed: Handed = None,
    of: Annotated[int, typer.Option("--of", min=1, max=parts.MOST, help="How many parts there ought to be.")] = 1,
    chatty: Chatty = False,
) -> None:
    """Read the tracked projects, keep their history, and publish the scorecard."""
    if context.invoked_subcommand is not None:
        return
    log_to_stderr(chatty=chatty)
    day, all_sources = _day(today), sources.load()
    record = context.with_resource(_recorded(memory, day, summary))
    tracked = _settled(_tracked(projects), address)
    books = _books(memory, [project.id for project in tracked.projects])
    all_sources = own_figures.among(all_sources, tracked.projects, projects.parent, books)
    record.open(tracked, all_sources)
    if not offline:
        asks = plan(config.only(tracked.projects, only), all_sources, books)
        if handed is None:
            _ask(record, asks, books, outside(tracked.tracker, all_sources, stand_in, asks=asks, minutes=minutes))
        else:
            _take_parts(record, asks, books, handed, of)
        if not record.gathered.reached:
            stop(NOBODY_REACHED, "No source could be reached. Nothing is published; the last site stays.")
    render.make_ready(len(tracked.projects))
    signals, labels = sources.signals(all_sources), sources.labels(all_sources)
    cards = stages.cards(tracked, books, signals, labels, day)
    record.cards = cards = market.join(cards, books[history.MARKET], signals, labels)
    now, before = gate.summarise(cards, books, signals, day), gate.load(memory)
    verdict = gate.judge(now, before, record.gathered.asked, record.gathered.failures, tracked.gate)
    if not verdict.allowed:
        stop(REFUSED, "Nothing is published; the last site stays:", *verdict.reasons)
    asked = () if offline else config.only(tracked.projects, only)
    months, told = _news(memory, closing.Known(tracked, books, signals, labels, day), cards, asked)
    with progress("pages", len(cards)) as advance:
        write = partial(render.write, judged=tracked, kept=drawings.beside(site), alerts=told)
        own = projects.parent / own_templates.FOLDER
        write(site, cards, tracked.tracker, day, all_sources, editions=months, advance=advance, own=own)
    gate.save(memory, gate.carry(now, before, tracked.gate))
    _say([*corrections.report(record.gathered.corrections), f"{record.in_short}: {site / 'index.html'}"])


@app.command("collect")
def collect_part(
    shard: Annotated[str, typer.Option(metavar="N/M", help="Which part, and of how many: 2/8.")],
    handed: Annotated[Path, typer.Option("--parts", metavar="DIR", help="Where parts are put.")] = Path("parts"),
    projects: Projects = Path("projects.yaml"),
    memory: Memory = Path("history"),
    today: Day = None,
    stand_in: StandIn = None,
    minutes: Minutes = 75,
    chatty: Chatty = False,
) -> None:
    """Ask for one part of several, on a machine of its own; `--parts` of the main command makes a site of them."""
    log_to_stderr(chatty=chatty)
    mine, day, all_sources = parts.Shard.read(shard), _day(today), sources.load()
    tracked = _settled(_tracked(projects), None)
    _bring_up(memory)
    books = _books(memory, [project.id for project in tracked.projects])
    all_sources = own_figures.among(all_sources, tracked.projects, projects.parent, books)
    asks, beside = parts.split(plan(tracked.projects, all_sources, books), all_sources, mine)
    share = partial(outside, asks=asks, beside=beside, machine=mine.number, machines=mine.of, minutes=minutes)
    record = runs.Record(handed / mine.folder, day, (), None, 0, tracked=tracked, sources=all_sources)
    _ask(record, asks, books, share(tracked.tracker, all_sources, stand_in))
    parts.save(record.folder, mine, day, record.gathered, record.used)
    _say([f"{mine}: {sum(record.gathered.asked.values())} targets, {len(record.gathered.failures)} gaps"])


@app.command()
def check(projects: Projects = Path("projects.yaml")) -> None:
    """Say whether projects.yaml is right, or what is wrong with it, a line each."""
    tracked = _tracked(projects)
    for project in tracked.projects:
        if shown := [figure.key for figure in project.figures if not figure.relative]:
            out.print(f"{project.id}: its page will show the owner's own levels of {', '.join(shown)}", markup=False)
    wrong = list(own_figures.wrong_tables(tracked.projects, projects.parent, _day(None)))
    for one in wrong:
        warn(str(one))
    if tracked.mistakes or wrong:
        raise typer.Exit(WRONG_PROJECTS)
    out.print(f"{projects}: {len(tracked.projects)} projects, no mistake")


@app.command("preview")
def look_ahead(
    projects: Projects = Path("projects.yaml"),
    base: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The list that this one takes the place of.")
    ] = None,
    site: Site = Path("preview"),
    summary: Summary = None,
    today: Day = None,
    stand_in: StandIn = None,
    minutes: Minutes = preview.MINUTES,
) -> None:
    """Say what a change of projects.yaml would bring: ask for what is new, and build its pages. Nothing is kept."""
    log_to_stderr(chatty=False)
    day, all_sources = _day(today), sources.load()
    try:
        change = preview.Change(projects, _settled(_loaded(projects), whereabouts.NONE), base)
    except config.ConfigError as error:
        _tell(summary, preview_text.refused(error.mistakes))
        raise
    with TemporaryDirectory() as scratch:
        seen = preview.look(change, all_sources, stand_in, day, Path(scratch), minutes)
    _tell(summary, preview_text.summary(seen, change, all_sources, day))
    for line in seen.lines():
        warn(line)
    if seen.cards:
        render.write(site, seen.cards, preview_text.ahead(change.tracked.tracker), day, all_sources)
    if seen.mistakes:
        raise typer.Exit(WRONG_PROJECTS)
    out.print(f"{projects}: {len(change.tracked.projects)} projects, no mistake; first numbers of {len(seen.cards)}")


@app.command("notify")
def hand_on(
    projects: Projects = Path("projects.yaml"),
    memory: Memory = Path("history"),
    today: Day = None,
    stand_in: StandIn = None,
    address: Address = None,
) -> None:
    """Hand on what was told: alerts to the address in WEBHOOK, a closed month to an issue of the repository."""
    log_to_stderr(chatty=False)
    tracked = _settled(_tracked(projects), address)
    way = outside(tracked.tracker, sources.load(), stand_in, minutes=LONGEST_NOTIFYING)
    own = partial(OwnRepository, os.environ.get("GITHUB_REPOSITORY") or tracked.tracker.repository or "", way)
    told = notify.notify(memory, tracked, _day(today), Door(way), os.environ.get("WEBHOOK", "").strip(), own)
    out.print(*(told.done or ["Nothing new to hand on."]), sep="\n", markup=False)
    if told.failed:
        stop(OUR_FAULT, *told.failed)


@app.command("doctor")
def ask_once(projects: Projects = Path("projects.yaml"), stand_in: StandIn = None, today: Day = None) -> None:
    """Ask every source for one target, and say what answers, what is wrong and what to do. Nothing is kept."""
    log_to_stderr(chatty=False)
    tracked, all_sources = _tracked(projects), sources.load()
    books = {project.id: history.History(project.id) for project in tracked.projects}
    all_sources = own_figures.among(all_sources, tracked.projects, projects.parent, books)
    door = Door(outside(tracked.tracker, all_sources, stand_in))
    with progress("sources", len(all_sources)) as advance:
        found = doctor.diagnose(tracked.projects, all_sources, door, _day(today), advance)
    doctor.show(found, all_sources, out)
    raise typer.Exit(doctor.status(found))


@app.command("discover")
def find_packages(repository: Repository, stand_in: StandIn = None) -> None:
    """Print the entry for projects.yaml of a repository, with the packages that it publishes."""
    all_sources = sources.load()
    door = Door(outside(config.Tracker(), all_sources, stand_in))
    found = discover.find(repository, door, sources.namings(all_sources))
    out.print(*(f"  {line}" for line in discover.entry(found)), sep="\n", markup=False)
    for warning in found.warnings:
        warn(warning)


@app.command("add")
def add_project(repository: Repository, projects: Projects = Path("projects.yaml"), stand_in: StandIn = None) -> None:
    """Write the entry of a repository, with the packages that it publishes, into projects.yaml."""
    all_sources = sources.load()
    door = Door(outside(config.Tracker(), all_sources, stand_in))
    lines, found = discover.add(repository, projects, door, sources.namings(all_sources))
    out.print(f"{projects}, added:", *(f"  {line}" for line in lines), sep="\n", markup=False)
    for warning in found.warnings:
        warn(warning)


@app.command("import-history")
def take_over(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv[.gz]", help="Rows of date,project,metric,value.")],
    rename: Annotated[list[str] | None, typer.Option(metavar="METRIC=SIGNAL", help="What a metric becomes.")] = None,
    write_projects: Annotated[Path | None, typer.Option(metavar="FILE", help="Add the projects here.")] = None,
    memory: Memory = Path("history"),
    today: Day = None,
) -> None:
    """Take over the history that somebody else kept."""
    all_sources = sources.load()
    names = import_history.renames(rename or (), sources.signals(all_sources))
    with progress("rows", None) as advance:
        tidy = import_history.read(file, names, _day(today), advance)
    _bring_up(memory)
    with progress("projects", len(tidy.projects)) as advance:
        import_history.into_history(tidy, memory, advance)
    out.print(*import_history.report(tidy), sep="\n", markup=False)
    if write_projects is not None:
        added = import_history.add_projects(write_projects, tidy, sources.namings(all_sources))
        out.print(f"{added} projects added to {write_projects}")


@app.command("judge-proposal")
def judge_proposal(
    event: Event,
    output: Annotated[Path, typer.Option(envvar="GITHUB_OUTPUT", metavar="FILE", help="Where the verdict goes.")],
    own: OwnName,
    projects: Projects = Path("projects.yaml"),
    today: Day = None,
    stand_in: StandIn = None,
) -> None:
    """Check the project that an issue proposes, with a token that may write nothing; hand a verdict over."""
    log_to_stderr(chatty=False)
    all_sources, issue = sources.load(), proposals.read_event(event)
    around = outside(config.Tracker(), all_sources, stand_in)
    with OwnRepository(own, around) as repository:
        others = partial(proposal_answers.others, repository)
        desk = proposals.Desk(
            projects, all_sources, lambda path: _settled(_loaded(path), None), stand_in, _day(today), others
        )
        verdict = proposals.judge(issue, desk)
    with output.open("a", encoding="utf-8") as file:
        file.write(f"outcome={verdict.outcome}\nverdict={proposals.packed(verdict)}\n")
    out.print(f"#{verdict.number}: {verdict.outcome}", markup=False)


@app.command("take-proposal")
def take_proposal(
    event: Event, verdict: GivenVerdict, projects: Projects = Path("projects.yaml"), stand_in: StandIn = None
) -> None:
    """Write the entry of an accepted proposal into projects.yaml, after it was held against the issue once more."""
    all_sources = sources.load()
    door = Door(outside(config.Tracker(), all_sources, stand_in))
    taken = proposals.unpacked(verdict)
    proposals.take(proposals.read_event(event), taken, projects, sources.namings(all_sources), door)
    out.print(f"{taken.repository} is added to {projects}", markup=False)


@app.command("answer-proposal")
def answer_proposal(
    verdict: GivenVerdict,
    own: OwnName,
    server: Server = "https://github.com",
    branch: Annotated[proposal_answers.Branch, typer.Option(envvar="BRANCH")] = proposal_answers.Branch.PUSHED,
    stand_in: StandIn = None,
) -> None:
    """Answer below the issue, and open or renew the pull request of an accepted proposal."""
    log_to_stderr(chatty=False)
    with OwnRepository(own, outside(config.Tracker(), sources.load(), stand_in), server=server) as repository:
        proposal_answers.answer(repository, proposals.unpacked(verdict), branch, f"{server}/{own}")
    out.print("Answered.")  # what was said has text from outside in it, which a workflow's log could take for commands


@app.command("pages")
def ask_pages(
    own: OwnName,
    server: Server = "https://github.com",
    address_to: Annotated[Path | None, typer.Option(metavar="FILE", help="Add the address; fail in no case.")] = None,
    summary: Summary = None,
    stand_in: StandIn = None,
) -> None:
    """Say whether Pages takes the site of a workflow; fail with the way to the setting where it does not."""
    try:
        with OwnRepository(own, outside(config.Tracker(), sources.load(), stand_in), server=server) as repository:
            found = repository.pages()
    except Refused as refusal:  # whoever publishes will see
        _annotate("warning", "Pages", str(refusal))
        return
    wrong = unpublishable(found, f"{server}/{own}/settings/pages")
    if address_to is not None:
        _add(address_to, f"address={found.address}\n" if found is not None else "")
    elif wrong is not None:
        _add(summary, f"### {wrong}\n")
        _annotate("error", "Pages", wrong)
        raise typer.Exit(OUR_FAULT)


@app.command("tend")
def tend_issue(
    own: OwnName,
    server: Server = "https://github.com",
    projects: Projects = Path("projects.yaml"),
    memory: Memory = Path("history"),
    today: Day = None,
    address: Address = None,
    stand_in: StandIn = None,
) -> None:
    """Open one issue in the tracker when something fails for days; close it when all is well again."""
    all_sources, day = sources.load(), _day(today)
    tracker, found = _troubles(projects, memory, day)
    pages = whereabouts.settled(tracker, whereabouts.Around.of(os.environ), address).address
    try:
        with OwnRepository(own, outside(tracker, all_sources, stand_in), server=server) as repository:
            _say([tending.tend(repository, found, day, pages) if found is not None else "It cannot be told yet."])
    except Refused as refusal:  # an issue less is no reason for a failed run
        _annotate("warning", "Issue", str(refusal))


@app.command()
def docs(check_only: Annotated[bool, typer.Option("--check", help="Write nothing; fail when stale.")] = False) -> None:
    """Write what is made from the code: docs/metrics.md, projects.schema.json and schemas/."""
    all_sources = sources.load()
    pages = {
        HERE / "docs" / "metrics.md": metrics.page(sources.signals(all_sources)),
        HERE / "projects.schema.json": config.schema_text(sources.namings(all_sources)),
        **{
            data_shape.EARLIER / f"{name}-{data_shape.FORMAT}.json": data_shape.schema_text(name, None)
            for name in data_shape.SHAPES
        },
    }
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
    if check_only and stale:
        stop(OUR_FAULT, "Stale, run `python generate.py docs`:", *(path.name for path in stale))
    for path in stale:
        history.write_whole(path, pages[path])
        out.print(f"{path.name} written")


def _recorded(memory: Path, day: dt.date, summary: Path | None) -> AbstractContextManager[runs.Record]:
    """The record of a run; in a history that is not of today's format, and cannot be brought to it, nothing is kept."""
    _bring_up(memory)
    return runs.recorded(memory, day, partial(job_summary.add, summary))


def _books(memory: Path, projects: Sequence[str]) -> dict[str, history.History]:
    for new, old in history.adopt(memory, projects).items():
        out.print(f"{new} goes on with the history of {old}")
    return {name: history.load(memory, name) for name in (*projects, history.MARKET)}


def _bring_up(memory: Path) -> None:
    for step in migrations.bring_up(memory):
        out.print(f"The history is brought to format {step.to}: {step.what}")


def _news(
    memory: Path, known: closing.Known, cards: Sequence[Card], asked: Sequence[Project]
) -> tuple[tuple[editions.Kept, ...], Told]:
    """The editions of the closed months, and what is told between them; what cannot be read is said."""
    kept, told = closing.keep(memory, known), alerts.keep(memory, known, cards, asked)
    for why in (*(broken.why for broken in editions.broken(kept)), told.broken):
        if why:
            warn(why)
    return kept, told


def _add(file: Path | None, text: str) -> None:
    if file is not None:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(text)


def _annotate(level: str, title: str, text: str) -> None:
    """A line that GitHub shows beside the run, when it is one of GitHub's."""
    warn(f"::{level} title={title}::{text}" if os.environ.get("GITHUB_ACTIONS") else text)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(line, markup=False)


def _ask(
    record: runs.Record,
    asks: Mapping[str, Sequence[Ask]],
    books: MutableMapping[str, history.History],
    way: Outside,
) -> None:
    door = Door(way)
    _say([forecast.table(asks, record.sources, way, record.day)])
    record.tally = door.time.tally
    with progress("asked", sum(map(len, asks.values()))) as advance:
        record.gathered = gather(asks, books, record.sources, door, record.folder, record.day, advance)


def _take_parts(
    record: runs.Record,
    asks: Mapping[str, Sequence[Ask]],
    books: MutableMapping[str, history.History],
    handed: Path,
    of: int,
) -> None:
    merged = parts.merge(handed, of, asks, record.sources, books, record.folder, record.day)
    record.gathered, record.tally = merged.gathered, Tally.together(merged.used)
    record.lost = tuple(merged.missing())
    _say([merged.in_short])
    for line in record.lost:
        _annotate("warning", "Parts", line)
    if not merged.used:
        stop(NOBODY_REACHED, "No part of this run came to its end. Nothing is published; the last site stays.")


def _day(today: dt.datetime | None) -> dt.date:
    return (today or dt.datetime.now(dt.UTC)).date()


def _troubles(projects: Path, memory: Path, day: dt.date) -> tuple[config.Tracker, tuple[troubles.Trouble, ...] | None]:
    """What is amiss; None while a list or a history that cannot be read keeps that from being told."""
    known, all_sources = runs.load(memory), sources.load()
    try:
        tracked = _loaded(projects)
        failures = {project.id: history.failing(memory, project.id) for project in tracked.projects}
    except (config.ConfigError, history.BrokenHistory):
        return config.Tracker(), tuple(troubles.of_runs(known, day)) or None
    labels, signals = sources.labels(all_sources), sources.signals(all_sources)
    return tracked.tracker, troubles.found(known, tracked.projects, failures, labels, signals, day)


def _settled(tracked: config.Config, address: str | None) -> config.Config:
    around = whereabouts.Around.of(os.environ)
    if doubt := whereabouts.differs(tracked.tracker, around):
        warn(doubt)
    return replace(tracked, tracker=whereabouts.settled(tracked.tracker, around, address))


def _tracked(projects: Path) -> config.Config:
    tracked = _loaded(projects)
    for mistake in tracked.mistakes:
        warn(str(mistake))
    return tracked


def _tell(summary: Path | None, text: str) -> None:
    """Add a text at the end of a file, as GitHub has summaries; without one it goes to the screen."""
    if summary is None:
        out.print(text, markup=False)
        return
    _add(summary, text)


def _loaded(projects: Path) -> config.Config:
    counted = {metric.key: metric.stage for metric in metrics.METRICS}
    tracked = config.load(projects, sources.namings(sources.load()), today=_day(None), metrics=counted)
    return replace(tracked, tracker=replace(tracked.tracker, has_form=(projects.parent / FORM).is_file()))


def main() -> None:
    """Run the command; a fault that somebody can mend ends it in one line instead of a traceback."""
    try:
        app()
    except GroundswellError as error:
        stop(error.status, *error.lines)


if __name__ == "__main__":
    main()
