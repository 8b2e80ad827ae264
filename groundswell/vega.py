"""Vega's scripts and the specification that they draw by, as files of the site.

Making them takes seconds, so they are kept in `build/` between runs. Their names change with what is in them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from groundswell.history import write_whole

MADE: Final = Path(__file__).parent.parent / "build"
SNIPPET: Final = "window.vegaEmbed = vegaEmbed;"
NOTICE: Final = """\
/*! Vega, Vega-Lite, Vega-Embed, Vega-Tooltip and their parts, as bundled by vl-convert {version}.
Copyright (c) 2015-2025, University of Washington Interactive Data Lab and contributors. BSD-3-Clause.
With d3 (Copyright 2010-2023 Mike Bostock, ISC) and lodash.debounce (Copyright JS Foundation and contributors, MIT).
Redistribution and use, with or without modification, are permitted provided that this notice, and the disclaimers of
these licences (the software is provided as is, without warranty of any kind), are retained. */
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the site with a print of its text in its name, so that it can be kept for ever."""

    name: str
    text: str


def asset(name: str, ending: str, text: str) -> Asset:
    """A file that is named after what is in it."""
    return Asset(f"vega/{name}-{_print_of(text)}.{ending}", text)


@cache
def scripts() -> Asset:
    """Vega, Vega-Lite and Vega-Embed as one script, which makes `vegaEmbed` known to the page."""
    installed = version("vl-convert-python")
    bundle = _kept(MADE / f"vega-{installed}-{_print_of(SNIPPET)}.js", _bundle)
    return asset("vega", "js", NOTICE.format(version=installed) + bundle)


@cache
def specifications() -> Asset:
    """The specifications of Compare's picture, by what runs along it and by its upright scale."""
    code = Path(__file__).with_name("lines.py").read_text(encoding="utf-8")
    text = _kept(MADE / f"lines-{version('altair')}-{_print_of(code)}.json", _written)
    return asset("lines", "json", text)


def _bundle() -> str:
    import vl_convert  # noqa: PLC0415 (a second, and only where nothing is kept)

    return vl_convert.javascript_bundle(SNIPPET)


def _written() -> str:
    from groundswell import lines  # noqa: PLC0415 (Altair takes a second to import, and as long to write)

    return json.dumps(lines.specifications(), separators=(",", ":"), sort_keys=True) + "\n"


def _kept(made: Path, make: Callable[[], str]) -> str:
    """What was made before, or else now; a folder that cannot be written to costs the seconds again, and no more."""
    if made.is_file():
        return made.read_text(encoding="utf-8")
    text = make()
    with suppress(OSError):
        made.parent.mkdir(parents=True, exist_ok=True)
        write_whole(made, text)
    return text


def _print_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
