"""The form by which somebody proposes a project: the text of an issue, taken apart field by field.

GitHub writes a heading for each field and what was filled in below it. Anybody can write any text into an issue, so
nothing is guessed: what is not exactly as the form writes it, or no name that can stand in `projects.yaml`, is refused
and said. The last field is for people, and is not read.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from groundswell.config_shape import folded, repository_of
from groundswell.markdown import code
from groundswell.models import GroundswellError, Naming

REPOSITORY, PACKAGES, CATEGORY, TAGS, REST = HEADINGS = (
    "Repository on GitHub",
    "Packages",
    "Category",
    "Tags",
    "Anything else",
)
NOTHING: Final = "_No response_"  # what GitHub writes for a field that was left empty
LONGEST_BODY: Final = 20_000  # characters
LONGEST_LINE: Final = 300  # of a field that is read
MOST_LINES: Final = 40  # of packages
MOST_NAMES: Final = 20  # packages in all
LONGEST_CATEGORY: Final = 60
LONGEST_TAG: Final = 40
MOST_TAGS: Final = 10
NOT_HERE: Final = frozenset({"github", "traffic"})  # sources for which a stranger names nothing
_LINE: Final = re.compile(r"(?:[-*] )?[`\"']?([A-Za-z][A-Za-z_]{1,30})[`\"']?[ \t]*:[ \t]*(\S.*)")
_MIXING: Final = ("LATIN", "CYRILLIC", "GREEK")  # scripts with letters that look the same


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody proposes: of each field what can stand in `projects.yaml`."""

    repository: str
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # source → names; none: to be looked up
    category: str = ""
    tags: tuple[str, ...] = ()


class WrongForm(GroundswellError):
    """The text cannot be used. `faults` say why, in Markdown, for the person who wrote it."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def is_form(body: str | None) -> bool:
    """Whether a text begins as the form's do."""
    return (body or "").lstrip().startswith(f"### {REPOSITORY}")


def namings_here(namings: Mapping[str, Naming]) -> Mapping[str, Naming]:
    """What may be named in the form: nothing that makes a host of somebody's be asked."""
    return {key: naming for key, naming in namings.items() if key not in NOT_HERE and not naming.names_host}


def read(body: str | None, namings: Mapping[str, Naming]) -> Wish:
    """What the text of an issue proposes. Raises WrongForm with all that is wrong."""
    fields = _fields(body or "")
    faults: list[str] = []
    repository = _repository(fields[REPOSITORY], faults)
    packages = _packages(fields[PACKAGES], namings_here(namings), faults)
    category = _words(CATEGORY, fields[CATEGORY], LONGEST_CATEGORY, faults)
    tags = _tags(fields[TAGS], faults)
    if faults:
        raise WrongForm(faults)
    return Wish(repository, packages, category, tags)


# --- Fields ----------------------------------------------------------------------------------------------------------


def _fields(body: str) -> Mapping[str, list[str]]:
    """Heading → the lines below it that hold something."""
    if len(body) > LONGEST_BODY:
        raise WrongForm([f"The text is too long: at most {LONGEST_BODY:,} characters are read."])
    rows = re.split(r"\r\n|\n|\r", body)
    found: dict[str, list[str]] = {}
    for row in rows:
        heading = row.rstrip()[4:] if row.startswith("### ") else None
        if heading is not None:
            if len(found) == len(HEADINGS) or heading != HEADINGS[len(found)]:
                raise WrongForm([_not_the_form(heading)])
            found[heading] = []
            if heading == REST:
                return found
        elif any(unicodedata.category(sign) == "Cc" and sign != "\t" for sign in row):
            raise WrongForm([f"There are control characters in {code(row.strip(), 80)}; take them out."])
        elif row.strip() and found:
            found[next(reversed(found))].append(row.strip())
        elif row.strip():
            raise WrongForm([_not_the_form(row.strip())])
    raise WrongForm([_not_the_form("")])


def _not_the_form(found: str) -> str:
    wanted = ", ".join(HEADINGS)
    what = f" What does not fit is {code(found, 80)}." if found else ""
    return f"This is not as the form writes it. It needs the headings {wanted}, each once and in this order.{what}"


def _filled(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line != NOTHING]


def _one_line(what: str, lines: Sequence[str], faults: list[str]) -> str:
    """The one line of a field; nothing when it is empty."""
    filled = _filled(lines)
    if len(filled) > 1:
        faults.append(f"{what}: one line is wanted, and there are {len(filled)}.")
        return ""
    text = filled[0] if filled else ""
    if len(text) > LONGEST_LINE:
        faults.append(f"{what}: it is too long.")
        return ""
    return text


def _repository(lines: Sequence[str], faults: list[str]) -> str:
    before = len(faults)
    text = _one_line(REPOSITORY, lines, faults)
    found = repository_of(text)
    if not found and len(faults) == before:
        what = f", not {code(text)}" if text else ""
        faults.append(f"{REPOSITORY}: the address of a repository on GitHub is wanted, or owner/name{what}.")
    return found


def _packages(lines: Sequence[str], namings: Mapping[str, Naming], faults: list[str]) -> Mapping[str, tuple[str, ...]]:
    filled = _filled(lines)
    if len(filled) > MOST_LINES:
        faults.append(f"{PACKAGES}: at most {MOST_LINES} lines are read.")
        return {}
    found: dict[str, list[str]] = {}
    for line in filled:
        match = _LINE.fullmatch(line) if len(line) <= LONGEST_LINE else None
        if match is None:
            faults.append(f"{PACKAGES}: a line such as `pypi: polars` is wanted, not {code(line, 80)}.")
            continue
        key = match[1].lower()
        if key not in namings:
            faults.append(
                f"{PACKAGES}: {code(match[1])} is none of the registries and places here{_near(key, namings)}."
            )
            continue
        names = found.setdefault(key, [])
        for name in filter(None, (part.strip().strip("`\"'") for part in match[2].strip("[]").split(","))):
            if re.fullmatch(namings[key].pattern, name) is None:
                naming = namings[key]
                faults.append(f"{PACKAGES}: {code(name, 80)} is not {naming.meaning}, such as {code(naming.example)}.")
            elif folded(name) not in map(folded, names):
                names.append(name)
    if sum(map(len, found.values())) > MOST_NAMES:
        faults.append(f"{PACKAGES}: at most {MOST_NAMES} can be proposed by the form.")
    return {key: tuple(names) for key, names in found.items() if names}


def _near(key: str, namings: Mapping[str, Naming]) -> str:
    near = difflib.get_close_matches(key, namings, 1, 0.5)
    return f"; did you mean {code(near[0])}?" if near else f": {', '.join(map(code, namings))}"


def _tags(lines: Sequence[str], faults: list[str]) -> tuple[str, ...]:
    text = _one_line(TAGS, lines, faults)
    names = [
        name
        for part in text.split(",")
        if (name := _words(TAGS, [part.strip()] if part.strip() else [], LONGEST_TAG, faults))
    ]
    if len(names) > MOST_TAGS:
        faults.append(f"{TAGS}: at most {MOST_TAGS} can be proposed by the form.")
    first = {folded(name): name for name in reversed(names)}
    return tuple(name for name in names if first[folded(name)] is name)


# --- Words -----------------------------------------------------------------------------------------------------------


def _words(what: str, lines: Sequence[str], most: int, faults: list[str]) -> str:
    """Words for people that may stand in the list and on the pages."""
    text = _one_line(what, lines, faults)
    if not text:
        return ""
    wrong = next(_wrong(text, most), "")
    if wrong:
        faults.append(f"{what}: {wrong}, in {code(text, 80)}.")
        return ""
    return text


def _wrong(text: str, most: int) -> Iterator[str]:
    if len(text) > most:
        yield f"at most {most} characters are wanted"
    if any(unicodedata.category(sign)[0] == "C" or unicodedata.category(sign) in ("Zl", "Zp") for sign in text):
        yield "a sign that cannot be seen is not wanted"
    if not any(sign.isalnum() for sign in text):
        yield "a letter is wanted"
    if unicodedata.normalize("NFKC", text) != text:
        yield "letters in another form than usual are not wanted"
    for word in re.findall(r"\w+", text):
        scripts = {name for sign in word if (name := unicodedata.name(sign, "").partition(" ")[0]) in _MIXING}
        if len(scripts) > 1:
            yield "letters of several scripts in one word are not wanted, since they look alike"
