"""The feed: what is new, as Atom (RFC 4287). An entry is known by its lasting address, and dated by its data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from groundswell.config import Tracker

FEED: Final = "feed.xml"
MOST_ENTRIES: Final = 60  # the newest; older ones stand on their pages
_ATOM: Final = "http://www.w3.org/2005/Atom"
_FORBIDDEN: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no place for


@dataclass(frozen=True, slots=True)
class Entry:
    """Something new on the site."""

    address: str  # from the site's root, with a fragment for a part of a page: its lasting name, so never used twice
    title: str
    summary: str  # plain text
    day: dt.date  # that it was published on
    updated: dt.date  # that it was changed on last


def atom(entries: Iterable[Entry], tracker: Tracker, as_of: dt.date) -> str:
    """The feed of a tracker that knows its address, the newest entries first.

    `as_of` dates a feed that has no entry yet. Without an address there is no feed: every id in it must be one that
    nobody else in the world has.
    """
    assert tracker.address is not None
    shown = sorted(entries, key=lambda one: (-one.updated.toordinal(), -one.day.toordinal(), one.address))[
        :MOST_ENTRIES
    ]
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _text(root, "id", f"{tracker.address}/{FEED}")
    _text(root, "title", tracker.title)
    _text(root, "subtitle", tracker.description)
    _text(root, "updated", _moment(shown[0].updated if shown else as_of))
    _text(ET.SubElement(root, "author"), "name", tracker.title)
    _link(root, "self", f"{tracker.address}/{FEED}", "application/atom+xml")
    _link(root, "alternate", f"{tracker.address}/", "text/html")
    for one in shown:
        entry = ET.SubElement(root, "entry")
        _text(entry, "id", f"{tracker.address}/{one.address}")
        _text(entry, "title", one.title)
        _text(entry, "published", _moment(one.day))
        _text(entry, "updated", _moment(one.updated))
        _link(entry, "alternate", f"{tracker.address}/{one.address}", "text/html")
        _text(entry, "summary", one.summary)
    ET.indent(root, space=" ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _text(parent: ET.Element, tag: str, text: str) -> None:
    """Plain text, which is what Atom takes a text for that does not say otherwise."""
    ET.SubElement(parent, tag).text = _FORBIDDEN.sub("", text)


def _link(parent: ET.Element, rel: str, address: str, media: str) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": address, "type": media})


def _moment(day: dt.date) -> str:
    return f"{day}T00:00:00Z"
