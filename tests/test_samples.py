"""Every recorded answer in the folder of samples is accounted for: read by a test to exactly the numbers that it holds,
refused as the error that it is, or named here with the reason why no source reads it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from groundswell import sources
from groundswell.http import Door, Outside
from groundswell.models import Ask, Failure
from groundswell.sources import pypi, sec, stackoverflow
from tests.scripted import Reply, scripted

TODAY: Final = dt.date(2026, 11, 22)
SOURCES: Final = sources.load()

# sample → the test that reads it, and the words by which that test names it
READ: Final[Mapping[str, tuple[str, str]]] = {
    "conda/package-numpy-trimmed.json": ("conda", "package-numpy-trimmed.json"),
    "cran/daily-doc.json": ("cran", "daily-doc.json"),
    "cran/total-doc.json": ("cran", "total-doc.json"),
    "crates-io/downloads-shape.json": ("crates", "downloads-shape.json"),
    "discord/invite-doc-without-counts.json": ("discord", "invite-doc-without-counts.json"),
    "discourse/site-statistics-singular-form.json": ("discourse", "site-statistics-singular-form.json"),
    "dockerhub/repository-datasette.json": ("docker", "repository-datasette.json"),
    "ecosystems/package-keys.txt": ("ecosystems", "package-keys.txt"),
    "flathub/app-stats-calculator-cut.json": ("flathub", "app-stats-calculator-cut.json"),
    "github-releases/datasette-app-releases.json": ("releases", "datasette-app-releases.json"),
    "goatcounter/counter-shape.json": ("goatcounter", "counter-shape.json"),
    "hackernews-algolia/search-doc-example.json": ("hackernews", "search-doc-example.json"),
    "hex/packages-page-first3.json": ("hex", "packages-page-first3.json"),
    "hex/release-0.1.0.json": ("hex", "release-0.1.0.json"),
    "homebrew/formula-datasette.json": ("homebrew", "formula-datasette.json"),
    "huggingface/model-bert-base-uncased.json": ("huggingface", "model-bert-base-uncased.json"),
    "jsdelivr/gh-package-stats-week.json": ("jsdelivr", "-package-stats-week.json"),
    "jsdelivr/npm-package-stats-week.json": ("jsdelivr", "-package-stats-week.json"),
    "mastodon/account-lookup.json": ("mastodon", "account-lookup.json"),
    "nuget/search-doc-example.json": ("nuget", "search-doc-example.json"),
    "openvsx/extension-vscode-yaml.json": ("openvsx", "extension-vscode-yaml.json"),
    "pub-dev/score-doc.json": ("pub", "score-doc.json"),
    "real-series/datasette-dockerhub-homebrew-ghreleases-monthly.json": ("docker", "datasette-dockerhub-homebrew-"),
    "rubygems/gem-rails-doc-2026.json": ("rubygems", "gem-rails-doc-2026.json"),
    "rubygems/gem-rubystats.json": ("rubygems", "gem-rubystats.json"),
    "sec-edgar/companyfacts-snowflake-revenue-and-rpo.json": ("sec", "companyfacts-snowflake-revenue-and-rpo.json"),
    "stackexchange/questions-filter-total.json": ("stackoverflow", "questions-filter-total.json"),
    "stackexchange/questions-page-with-backoff.json": ("stackoverflow", "questions-page-with-backoff.json"),
    "terraform/module-vpc.json": ("terraform", "module-vpc.json"),
    "vscode-marketplace/extensionquery-live-server.json": ("vscode", "extensionquery-live-server.json"),
    "vscode-marketplace/statistics-ms-python-2026.json": ("vscode", "statistics-ms-python-2026.json"),
    "wikipedia-pageviews/per-article-monthly.json": ("wikipedia", "per-article-monthly.json"),
    "wordpress/plugin-info-fields.json": ("wordpress", "plugin-info-fields.json"),
    "npm/shape-range-bulk-unknown-package.json": ("real_figures", "shape-range-bulk-unknown-package.json"),
    "pypistats/overall-pip-2days.json": ("real_figures", "overall-pip-2days.json"),
}

NOT_READ: Final[Mapping[str, str]] = {
    "artifacthub/package-views-doc.json": "no source reads Artifact Hub: it counts views of a page about a package",
    "clickpy/monthly-top-json.json": "a table of the largest packages; the source asks for the months of its own",
    "depsdev/package-npm-defangjs.json": "versions of a package, without a figure; `discover` asks by repository",
    "depsdev/project-express-trimmed.json": "stars, which GitHub itself tells; `discover` asks for packages",
    "jsdelivr/stat-periods.json": "which periods there are, without a figure",
    "jsr/downloads-keys.txt": "no source reads JSR: it gives no figures of a package's past, and keys alone are known",
    "julia/package_requests_by_date.csv": "no source reads Julia's logs: one file of all packages, named by number",
    "mastodon/instance-activity-12weeks.json": "of a whole server; the source reads an account",
    "mastodon/nodeinfo.json": "of a whole server; the source reads an account",
    "npm/point-last-month-react-2026.json": "a month in one number; the source reads the same days one by one",
    "npm/real-monthly-counts-2-snapshots.json": "a table that somebody published, not an answer of npm",
    "npm/shape-point-bulk.json": "its figures are blanked; and the source reads days, not points",
    "nuget/catalog-index.json": "what changed on NuGet, without a figure of a package",
    "nuget/service-index-doc.json": "where NuGet's services stand, without a figure",
    "opencollective/rest-json-keys.txt": "another way to ask, keys alone; the source asks by GraphQL, by month",
    "packagist/package-instagram-php-graph-sdk.json": "sums of today alone; the source reads every month there was",
    "packagist/stats-doc.json": "sums of today alone; the source reads every month there was",
    "plausible/query-timeseries-doc.json": "no source reads Plausible: it answers to the owner's key alone",
    "pypistats/overall-with-mirrors-llm-dates-only.json": "counts mirrors, which the source leaves out",
    "pypistats/python_minor-pip-data-only.json": "by version of Python; the source reads all of them together",
    "pypistats/recent-flask.json": "sums of today alone; the source reads every day there was",
    "pypistats/recent-yiban.json": "sums of today alone; the source reads every day there was",
    "pypistats/system-llm-181days.json": "by operating system; the source reads all of them together",
    "rubygems/versions-rubystats.json": "by version; the source reads the total, which holds deleted versions too",
    "stackexchange/tag-info-stripe-payments.json": "questions of all time; the source counts those of a month",
}


# --- Read here -------------------------------------------------------------------------------------------------------


def _days_of_pypi(answer: dict[str, list[dict[str, object]]]) -> None:
    (wanted,) = (one for one in answer["data"] if one["category"] == "without_mirrors")
    (found,) = pypi.parse_days(answer, TODAY)
    assert (found.day.isoformat(), found.value) == (wanted["date"], wanted["downloads"])


def _revenue(answer: dict[str, dict[str, list[dict[str, object]]]]) -> None:
    facts = {"us-gaap": {str(answer["tag"]): answer}}
    found = {one.day.isoformat(): one.value for one in sec.parse({"cik": answer["cik"], "facts": facts})}
    quarters = [one for one in answer["units"]["USD"] if "Q" in str(one.get("frame", ""))]
    assert quarters
    assert {one["end"]: one["val"] for one in quarters}.items() <= found.items()


def _questions(answer: dict[str, object]) -> None:
    assert stackoverflow.parse_total(answer) == answer["total"]


READ_HERE: Final[Mapping[str, Callable[..., None]]] = {
    "pypistats/doc-example-overall.json": _days_of_pypi,
    "sec-edgar/companyconcept-shape-snowflake-revenue.json": _revenue,
    "stackexchange/questions-page.json": _questions,
}


@pytest.mark.parametrize("sample", READ_HERE)
def test_a_recorded_answer_is_read_to_the_numbers_it_holds(shared: Path, sample: str) -> None:
    READ_HERE[sample](json.loads((shared / "samples" / sample).read_text()))


# --- Errors ----------------------------------------------------------------------------------------------------------

REFUSED: Final[Mapping[str, tuple[str, int, str]]] = {  # sample → source, status, type, as they were recorded
    "cran/error-404.json": ("cran", 404, "application/json"),
    "crates-io/error-403-no-user-agent.txt": ("crates", 403, "text/plain"),
    "crates-io/error-404.json": ("crates", 404, "application/json"),
    "hex/error-404-doc.json": ("hex", 404, "application/json"),
    "huggingface/redirect-307-renamed-model.txt": ("huggingface", 307, "text/plain"),
    "jsdelivr/error-404-doc.json": ("jsdelivr", 404, "application/json"),
    "mastodon/lookup-error-404.json": ("mastodon", 404, "application/json"),
    "npm/downloads-error-404.json": ("npm", 404, "application/json"),
    "npm/downloads-error-429-cloudflare-excerpt.html": ("npm", 429, "text/html"),
    "nuget/error-429-doc.json": ("nuget", 429, "application/json"),
    "packagist/error-404.json": ("packagist", 404, "application/json"),
    "pypistats/error-404.txt": ("pypi", 404, "text/html"),
    "pypistats/error-429.html": ("pypi", 429, "text/html"),
    "rubygems/error-404.txt": ("rubygems", 404, "text/plain"),
}


@pytest.mark.parametrize("status_as_recorded", [True, False], ids=["as recorded", "under a 200"])
@pytest.mark.parametrize("sample", REFUSED)
def test_a_recorded_error_is_a_failure_and_no_number(shared: Path, sample: str, status_as_recorded: bool) -> None:
    key, status, kind = REFUSED[sample]
    reply = Reply((shared / "samples" / sample).read_text(), status if status_as_recorded else 200, kind)
    with scripted([reply]) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(SOURCES[key].fetch([Ask("a/b", SOURCES[key].NAMING.example)], door, TODAY))
        door.close()
    assert outcomes
    assert all(isinstance(one, Failure) for one in outcomes), outcomes


# --- None is forgotten -----------------------------------------------------------------------------------------------


def test_every_sample_is_read_refused_or_named_with_a_reason(shared: Path) -> None:
    folder = shared / "samples"
    there = {str(path.relative_to(folder)) for path in folder.glob("*/*") if not path.name.endswith(".source.txt")}
    known = [*READ, *READ_HERE, *REFUSED, *NOT_READ]
    assert there == set(known)
    assert len(known) == len(set(known)), "each has one place"


@pytest.mark.parametrize("sample", READ)
def test_the_test_that_is_said_to_read_a_sample_names_it(sample: str) -> None:
    test, words = READ[sample]
    name = f"test_{test}.py" if test == "real_figures" else f"test_source_{test}.py"
    assert words in (Path(__file__).parent / name).read_text()
