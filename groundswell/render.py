"""Rendering: from cards to a site that stands for itself. The same input gives the same bytes.

The site is built beside the old one and takes its place by renaming, when it is complete.
"""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import forkserver, get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined, TemplateError

from groundswell import (
    addresses,
    badges,
    data_files,
    data_shape,
    drawings,
    feed,
    indexing,
    month_files,
    own_templates,
    portraits,
    posters,
    project_csv,
    vega,
    wording,
)
from groundswell.alert_log import Told
from groundswell.charts import HEIGHT, WIDTH, Easel
from groundswell.config import Config, Mistake, Tracker
from groundswell.config_alerts import USUAL_RULES
from groundswell.editions import Edition, Kept, readable
from groundswell.models import Card, Direction, GroundswellError, SourceModule
from groundswell.pages import (
    about,
    categories,
    compare,
    edition,
    health,
    methodology,
    project,
    scorecard,
    sharing,
    shown,
    stage_table,
    table,
    take_away,
    told,
)
from groundswell.pages.setting import Setting
from groundswell.pages.sharing import Sharing
from groundswell.portraits import Studio
from groundswell.sources import labels, signals

ASSETS: Final = ("style.css", "scorecard.js", "compare.js", "favicon.svg")  # go to the site as they are
SCORECARD: Final = "index.html"
NOT_FOUND: Final = "404.html"  # shown at any address, therefore linked from the root
EDITIONS: Final = "editions.html"
FEW: Final = 48  # projects that one process draws sooner than others could be started
BATCH: Final = 16  # projects that a process takes at a time
_FORKS: Final = "forkserver"
MADE_BY_US: Final = "data/scorecard.json"  # a folder without it is somebody's own


class NotOurs(GroundswellError):
    """The folder for the site holds something else, and would be lost."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that there is once."""

    address: str
    template: str
    view: Callable[[Sequence[Card], Setting], object]


PAGES: Final = (
    Page("stages.html", "stages.html", stage_table.view),
    Page(categories.OVERVIEW, "categories.html", lambda cards, _: categories.overview(cards)),
    Page("compare.html", "compare.html", compare.view),
    Page("health.html", "health.html", health.view),
    Page("methodology.html", "methodology.html", methodology.view),
    Page("data.html", "data.html", take_away.view),
    Page("about.html", "about.html", about.view),
    Page(NOT_FOUND, "not_found.html", lambda _cards, _setting: None),
)


def write(
    site: Path,
    cards: Sequence[Card],
    tracker: Tracker,
    as_of: dt.date,
    sources: Mapping[str, SourceModule],
    *,
    mistakes: Sequence[Mistake] = (),
    judged: Config | None = None,
    editions: Sequence[Kept] = (),
    alerts: Told | None = None,
    advance: Callable[[int], None] = lambda _: None,
    processes: int | None = None,
    kept: Path | None = None,
    own: Path | None = None,
) -> None:
    """Write the whole site. A kill leaves the old one or the new one, never a half; leftovers go at the next call.

    `judged` has the mistakes, the thresholds that the cards were made with, and the gate's; without it they are the
    defaults. `editions` are those of the closed months, oldest first; `alerts` is what was told between them.
    `kept` is a folder of drawings that need not be drawn again (`drawings`); without it all are.
    `own` is the folder of the tracker's own parts, pages and styles, if there is one (`own_templates`).
    `advance` is told how many projects were drawn since it was told last. Raises NotOurs when `site` is a folder with
    something else in it, and UnsafeName when a project's id cannot name a page.
    """
    credit = data_files.credits_of(cards)
    setting = Setting(tracker, as_of, labels(sources), signals(sources), tuple(mistakes), credit)
    if judged is not None:
        setting = replace(setting, mistakes=judged.mistakes, thresholds=judged.thresholds, gate=judged.gate)
    if own is not None and own.is_dir():
        setting = replace(setting, own=own)
    if editions:
        setting = replace(setting, latest=(wording.month(editions[-1].last), addresses.edition(editions[-1].last)))
    with (
        _in_place_of(site) as folder,
        _drawing(folder, cards, setting, processes or os.cpu_count() or 1, kept) as drawn,
    ):
        _write_data(folder, cards, setting)
        for name in ASSETS:
            shutil.copyfile(own_templates.asset(name, setting.own), folder / name)
        own_templates.copy_files(setting.own, folder)
        _write_tables(folder, cards, setting)
        for asset in (vega.scripts(), vega.specifications()):
            _save(folder / asset.name, asset.text)
        for page in PAGES:
            _write_page(folder, page.template, page.address, page.view(cards, setting), cards, setting)
        _save_picture(folder / sharing.PICTURE, sharing.drawn(cards, setting))
        _write_editions(
            folder, editions, alerts or Told(rules=judged.alerts.rules if judged else USUAL_RULES), cards, setting
        )
        _write_for_crawlers(folder, cards, editions, setting)
        for projects in drawn:
            advance(projects)


def _write_page(
    folder: Path, template: str, address: str, view: object, cards: Sequence[Card], setting: Setting
) -> None:
    """A page of many projects; it is shared with the picture of the scorecard."""
    _save(folder / address, _set(template, address, view, setting, sharing.of_page(address, cards, setting)))


def _write_data(folder: Path, cards: Sequence[Card], setting: Setting) -> None:
    root = setting.tracker.address
    _save(
        folder / "data/scorecard.json",
        data_files.scorecard_json(cards, setting.as_of, setting.mistakes, setting.tracker),
    )
    _save(folder / "data/scorecard.csv", data_files.scorecard_csv(cards))
    _save(folder / "data/health.csv", health.series_csv(cards, setting))
    _save(folder / data_files.TABLES, data_files.tables_json(cards, setting.as_of, setting.tracker))
    for name in data_shape.SHAPES:
        _save(folder / data_shape.schema_place(name), data_shape.schema_text(name, root))
    for path in data_shape.earlier():
        _save(folder / "data/schema" / path.name, data_shape.earlier_text(path, root))


def _write_tables(folder: Path, cards: Sequence[Card], setting: Setting) -> None:
    """The scorecard, the page of each category, and what stands behind the rows of their tables."""
    board = scorecard.view(cards, setting)
    _write_page(folder, "scorecard.html", SCORECARD, board, cards, setting)
    _save(folder / table.DETAILS, table.details(board.rows))
    for one in categories.views(cards, board.rows, setting):
        _write_page(folder, "category.html", one.address, one, cards, setting)


def _write_editions(folder: Path, kept: Sequence[Kept], alerts: Told, cards: Sequence[Card], setting: Setting) -> None:
    """The page of each closed month with its picture, the list of them, that of the alerts, and, where the address is
    known, the feed.
    """
    _write_page(folder, "editions.html", EDITIONS, edition.overview(kept, setting.as_of), cards, setting)
    tracked = {card.project.id for card in cards}
    for one in kept:
        address = addresses.edition(one.last)
        _save(folder / address, _set("edition.html", address, edition.view(one, kept, tracked), setting))
        if isinstance(one, Edition):
            picture = posters.drawn(edition.poster(one, setting.tracker.title))
            _save_picture(folder / addresses.edition_picture(one.last), picture)
    _write_page(folder, "alerts.html", told.PAGE, told.view(alerts, cards), cards, setting)
    if setting.tracker.address:
        news = [entry for one in readable(kept)[-edition.IN_FEED :] for entry in edition.entries(one)]
        news += told.entries(alerts.alerts)
        _save(folder / feed.FEED, feed.atom(news, setting.tracker, setting.as_of))


def _write_for_crawlers(folder: Path, cards: Sequence[Card], editions: Sequence[Kept], setting: Setting) -> None:
    root = setting.tracker.address
    _save(folder / indexing.ROBOTS, indexing.robots(root))
    if root:
        pages = [SCORECARD, *(page.address for page in PAGES if page.address != NOT_FOUND)]
        pages += sorted(addresses.category_pages(card.project.category for card in cards).values())
        pages += [addresses.project_page(card.project.id) for card in cards]
        pages += [EDITIONS, told.PAGE, *(addresses.edition(one.last) for one in editions)]
        _save(folder / indexing.SITEMAP, indexing.sitemap(root, pages, setting.as_of))


# --- Projects, on all processors -------------------------------------------------------------------------------------


@contextmanager
def _drawing(
    folder: Path, cards: Sequence[Card], setting: Setting, processes: int, kept: Path | None
) -> Iterator[Iterator[int]]:
    """Begin to write the projects' pages and data; gives the number written, batch by batch. What is done meanwhile
    costs no time where there are several processors.

    Processes are not forked from this one, which may hold threads and connections that do not survive it (`_workers`).
    Each page depends on its card alone, so the bytes are the same whatever the number of processes.
    """
    if kept is not None:
        drawings.make_room(kept, [card.project.id for card in cards])
    batches = [cards[start : start + BATCH] for start in range(0, len(cards), BATCH)]
    if processes == 1 or len(cards) <= FEW:
        yield (write_projects(folder, batch, setting, kept) for batch in batches)
        return
    with ProcessPoolExecutor(min(processes, len(batches)), _workers(), _collect_rarely) as pool:
        begun = [pool.submit(write_projects, folder, batch, setting, kept) for batch in batches]
        try:
            yield (done.result() for done in as_completed(begun))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def make_ready(projects: int) -> None:
    """Let the process that the others come from load what they need, while the caller has other things to do. Nothing
    when there are so few projects that there will be no others.
    """
    if projects <= FEW:
        return
    _collect_rarely()
    if (os.cpu_count() or 1) > 1 and _FORKS in get_all_start_methods():
        _workers()
        forkserver.ensure_running()


def _collect_rarely() -> None:
    """Cards are millions of objects that are all needed and in no circle; to look through them again and again for
    what could go takes a twelfth of the time.
    """
    gc.set_threshold(100_000, 20, 100)


@cache
def _workers() -> BaseContext:
    """How other processes begin: from one that has loaded all modules and holds nothing else, where the system can do
    so; else each loads them for itself.
    """
    if _FORKS not in get_all_start_methods():
        return get_context("spawn")
    found = get_context(_FORKS)
    found.set_forkserver_preload([__name__])
    return found


def write_projects(folder: Path, cards: Sequence[Card], setting: Setting, kept: Path | None = None) -> int:
    """Write the pages and data of some projects; gives how many. Runs in a process of its own."""
    easel, studio = _desk()
    for card in cards:
        address = addresses.project_page(card.project.id)
        portrait = portraits.of_card(card, setting.tracker.title)
        said = sharing.of_project(card, setting, portrait)
        _save_picture(folder / said.picture, studio.draw(portrait))
        sheet = drawings.sheet(kept, card.project.id, easel)
        _save(folder / address, _set("project.html", address, project.view(card, setting, sheet), setting, said))
        sheet.keep()
        _save(folder / addresses.project_data(card.project.id), data_files.project_json(card, setting.tracker))
        _save(folder / addresses.project_data(card.project.id, "csv"), project_csv.project_csv(card))
        for place, text in badges.written(card, addresses.slug(card.project.id)):
            _save(folder / place, text)
        _save(folder / addresses.project_months(card.project.id), month_files.months_json(card, setting.tracker))
    return len(cards)


@cache
def _desk() -> tuple[Easel, Studio]:
    """What a process draws with, however many batches it takes."""
    return Easel(), Studio()


# --- Templates -------------------------------------------------------------------------------------------------------


@cache
def _templates(own: Path | None) -> Environment:
    """The templates, read once in a process. What a template asks for and does not get is an error, not a blank."""
    found = Environment(
        loader=own_templates.loader(own),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["safe_link"] = addresses.safe_link
    found.globals |= {
        "versions": {name: _version(own_templates.asset(name, own)) for name in ASSETS},
        "own_style": own_templates.style(own),
        "chart_box": f"0 0 {WIDTH} {HEIGHT}",
        "nothing": wording.NOTHING,
        "directions": [shown.mark(direction) for direction in (*Direction, None)],
    }
    return found


def _version(asset: Path) -> str:
    """Changes with the file, so that a browser never mixes a new page with an old stylesheet."""
    return hashlib.sha256(asset.read_bytes()).hexdigest()[:8]


def _set(template: str, address: str, view: object, setting: Setting, said: Sharing | None = None) -> str:
    """A page as text. A page without anything for sharing says it in its own template, or is not to be shared."""
    root = _root(setting.tracker) if address == NOT_FOUND else addresses.to_root(address)
    try:
        return (
            _templates(setting.own)
            .get_template(template)
            .render(
                view=view,
                here=address,
                root=root,
                tracker=setting.tracker,
                credits=setting.credits,
                latest=setting.latest,
                sharing=said,
                as_of=wording.date(setting.as_of),
                as_of_day=setting.as_of.isoformat(),
            )
        )
    except TemplateError as error:
        if wrong := own_templates.fault(error, setting.own):
            raise own_templates.BrokenTemplate(wrong) from error
        raise


def _root(tracker: Tracker) -> str:
    """Where the site begins on its host."""
    path = urlsplit(tracker.address or "").path.strip("/")
    return f"/{path}/" if path else "/"


# --- Files -----------------------------------------------------------------------------------------------------------


def _save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _save_picture(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)


@contextmanager
def _in_place_of(site: Path) -> Iterator[Path]:
    """A new folder beside the site, which takes the site's place when all went well and goes when it did not."""
    site = site.absolute()
    upcoming, last = site.with_name(f"{site.name}.next"), site.with_name(f"{site.name}.last")
    _bring_back(last, site)
    if site.exists() and not _is_ours(site):
        raise NotOurs(f"{site} holds something that this command did not write; name a new or an empty folder")
    _remove(upcoming, last)
    upcoming.mkdir(parents=True)
    try:
        yield upcoming
        if site.exists():
            site.rename(last)
        upcoming.rename(site)
    finally:
        _bring_back(last, site)
        _remove(upcoming, last)


def _bring_back(last: Path, site: Path) -> None:
    """Mend what a run that ended between its two renames has left."""
    if last.exists() and not site.exists():
        last.rename(site)


def _is_ours(site: Path) -> bool:
    return site.is_dir() and ((site / MADE_BY_US).exists() or not any(site.iterdir()))


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
