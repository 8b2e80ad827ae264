"""Where a tracker stands and what it is called: what projects.yaml does not say, its repository says."""

from __future__ import annotations

import pytest

from groundswell.config import Tracker
from groundswell.whereabouts import Around, NoAddress, differs, settled

UNSAID = Tracker()
SAID = Tracker("Ours", "…", "https://growth.example", "me/mine", has_own_title=True)


@pytest.mark.parametrize(
    ("repository", "title", "address"),
    [
        ("ada/oss-growth", "Oss growth", "https://ada.github.io/oss-growth"),
        ("Ada/Growth_of_X", "Growth of X", "https://ada.github.io/Growth_of_X"),
        ("Ada/ada.github.io", "Ada", "https://ada.github.io"),
    ],
)
def test_a_repository_gives_its_tracker_title_and_address(repository: str, title: str, address: str) -> None:
    found = settled(UNSAID, Around(repository=repository))
    assert (found.title, found.repository, found.address) == (title, repository, address)


def test_what_projects_yaml_says_wins_over_the_surroundings() -> None:
    around = Around("https://ada.github.io/growth", "ada/growth")
    assert settled(SAID, around) == SAID


def test_what_pages_says_wins_over_what_the_name_of_the_repository_implies() -> None:
    found = settled(UNSAID, Around("https://growth.example/", "ada/growth"))
    assert found.address == "https://growth.example"


def test_the_option_wins_over_everything() -> None:
    around = Around("https://ada.github.io/growth", "ada/growth")
    assert settled(SAID, around, "https://elsewhere.example/").address == "https://elsewhere.example"
    assert settled(SAID, around, "none").address is None


def test_a_site_may_have_no_address_to_be_told() -> None:
    assert settled(UNSAID, Around("none", "ada/growth")).address is None


def test_without_surroundings_nothing_is_made_up() -> None:
    assert settled(UNSAID, Around.of({})) == UNSAID
    assert settled(UNSAID, Around(repository="../../etc")) == UNSAID


def test_of_another_server_only_the_name_is_taken() -> None:
    found = settled(UNSAID, Around(repository="ada/growth", server="https://github.ada.example"))
    assert (found.title, found.repository, found.address) == ("Growth", None, None)


@pytest.mark.parametrize(
    "address", ["growth.example", "javascript:alert(1)", "https://a@b/", "https://a/?q", "https://"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(NoAddress, match="begins with https"):
        settled(UNSAID, Around(), address)
    with pytest.raises(NoAddress):
        settled(UNSAID, Around(address))


def test_an_address_of_somebody_elses_file_is_noticed() -> None:
    assert "take `address` out" in str(differs(SAID, Around("https://ada.github.io/growth", "ada/growth")))
    assert differs(SAID, Around("http://Growth.example/", "ada/growth")) is None
    assert differs(SAID, Around("none", "ada/growth")) is None
    assert differs(UNSAID, Around("https://ada.github.io/growth")) is None
