"""What a tracker sets in the place of the templates here, or beside them: the folder `own/` beside projects.yaml.

Nothing in it is ever touched by a later version, so that taking one in meets no change of the tracker's own:

- `head.html`, `top.html` and `foot.html` are put into every page: at the end of its head, at the top of its content,
  and into its foot.
- `style.css` is loaded after the stylesheet of the site.
- A page or a part of the same name as one in `templates/` is taken instead of it. What it extends or includes as
  `groundswell/about.html` is the one from here.
- All other files go to the site as they are, below `own/`; `favicon.svg` takes the place of the one from here.
"""

from __future__ import annotations

import hashlib
import shutil
import traceback
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader, TemplateError, TemplateSyntaxError

from groundswell.models import GroundswellError

FOLDER: Final = "own"  # beside projects.yaml, and below the site
TEMPLATES: Final = Path(__file__).parent.parent / "templates"
STYLE: Final = "style.css"
_REPLACED: Final = ("favicon.svg",)  # files that the tracker may have its own of


class BrokenTemplate(GroundswellError):
    """A template of the tracker's own cannot be set."""


def loader(own: Path | None) -> BaseLoader:
    """Where templates are looked for: in the tracker's own folder first."""
    ours = FileSystemLoader(TEMPLATES)
    if own is None:
        return ours
    return ChoiceLoader([FileSystemLoader(own), ours, PrefixLoader({"groundswell": ours})])


def asset(name: str, own: Path | None) -> Path:
    """The file that goes to the site under a name."""
    if own is not None and name in _REPLACED and (own / name).is_file():
        return own / name
    return TEMPLATES / name


def style(own: Path | None) -> str:
    """Address of the tracker's own stylesheet, from the site's root, which changes with the file; "" without one."""
    if own is None or not (own / STYLE).is_file():
        return ""
    return f"{FOLDER}/{STYLE}?{hashlib.sha256((own / STYLE).read_bytes()).hexdigest()[:8]}"


def copy_files(own: Path | None, site: Path) -> None:
    """Bring to the site what is no template. Links are passed over: they could lead anywhere."""
    if own is None:
        return
    for path in sorted(own.rglob("*")):
        within = path.relative_to(own)
        hidden = any(part.startswith(".") for part in within.parts)
        if path.is_file() and not path.is_symlink() and not hidden and path.suffix not in {".html", ".md"}:
            place = site / FOLDER / within
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def fault(error: TemplateError, own: Path | None) -> str:
    """What is wrong in a template of the tracker's own, and where; "" when it is in none of them."""
    if own is None:
        return ""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        places = [(error.filename, error.lineno)]
    else:
        places = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    mine = [(Path(name), line) for name, line in places if Path(name).is_relative_to(own)]
    if not mine:
        return ""
    path, line = mine[-1]
    return f"{path}:{line}: {error.message}; mend it, or remove it to have the page as it comes"
