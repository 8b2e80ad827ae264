"""Taking over a history: good rows are kept, broken ones counted and named, nothing observed is replaced."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import pytest

from groundswell import history, import_history, sources
from groundswell.history import History
from groundswell.import_history import NotTidy, Tidy, UnknownSignal
from groundswell.models import GroundswellError, Series

TODAY = dt.date(2026, 11, 22)
NAMINGS = sources.namings(sources.load())
SIGNALS = {"star_count": "github.stars", "github.forks": "github.forks"}


def tidy(path: Path, *rows: str, header: str = "date,project,metric,value") -> Tidy:
    path.write_text("\n".join([header, *rows]) + "\n")
    return import_history.read(path, SIGNALS, TODAY, lambda _: None)


def test_rows_become_observations(tmp_path: Path) -> None:
    found = tidy(tmp_path / "t.csv", "2026-11-01,a/b,star_count,10", "2026-11-08,a/b,star_count,12.5")
    import_history.into_history(found, tmp_path / "h", lambda _: None)
    series = history.load(tmp_path / "h", "a/b").series("github.stars")
    assert series.values.tolist() == [10, 12.5]
    assert series.last_day == dt.date(2026, 11, 8)


def test_a_gzip_file_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"date,project,metric,value\n2026-11-01,a/b,star_count,10\n"))
    assert import_history.read(path, SIGNALS, TODAY, lambda _: None).rows == 1


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("2026-11-01,a/b,star_count", "line 3: 3 fields instead of 4"),
        ("2026-13-01,a/b,star_count,1", "line 3: '2026-13-01' is not a day such as 2026-11-22"),
        ("2026-11-23,a/b,star_count,1", "line 3: 2026-11-23 has not come yet"),
        ("2026-11-01,ab,star_count,1", "line 3: 'ab' is not owner/name"),
        ("2026-11-01,../../etc,star_count,1", "line 3: '../../etc' is not owner/name"),
        ("2026-11-01,a/b,star_count,many", "line 3: 'many' is not a number that is 0 or more"),
        ("2026-11-01,a/b,star_count,-1", "line 3: '-1' is not a number that is 0 or more"),
        ("2026-11-01,a/b,star_count,nan", "line 3: 'nan' is not a number that is 0 or more"),
    ],
)
def test_a_broken_row_is_named_and_the_good_ones_are_kept(tmp_path: Path, row: str, complaint: str) -> None:
    found = tidy(tmp_path / "t.csv", "2026-11-01,a/b,star_count,10", row, "2026-11-08,a/b,star_count,12")
    assert (found.broken, found.complaints) == (1, [complaint])
    assert len(found.series["a/b", "github.stars"]) == 2


def test_a_blank_value_is_missing_and_not_zero(tmp_path: Path) -> None:
    found = tidy(tmp_path / "t.csv", "2026-11-01,a/b,star_count,10", "2026-11-08,a/b,star_count,")
    assert (found.blank, found.broken, len(found.series["a/b", "github.stars"])) == (1, 0, 1)


def test_metrics_that_become_nothing_are_counted(tmp_path: Path) -> None:
    found = tidy(tmp_path / "t.csv", "2026-11-01,a/b,star_count,10", "2026-11-01,a/b,rank,3")
    assert found.others == {"rank": 1}
    assert "1 rows of metrics that became no signal: rank" in import_history.report(found)


def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    rows = "".join(f"2026-11-{day:02},a/b,star_count,{day}\n" for day in range(1, 23)) * 2000
    whole = gzip.compress(b"date,project,metric,value\n" + rows.encode())
    path = tmp_path / "t.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    found = import_history.read(path, SIGNALS, TODAY, lambda _: None)
    assert found.rows > 1000
    assert any("breaks off here" in complaint for complaint in found.complaints)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x1f\x8b\x00", b"\xff\xfe\x00\x00"])
def test_what_is_not_tidy_is_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    for name in ("t.csv", "t.csv.gz"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(NotTidy):
            import_history.read(tmp_path / name, SIGNALS, TODAY, lambda _: None)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotTidy, match="No such file"):
        import_history.read(tmp_path / "t.csv", SIGNALS, TODAY, lambda _: None)


def test_a_signal_that_no_source_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownSignal, match=r"did you mean github\.stars"):
        import_history.renames(["stars=github.star"], ["github.stars", "npm.downloads"])
    with pytest.raises(UnknownSignal, match="metric=signal"):
        import_history.renames(["stars"], ["github.stars"])


def test_what_was_observed_here_stays(tmp_path: Path) -> None:
    day = TODAY.toordinal()
    own = Series(np.array([day]), np.array([50.0]))
    book = History("a/b", {"github.stars": own}, {"github.stars": TODAY})
    history.save(tmp_path / "h", book)
    found = tidy(tmp_path / "t.csv", "2026-11-22,a/b,star_count,10", "2026-11-21,A/B,star_count,9")
    import_history.into_history(found, tmp_path / "h", lambda _: None)
    assert history.load(tmp_path / "h", "a/b").series("github.stars").values.tolist() == [9, 50]


def test_projects_are_added_and_those_no_longer_observed_stand_as_comments(tmp_path: Path) -> None:
    found = tidy(tmp_path / "t.csv", "2026-11-01,a/b,star_count,1", "2026-11-21,c/d,star_count,1")
    path = tmp_path / "projects.yaml"
    assert import_history.add_projects(path, found, NAMINGS) == 1
    assert path.read_text() == "projects:\n  # - github: a/b  # not observed after 2026-11-01\n  - github: c/d\n"


def test_adding_again_changes_nothing_and_keeps_comments(tmp_path: Path) -> None:
    path = tmp_path / "projects.yaml"
    path.write_text("# mine\nprojects:\n  - github: C/D  # first\n")
    found = tidy(tmp_path / "t.csv", "2026-11-21,c/d,star_count,1", "2026-11-21,e/f,star_count,1")
    assert import_history.add_projects(path, found, NAMINGS) == 1
    assert path.read_text() == "# mine\nprojects:\n  - github: C/D  # first\n  - github: e/f\n"
    assert import_history.add_projects(path, found, NAMINGS) == 0


def test_entries_go_to_the_end_of_the_list_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "projects.yaml"
    path.write_text("projects:\n  - github: c/d\ntracker:\n  title: Mine\n")
    found = tidy(tmp_path / "t.csv", "2026-11-21,e/f,star_count,1")
    assert import_history.add_projects(path, found, NAMINGS) == 1
    assert path.read_text() == "projects:\n  - github: c/d\n  - github: e/f\ntracker:\n  title: Mine\n"


def test_a_name_that_no_repository_can_have_stands_as_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "projects.yaml"
    found = tidy(tmp_path / "t.csv", "2026-11-21,a/b.git,star_count,1", "2026-11-21,e/f,star_count,1")
    assert import_history.add_projects(path, found, NAMINGS) == 1
    assert "  # - github: a/b.git  # not a name that a repository can have\n  - github: e/f\n" in path.read_text()


def test_a_list_that_cannot_take_entries_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "projects.yaml"
    text = "projects: [{github: c/d}]\n"
    path.write_text(text)
    found = tidy(tmp_path / "t.csv", "2026-11-21,e/f,star_count,1")
    with pytest.raises(GroundswellError, match="cannot be added"):
        import_history.add_projects(path, found, NAMINGS)
    assert path.read_text() == text
