"""What owners bring, read like a source: from a file, an address, a variable; and what is said when it is not there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from groundswell import history as histories
from groundswell.catalogue import metrics_of
from groundswell.gather import Gathered, gather, plan
from groundswell.history import History
from groundswell.http import Broken, Door, Outside
from groundswell.models import OWN, Answer, Failure, Kind, Measured, Missing, Origin, OwnFigure, Project
from groundswell.own_figures import among
from groundswell.own_index import series
from groundswell.stages import assess
from tests.owners import figure, month_ends
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 20)
TABLE = "date,revenue\n" + "".join(f"{day:%Y-%m},{50_021 + 1_013 * n}\n" for n, day in enumerate(month_ends(TODAY, 14)))
Outcomes = list[Answer | Failure]


def project(*figures: OwnFigure) -> Project:
    return Project("tidewater/kelp", "Kelp", "X", targets={"github": ("",), OWN: ("",)}, figures=figures)


def asked(folder: Path, *figures: OwnFigure, book: History | None = None, door: Door | None = None) -> Outcomes:
    books = {"tidewater/kelp": book or History("tidewater/kelp")}
    tracked = [project(*figures)]
    sources = among({}, tracked, folder, books)
    asks = plan(tracked, sources, books)[OWN]
    return list(sources[OWN].fetch(asks, door or Door(Outside()), TODAY))


def put(folder: Path, text: str = TABLE, place: str = "figures/kelp.csv") -> None:
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(text)


def given(outcomes: Outcomes) -> Mapping[str, list[float]]:
    (answer,) = (one for one in outcomes if isinstance(one, Answer))
    found: dict[str, list[float]] = {}
    for one in answer.observations:
        found.setdefault(one.signal, []).append(one.value)
    return found


def reason(outcomes: Outcomes) -> str:
    (failure,) = (one for one in outcomes if isinstance(one, Failure))
    assert failure.signals == (figure().signal,)
    return failure.reason


def test_a_relative_figure_answers_with_its_index_and_notes_its_base(tmp_path: Path) -> None:
    put(tmp_path)
    (answer,) = asked(tmp_path, figure())
    assert isinstance(answer, Answer)
    assert answer.observations[-1].value == 100
    assert {one.signal for one in answer.observations} == {"revenue.index"}
    assert answer.state == {"bases": {"revenue.index": "2026-10-31"}}


def test_an_absolute_figure_answers_with_what_the_table_says(tmp_path: Path) -> None:
    put(tmp_path)
    assert given(asked(tmp_path, figure(relative=False)))["revenue"][0] == 50_021


def test_an_address_is_asked_once_for_all_of_its_figures() -> None:
    at = {"origin": Origin.ADDRESS, "place": "https://kelp.example/figures.csv"}
    table = "date,revenue,leads\n2026-09,50021,70\n2026-10,50922,80\n"
    with scripted([Reply(table, kind="text/csv; charset=utf-8")]) as server:
        door = Door(Outside(stand_in=server.address))
        found = given(asked(Path(), figure(**at), figure(key="leads", column="leads", relative=False, **at), door=door))
        door.close()
    assert found["leads"] == [70, 80]
    assert server.requests == ["/kelp.example/figures.csv"]


def test_a_variable_that_is_not_set_is_nobodys_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIGURES_KELP", " \n")
    outcomes = asked(tmp_path, figure(origin=Origin.ENVIRONMENT, place="FIGURES_KELP"))
    assert reason(outcomes).endswith("it is not set here: set FIGURES_KELP in the environment")
    assert [one.deferred for one in outcomes if isinstance(one, Failure)] == [True]


def test_a_variable_holds_the_table_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIGURES_KELP", TABLE)
    assert given(asked(tmp_path, figure(origin=Origin.ENVIRONMENT, place="FIGURES_KELP")))["revenue.index"][-1] == 100


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert reason(asked(tmp_path, figure())) == "have no revenue (their file figures/kelp.csv): there is no such file"


def test_no_link_leads_out_of_the_repository(tmp_path: Path) -> None:
    put(tmp_path, place="elsewhere/kelp.csv")
    inside = tmp_path / "repository"
    (inside / "figures").mkdir(parents=True)
    (inside / "figures/kelp.csv").symlink_to(tmp_path / "elsewhere/kelp.csv")
    assert "it leads out of what the repository shows" in reason(asked(inside, figure()))
    (inside / "figures/kelp.csv").unlink()
    (inside / "figures").rmdir()
    (inside / "figures").symlink_to(tmp_path / "elsewhere")
    assert "it leads out of what the repository shows" in reason(asked(inside, figure()))


def test_no_link_leads_into_a_hidden_folder(tmp_path: Path) -> None:
    put(tmp_path, place=".git/config.csv")
    (tmp_path / "figures").symlink_to(tmp_path / ".git")
    assert "it leads out of what" in reason(asked(tmp_path, figure(place="figures/config.csv")))


def test_a_file_has_an_end(tmp_path: Path) -> None:
    put(tmp_path, TABLE + " " * 5_000_001)
    assert "larger than 5 MB" in reason(asked(tmp_path, figure()))


def test_one_figures_mistake_leaves_the_others(tmp_path: Path) -> None:
    put(tmp_path, "date,revenue,leads\n2026-09,48213.x,70\n2026-10,50922,80\n")
    outcomes = asked(tmp_path, figure(), figure(key="leads", column="leads", relative=False))
    assert given(outcomes) == {"leads": [70, 80]}
    assert "line 2: expected a number" in reason(outcomes)
    assert "48213" not in reason(outcomes)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply("<html>", kind="text/html"), "their address answered with text/html instead of a table (CSV)"),
        (Reply("gone", 404, "text/plain"), "their address has nothing of that name (404)"),
        (Reply("date,value\n2026-10,x\n", kind="text/csv"), "(their address): line 2: expected a number"),
        (Reply("date,value\n" + "x" * 6_000_000, kind="text/csv"), "it is larger than 5 MB"),
        (Reply("", 302, headers=(("Location", "https://elsewhere.example/hidden-word"),)), "redirect to another host"),
    ],
)
def test_what_an_address_does_wrong_is_said_without_the_address(reply: Reply, said: str) -> None:
    with scripted([reply] * 6) as server:
        door = Door(Outside(stand_in=server.address))
        found = reason(
            asked(Path(), figure(origin=Origin.ADDRESS, place="https://kelp.example/hidden-word"), door=door)
        )
        door.close()
    assert said in found
    assert "hidden-word" not in found


def test_an_address_inside_our_own_network_is_not_asked() -> None:
    door = Door(Outside())
    with pytest.raises(Broken, match="private network"):
        door.table("https://169.254.169.254/figures.csv")
    door.close()


def test_a_figure_that_is_relative_now_loses_the_levels_that_it_had(tmp_path: Path) -> None:
    put(tmp_path)
    day = dt.date(2026, 10, 31)
    book = History("tidewater/kelp", {"figures.revenue": series({day: 5.0}), "github.stars": series({day: 9.0})},
                   observed_since={"figures.revenue": day, "github.stars": day})  # fmt: skip
    books = {"tidewater/kelp": book}
    among({}, [project(figure())], tmp_path, books)
    assert set(books["tidewater/kelp"].columns) == {"github.stars"}
    assert set(books["tidewater/kelp"].observed_since) == {"github.stars"}
    among({}, [project(figure(relative=False))], tmp_path, books := {"tidewater/kelp": book})
    assert set(books["tidewater/kelp"].columns) == {"figures.revenue", "github.stars"}


def gathered(folder: Path, tracked: list[Project], today: dt.date) -> tuple[Gathered, Mapping[str, History]]:
    books = {one.id: histories.load(folder / "history", one.id) for one in tracked}
    sources = among({}, tracked, folder, books)
    asks = plan(tracked, sources, books)
    return gather(asks, books, sources, Door(Outside()), folder / "history", today, lambda _: None), books


def measured(folder: Path, today: dt.date, wanted: OwnFigure) -> Measured:
    _, books = gathered(folder, [project(wanted)], today)
    return assess(project(wanted), books["tidewater/kelp"], {}, {OWN: "Own figures"}, {}, today).metrics[wanted.metric]


@pytest.mark.parametrize("relative", [True, False])
def test_a_figure_that_nobody_keeps_up_ages_and_is_missing_when_the_next_is_long_due(
    tmp_path: Path, relative: bool
) -> None:
    put(tmp_path)
    wanted = figure(relative=relative)
    assert measured(tmp_path, TODAY, wanted).missing is None
    assert measured(tmp_path, dt.date(2026, 12, 28), wanted).missing is None, "November's books may not be closed"
    late = measured(tmp_path, dt.date(2027, 1, 3), wanted)
    assert late.missing is not None
    assert "last seen 2026-10-31" in late.missing.reason
    assert isinstance(late.growth, Missing)


def test_a_figure_that_breaks_keeps_its_last_value_with_the_reason(tmp_path: Path) -> None:
    put(tmp_path)
    wanted = figure(kind=Kind.CLOSING)
    before = measured(tmp_path, TODAY, wanted)
    put(tmp_path, TABLE + "2026-10-15,4\n")
    after = measured(tmp_path, dt.date(2026, 12, 28), wanted)
    assert after.series.values[-1] == before.series.values[-1]
    assert after.stale is not None
    assert "Own figures have no revenue (their file figures/kelp.csv): line 16: expected a month" in after.stale.reason


def test_what_owners_bring_reaches_nobody_outside(tmp_path: Path) -> None:
    """A run that reached no source is none, though the owner's own file was there to be read."""
    put(tmp_path)
    result, _ = gathered(tmp_path, [project(figure())], TODAY)
    assert result.answered == 0
    assert result.reached, "nobody else was asked"
    result, _ = gathered(tmp_path, [project(figure(place="none.csv"))], TODAY)
    assert result.reached
    outside = Failure("npm", "tidewater/kelp", "kelp", "could not be reached")
    assert not Gathered({}, (outside,), 0).reached


def test_every_figure_of_a_project_is_a_metric_of_it(tmp_path: Path) -> None:
    both = project(figure(), figure(key="leads", column="leads"))
    assert [metric.key for metric in metrics_of(both)][-2:] == ["own_revenue", "own_leads"]
    assert tmp_path
