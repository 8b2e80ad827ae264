"""What there is to take away: every file with its schema, whom to name, what is promised, and how to read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, badges, data_shape, evidence
from groundswell.data_shape import FORMAT
from groundswell.licences import LICENCES, Licence
from groundswell.models import Card
from groundswell.pages.setting import Setting
from groundswell.project_csv import COLUMNS

SOMEWHERE: Final = "https://ADDRESS-OF-THIS-SITE"  # in examples, where the tracker does not know its own address
_OURS: Final = ("stars", badges.STAGE, badges.MOMENTUM)  # labels that are no name and can have a capital


@dataclass(frozen=True, slots=True)
class File:
    """A file, or a kind of file, that there is to take."""

    address: str
    is_link: bool  # not where it stands for the files of many projects
    holds: str
    schema: str  # address of its schema; empty where a table has none


@dataclass(frozen=True, slots=True)
class Example:
    """A few lines that work when they are copied."""

    title: str
    language: str
    lines: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge on a project's page, with the lines that bring it elsewhere."""

    title: str  # "npm downloads"
    address: str  # of the SVG, from the site's root
    width: int
    says: str  # its words, for who does not see it
    markdown: str
    html: str
    endpoint: str  # what shields.io's endpoint badge is given


@dataclass(frozen=True, slots=True)
class Taken:
    """What a project's page gives away."""

    badges: tuple[Badge, ...]
    json: str
    csv: str
    address_is_known: bool


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    files: tuple[File, ...]
    format: int
    licence: Licence | None
    columns: tuple[tuple[str, str], ...]  # of a project's table
    classes: tuple[tuple[str, str], ...]  # how a number can be known
    examples: tuple[Example, ...]
    address_is_known: bool


def view(cards: Sequence[Card], setting: Setting) -> View:
    """What the page shows; the examples are of the first project."""
    return View(
        files=_FILES,
        format=FORMAT,
        licence=LICENCES[setting.tracker.license] if setting.tracker.license else None,
        columns=tuple(COLUMNS.items()),
        classes=tuple((how.value, meaning) for how, meaning in evidence.MEANINGS.items()),
        examples=tuple(_examples(setting.tracker.address or SOMEWHERE, cards[0])) if cards else (),
        address_is_known=setting.tracker.address is not None,
    )


_FILES: Final = (
    File("data/scorecard.json", True, "All projects with everything that their pages show.",
         data_shape.schema_place("scorecard")),
    File("data/scorecard.csv", True, "A row a project, a column a figure, for a spreadsheet.", ""),
    File("data/health.csv", True, "A row a series: its newest day, how old it is, and what fails about it.", ""),
    File("data/projects/OWNER__NAME.json", False, "One project, and its metrics and stages by closed months.",
         data_shape.schema_place("project")),
    File("data/months/OWNER__NAME.json", False, "The same months alone, as far back as there are any.",
         data_shape.schema_place("months")),
    File("data/projects/OWNER__NAME.csv", False, "The same months as a tidy table: a row a number.", ""),
    File("data/csv-metadata.json", True, "Day, licence and whom to name of all tables, as CSV on the Web has it.", ""),
    File("badges/OWNER__NAME/stars.svg", False, "A badge: stars, stage, momentum, or a registry's downloads.", ""),
    File("badges/OWNER__NAME/stars.json", False, "The same for shields.io, which draws it.", ""),
)  # fmt: skip


def _examples(root: str, card: Card) -> list[Example]:
    table = f"{root}/{addresses.project_data(card.project.id, 'csv')}"
    return [
        Example("All of it, with curl", "sh", f"curl --fail --output scorecard.json {root}/data/scorecard.json"),
        Example(
            "Who grows, with pandas", "python",
            "import pandas as pd\n"
            "\n"
            f'scorecard = pd.read_csv("{root}/data/scorecard.csv")\n'
            'rising = scorecard[scorecard["stars_direction"] == "rising"]\n'
            'print(rising.sort_values("stars_growth_low", ascending=False)[["name", "stars", "stars_growth_month"]])',
        ),
        Example(
            "One project by months, with pandas", "python",
            "import pandas as pd\n"
            "\n"
            f'figures = pd.read_csv("{table}")\n'
            'months = figures[figures["period"] == "month"]\n'
            'print(months.pivot(index="date", columns="metric", values="value"))',
        ),
    ]  # fmt: skip


# --- On a project's page ---------------------------------------------------------------------------------------------


def of_project(card: Card, setting: Setting) -> Taken:
    """The badges of a project and its files."""
    root = setting.tracker.address or SOMEWHERE
    return Taken(
        badges=tuple(_badge(badge, card, root) for badge in badges.of_card(card)),
        json=addresses.project_data(card.project.id),
        csv=addresses.project_data(card.project.id, "csv"),
        address_is_known=setting.tracker.address is not None,
    )


def _badge(badge: badges.Badge, card: Card, root: str) -> Badge:
    """Nothing in the lines is from outside but the id, whose letters are safe in Markdown and in HTML."""
    name = addresses.slug(card.project.id)
    picture, page = badges.address(name, badge.key, "svg"), addresses.project_page(card.project.id)
    alt = f"{badge.label} of {name.replace('__', '/', 1)}"
    return Badge(
        title=badge.label[:1].upper() + badge.label[1:] if badge.key in _OURS else badge.label,
        address=picture,
        width=badges.size(badge),
        says=f"{badge.label}: {badge.message}",
        markdown=f"[![{alt}]({root}/{picture})]({root}/{page})",
        html=f'<a href="{root}/{page}"><img src="{root}/{picture}" alt="{alt}"></a>',
        endpoint=f"{root}/{badges.address(name, badge.key, 'json')}",
    )
