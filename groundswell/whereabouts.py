"""Where a tracker stands and what it is called, as far as projects.yaml does not say: from the repository it runs in.

In a workflow of GitHub the environment names the repository, and ADDRESS says where Pages puts its site.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from groundswell.config import Tracker
from groundswell.models import GroundswellError

GITHUB: Final = "https://github.com"
REPOSITORY: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]*)/([\w.-]+)", re.ASCII)
NONE: Final = "none"  # in place of an address: the site has none that is to be told
_ADDRESS: Final = re.compile(r"https?://[^\s\\<>\"'`^{|}?#@]+")


class NoAddress(GroundswellError):
    """What is given for the site's address is none."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a run's surroundings say of the tracker."""

    address: str | None = None  # of the site, as Pages tells it, or NONE
    repository: str | None = None  # owner/name
    server: str = GITHUB

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Around:
        """From the variables that a workflow sets."""
        return cls(
            environment.get("ADDRESS") or None,
            environment.get("GITHUB_REPOSITORY") or None,
            environment.get("GITHUB_SERVER_URL") or GITHUB,
        )


def settled(tracker: Tracker, around: Around, address: str | None = None) -> Tracker:
    """The tracker with its title, its repository and its site's address: `address` wins, then what projects.yaml says,
    then the surroundings. Another server than GitHub's own has its pages where nobody can tell. Raises NoAddress.
    """
    found = REPOSITORY.fullmatch(around.repository or "")
    owner, name = found.groups() if found else ("", "")
    at_github = bool(found) and around.server.rstrip("/") == GITHUB
    told = _checked(address) or tracker.address or _checked(around.address)
    return replace(
        tracker,
        title=tracker.title if tracker.has_own_title or not name else title(owner, name),
        repository=tracker.repository or (f"{owner}/{name}" if at_github else None),
        address=None if told == NONE else told or (pages(owner, name) if at_github else None),
    )


def differs(tracker: Tracker, around: Around) -> str | None:
    """A sentence for when projects.yaml names another address than Pages does: the copy of somebody else's file?"""
    if not tracker.address or not around.address or around.address == NONE:
        return None
    if _plain(tracker.address) == _plain(around.address):
        return None
    return (
        f"projects.yaml says that the site stands at {tracker.address}, Pages publishes it at {around.address}: "
        "take `address` out of projects.yaml, unless it leads there"
    )


def pages(owner: str, name: str) -> str:
    """Where GitHub publishes the pages of a repository: at its owner's own address when it is named after that."""
    home = f"{owner.lower()}.github.io"
    return f"https://{home}" if name.lower() == home else f"https://{home}/{name}"


def title(owner: str, name: str) -> str:
    """A repository's name as a title: "oss-growth" is "Oss growth"; a user's own site has its owner's name."""
    words = owner if name.lower() == f"{owner.lower()}.github.io" else re.sub(r"[-_]+", " ", name).strip()
    return words[:1].upper() + words[1:] or name


def _checked(address: str | None) -> str | None:
    if not address or address == NONE:
        return address or None
    plain = address.strip().rstrip("/")
    if not _ADDRESS.fullmatch(plain) or not urlsplit(plain).hostname:
        raise NoAddress(f"{address!r} is not the address of a site: it begins with https://")
    return plain


def _plain(address: str) -> str:
    return address.lower().rstrip("/").partition("://")[2]
