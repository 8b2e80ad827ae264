"""Addresses on the site, and links from outside."""

from __future__ import annotations

import pytest

from groundswell import addresses


def test_a_page_is_named_after_owner_and_name_in_lower_case() -> None:
    assert addresses.project_page("Tidewater/Kelp.js") == "projects/tidewater__kelp.js.html"
    assert addresses.project_data("Tidewater/Kelp.js") == "data/projects/tidewater__kelp.js.json"


@pytest.mark.parametrize(
    "id_",
    ["", "kelp", "../..", "a/../b", "a/b/c", "a/b\n", "/etc/passwd", "a/", "-a/b", "a b/c", "a/" + "b" * 101, "ä/b"],
)
def test_nothing_else_can_name_a_page(id_: str) -> None:
    with pytest.raises(addresses.UnsafeName, match="no page can be named"):
        addresses.slug(id_)


def test_two_projects_never_share_a_page() -> None:
    assert addresses.slug("a/b__c") == "a__b__c"
    with pytest.raises(addresses.UnsafeName):
        addresses.slug("a__b/c")


def test_the_way_to_the_root_goes_up_each_folder() -> None:
    assert [addresses.to_root(page) for page in ("index.html", "projects/a.html", "x/y/z.html")] == [
        "",
        "../",
        "../../",
    ]


@pytest.mark.parametrize("link", ["https://example.org/a?b=1#c", "http://example.org", "https://example.org:8080/ü"])
def test_web_addresses_pass(link: str) -> None:
    assert addresses.safe_link(link) == link


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://example.org/%0aalert(1)", "data:text/html,x",
        "ftp://example.org/a", "file:///etc/passwd", "//example.org", "/a", "example.org", "", None, 7,
        "https://", "https:///a", "https://a b", "https://a\n.org", "https://me@example.org", "https://[::1",
        'https://example.org/"onclick="x', "https://example.org/\u202e", "https://a/" + "b" * 2000,
    ],
)  # fmt: skip
def test_nothing_but_web_addresses_passes(link: object) -> None:
    assert addresses.safe_link(link) == ""
