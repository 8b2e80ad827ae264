"""What search engines are told: robots.txt, and which pages there are, in sitemap.xml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from groundswell.addresses import lasting

ROBOTS: Final = "robots.txt"
SITEMAP: Final = "sitemap.xml"
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


def robots(root: str | None) -> str:
    """Everything may be read; `root` is the site's full address, without which a sitemap cannot be named."""
    allowed = "User-agent: *\nAllow: /\n"
    return f"{allowed}Sitemap: {root}/{SITEMAP}\n" if root else allowed


def sitemap(root: str, pages: Iterable[str], as_of: dt.date) -> str:
    """The pages by their addresses from the site's root; the scorecard's own is the root itself."""
    places = (f"{root}/{lasting(page)}" for page in sorted(pages))
    lines = (f"<url><loc>{escape(place)}</loc><lastmod>{as_of}</lastmod></url>\n" for place in places)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_NAMESPACE}">\n{"".join(lines)}</urlset>\n'
