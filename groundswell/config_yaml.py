"""Read a YAML file that anybody may have written: plain values, the line of each, and every mistake in plain words.

Nothing in the file is ever run or built: only texts, numbers, lists and mappings come out. Size, depth and the number
of values are bounded, so that no file can take all the memory or time.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final

import yaml

from groundswell.models import GroundswellError

MOST_BYTES: Final = 1_000_000
MOST_VALUES: Final = 50_000  # after aliases are unfolded; a thousand projects have about 10,000
MOST_DEPTH: Final = 20
MOST_SHOWN: Final = 80  # characters of the file's own text in a message

Place = tuple[str | int, ...]  # the way to a value: ("projects", 3, "tags", 0)

_CORE: Final = "tag:yaml.org,2002:"
_NUMBERS: Final = (_CORE + "int", _CORE + "float")
_KINDS: Final[Mapping[type[yaml.Node], frozenset[str]]] = {  # the tags that are let through; "value" is a lone "="
    yaml.MappingNode: frozenset({_CORE + "map"}),
    yaml.SequenceNode: frozenset({_CORE + "seq"}),
    yaml.ScalarNode: frozenset(
        _CORE + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
    ),
}
_DECIMAL: Final = re.compile(
    r"[-+]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{0,17})?(?:[eE][-+]?[0-9]{1,3})?|[-+]?\.[0-9]{1,17}"
)
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_UNREADABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in the file that its author must mend. As a text it is one line."""

    file: str
    line: int  # 1 is the first; 0 when there is no line to point at
    entry: str  # the project it stands in, or the part of the file; "" is the file as a whole
    text: str

    def __str__(self) -> str:
        return ": ".join(
            part for part in (f"{self.file}:{self.line}" if self.line else self.file, self.entry, self.text) if part
        )


class ConfigError(GroundswellError):
    """The file as a whole cannot be used. `mistakes` are all that were found, in the order of lines."""

    status: ClassVar[int] = 2

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake before it is known which file and which entry it belongs to."""

    line: int
    text: str
    place: Place = ()


class Unusable(GroundswellError):
    """Nothing can be made of the file; `faults` say why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.text for fault in faults))


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A bare word that YAML takes for a truth value, a date or an unusual number, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a YAML file says, and where."""

    value: object  # of str, int, float, None, Unquoted, list and dict with texts as keys
    faults: tuple[Fault, ...]  # what is wrong whatever the file is for: duplicate keys, tags
    nodes: Mapping[Place, tuple[int, yaml.Node]] = field(repr=False)  # line and node of every value

    def nearest(self, place: Place) -> Place:
        """The place itself if something stands there, otherwise that of the nearest thing around it."""
        while place not in self.nodes:
            place = place[:-1]
        return place

    def line(self, place: Place) -> int:
        """The line of what is nearest to a place: of its key, if it has one."""
        return self.nodes[self.nearest(place)][0]

    def found(self, place: Place) -> str:
        """What is nearest to a place, in words: "the number 1.0", "a list"."""
        return _in_words(self.nodes[self.nearest(place)][1])

    def written(self, place: Place) -> str:
        """The text of what is nearest to a place, as it is written; "" for lists and mappings."""
        node = self.nodes[self.nearest(place)][1]
        return node.value if isinstance(node, yaml.ScalarNode) else ""

    def is_bare(self, place: Place) -> bool:
        """Whether it would be a text if it stood in quotes."""
        return bool(self.written(place)) and self.nodes[self.nearest(place)][1].tag != _CORE + "str"

    def is_refused(self, place: Place) -> bool:
        """Whether its tag is not let through, which is said in `faults` already."""
        return not _is_plain(self.nodes[self.nearest(place)][1])


def read(path: Path) -> Page:
    """The file as plain values. Raises Unusable when it cannot be read, is too large, or is not YAML."""
    text = _decoded(_content(path))
    if _UNREADABLE.search(text):
        raise Unusable(*_unreadable_lines(text))
    node = _composed(text)
    if node is None or (isinstance(node, yaml.ScalarNode) and node.tag == _CORE + "null"):
        raise Unusable(Fault(1, "the file is empty; it needs 'projects:' with at least one '- github: owner/name'"))
    walk = _Walk()
    value = walk.value(node, (), node.start_mark.line + 1)
    return Page(value, tuple(walk.faults), walk.nodes)


def shown(text: str) -> str:
    """Text of the file, safe to print on one line: cut when long, with what is invisible written as its code."""
    cut = text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in cut)


# --- Bytes to text ---------------------------------------------------------------------------------------------------


def _content(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise Unusable(Fault(0, "this is a folder, not a file"))
        if not stat.S_ISREG(status.st_mode):
            raise Unusable(Fault(0, "this is not an ordinary file"))
        if status.st_size > MOST_BYTES:
            raise _too_large(f"{status.st_size / 1e6:.1f} MB")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise Unusable(Fault(0, "there is no such file")) from None
    except (OSError, ValueError) as error:  # ValueError: the name holds a NUL
        why = (error.strerror if isinstance(error, OSError) else None) or "its name is not one that a file can have"
        raise Unusable(Fault(0, f"it cannot be read ({why})")) from None
    if len(content) > MOST_BYTES:  # it grew in the meantime
        raise _too_large("still growing")
    return content


def _too_large(size: str) -> Unusable:
    return Unusable(Fault(0, f"the file is too large ({size}); at most {MOST_BYTES / 1e6:.0f} MB is read"))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable(Fault(1, "this is UTF-16; save the file as UTF-8"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unusable(
            Fault(line, f"the byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8")
        ) from None


def _unreadable_lines(text: str) -> Iterable[Fault]:
    for number, line in enumerate(_LINE_BREAK.split(text), 1):
        if sign := _UNREADABLE.search(line):
            yield Fault(number, f"the character U+{ord(sign[0]):04X} is not allowed; take it out")


# --- Text to nodes ---------------------------------------------------------------------------------------------------


class _Composer(yaml.SafeLoader):
    """Composes nodes, and builds nothing from them. Counts as it goes, so that it stops in time."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        self.count += 1
        if self.depth > MOST_DEPTH:
            raise _too_deep(self.get_mark().line + 1)
        if self.count > 3 * MOST_VALUES:  # keys count here too
            raise _too_many(self.get_mark().line + 1)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _composed(text: str) -> yaml.Node | None:
    loader = _Composer(text)
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise Unusable(*_syntax_faults(error, text)) from None
    except (ValueError, OverflowError):
        line = loader.get_mark().line + 1
        raise Unusable(Fault(line, "a number in an escape (such as \\U0001F600) or a directive is too large")) from None


def _too_deep(line: int) -> Unusable:
    return Unusable(Fault(line, f"lists and mappings are nested more than {MOST_DEPTH} deep"))


def _too_many(line: int) -> Unusable:
    return Unusable(Fault(line, f"more than {MOST_VALUES:,} values, or aliases that unfold to as many"))


_SYNTAX: Final = (  # part of what the parser says, and the same for people; {context} is the line where it began
    ("mapping values", "a ':' cannot stand here; look at the indentation, or put a text that holds ': ' in quotes"),
    ("character '@'", "a text cannot begin with '@'; put it in quotes, as in \"@scope/name\""),
    ("that cannot start any token", "a text cannot begin with this sign; put it in quotes"),
    ("another document", "a second document begins here ('---'); the file must be one"),
    ("undefined alias", "what begins with '*' is an alias, and nothing is marked with its '&'; put a text in quotes"),
    ("second occurrence", "the anchor '&' of line {context} stands here a second time"),
    ("could not find expected ':'", "a key without a ':' after it (line {context})"),
    ("end of stream", "a quote that is opened on line {context} is not closed"),
    ("expected ',' or ']'", "a list that is opened on line {context} is not closed, or lacks a comma"),
    ("expected ',' or '}'", "a mapping that is opened on line {context} is not closed, or lacks a comma"),
    ("expected <block end>", "the indentation does not fit to what begins on line {context}"),
)  # fmt: skip


def _syntax_faults(error: yaml.MarkedYAMLError, text: str) -> list[Fault]:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    begun = error.context_mark.line + 1 if error.context_mark else line
    problem = error.problem or "it breaks off"
    if "'\\t'" in problem:
        indented = [number for number, row in enumerate(_LINE_BREAK.split(text), 1) if re.match(r" *\t", row)]
        return [Fault(number, "a tab; YAML wants spaces") for number in sorted({line, *indented})]
    for part, words in _SYNTAX:
        if part in problem:
            return [Fault(line, words.format(context=begun))]
    return [Fault(line, f"this is not YAML ({shown(problem)})")]


# --- Nodes to values -------------------------------------------------------------------------------------------------


class _Walk:
    """Turns nodes into plain values, and keeps the line of each and what is wrong on the way."""

    def __init__(self) -> None:
        self.nodes: dict[Place, tuple[int, yaml.Node]] = {}
        self.faults: list[Fault] = []

    def value(self, node: yaml.Node, place: Place, line: int) -> object:
        """The plain value of a node, bounded in depth and number also when aliases are unfolded."""
        if len(place) > MOST_DEPTH:
            raise _too_deep(line)
        if len(self.nodes) >= MOST_VALUES:
            raise _too_many(line)
        self.nodes[place] = line, node
        if not _is_plain(node):
            self.faults.append(Fault(line, f"the tag '{_tag(node)}' is not allowed; take it out", place))
            return Unquoted("")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(item, (*place, index), item.start_mark.line + 1) for index, item in enumerate(node.value)
            ]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        values: dict[str, object] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or not _is_plain(key):
                self.faults.append(Fault(line, f"a key must be one word, found {_in_words(key)}", place))
            elif key.value in values:
                first = self.nodes[*place, key.value][0]
                text = f"the key '{shown(key.value)}' stands here a second time; the first is on line {first}"
                self.faults.append(Fault(line, text, place))
            else:
                values[key.value] = self.value(item, (*place, key.value), line)
        return values


def _scalar(node: yaml.Node) -> object:
    text: str = node.value
    if node.tag == _CORE + "null":
        return None
    if node.tag in _NUMBERS:
        return _number(text)
    return Unquoted(text) if node.tag in {_CORE + "bool", _CORE + "timestamp"} else text


def _number(text: str) -> float | Unquoted:
    """A plain decimal number; octal, sexagesimal, infinite and other kinds of YAML's stay as they are written."""
    if _DECIMAL.fullmatch(text) is None:
        return Unquoted(text)
    value = float(text)
    if text.lstrip("+-").isdigit():
        return int(text)
    return value if math.isfinite(value) else Unquoted(text)


def _is_plain(node: yaml.Node) -> bool:
    return node.tag in _KINDS[type(node)]


def _tag(node: yaml.Node) -> str:
    return shown(node.tag.replace(_CORE, "!!", 1))


def _in_words(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if node.tag == _CORE + "null":
        return "nothing"
    if not node.value:
        return "an empty text"
    kind = {_CORE + "bool": "the truth value ", _CORE + "timestamp": "the date "}.get(node.tag, "")
    if node.tag in _NUMBERS:
        kind = "the number "
    return kind + shown(node.value) if kind else f"'{shown(node.value)}'"
