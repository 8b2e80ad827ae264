"""Where things stand on the site: addresses that last, and which links from outside may pass."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from groundswell.models import GroundswellError

_ID: Final = re.compile(
    r"([a-z0-9](?:[a-z0-9-]|_(?=[a-z0-9])){0,38})/([a-z0-9._-]{1,100})"  # no "__" in an owner, for it parts the two
)
_ODD: Final = re.compile(r"[\s\x00-\x1f\x7f\\<>\"'`^{|}\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")


class UnsafeName(GroundswellError):
    """A project's id cannot be a file's name."""


def slug(project_id: str) -> str:
    """`Owner/Name` as a file's name: `owner__name`. Raises UnsafeName for anything that is not an owner and a name."""
    found = _ID.fullmatch(project_id.lower())
    if found is None:
        raise UnsafeName(f"{project_id!r} is not owner/name; no page can be named after it")
    return f"{found[1]}__{found[2]}"


def project_page(project_id: str) -> str:
    """Address of a project's page, from the site's root."""
    return f"projects/{slug(project_id)}.html"


def category_pages(names: Iterable[str]) -> Mapping[str, str]:
    """Address of each category's page. A name that says nothing in plain letters, or the same as another, has a number
    made from it, so that no page takes another's place.
    """
    found: dict[str, str] = {}
    for name in sorted(set(names)):
        words = _NOT_PLAIN.sub("-", name.lower()).strip("-")[:60].strip("-")
        address = f"categories/{words}.html"
        if not words or address in found.values():
            number = hashlib.sha256(name.encode()).hexdigest()[:8]
            address = f"categories/{words or 'category'}-{number}.html"
        found[name] = address
    return found


def project_data(project_id: str, form: str = "json") -> str:
    """Address of a project's figures, from the site's root: as json, or as a table in csv."""
    return f"data/projects/{slug(project_id)}.{form}"


def edition(last: dt.date) -> str:
    """Address of the page of a closed month, from the site's root."""
    return f"{last:%Y-%m}/index.html"


def edition_picture(last: dt.date) -> str:
    """Address of the picture of a closed month, from the site's root."""
    return f"{last:%Y-%m}/picture.png"


def lasting(address: str) -> str:
    """An address as it is told to others: that of a folder's own page is the folder's."""
    return address.removesuffix("index.html")


def project_months(project_id: str) -> str:
    """Address of a project's metrics by months, from the site's root."""
    return f"data/months/{slug(project_id)}.json"


def project_picture(project_id: str) -> str:
    """Address of a project's picture for sharing, from the site's root."""
    return f"pictures/{slug(project_id)}.png"


def to_root(address: str) -> str:
    """The way from a page back to the site's root: `../` for each folder that it stands in."""
    return "../" * address.count("/")


def safe_link(address: object) -> str:
    """The address when it is an http(s) one without anything odd in it, else nothing. For all that is from outside."""
    if not isinstance(address, str) or len(address) > 2000 or _ODD.search(address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc else ""
