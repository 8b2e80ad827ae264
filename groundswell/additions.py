"""Add entries to `projects.yaml` as text: at the end of its list, and nothing else in the file changes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import yaml

from groundswell import config, config_yaml
from groundswell.config_yaml import ConfigError, Mistake, Unusable
from groundswell.models import Naming, Project

NEW_FILE: Final = "projects:\n"
USUAL_INDENT: Final = 2
_BOM: Final = b"\xef\xbb\xbf"


def tracked(path: Path, namings: Mapping[str, Naming]) -> tuple[Project, ...]:
    """The projects of a file that may be there, and may still have none. Raises ConfigError when it is wrong."""
    return _before(path, namings)[0]


def add(path: Path, lines: Sequence[str], namings: Mapping[str, Naming]) -> int:
    """Add lines of entries (the dashes in column 0) at the end of the list; gives how many projects there are more.

    Makes the file when there is none. Raises ConfigError, and then writes nothing, when the list is not one that lines
    can be added to, or when the file with them has a mistake that it did not have.
    """
    projects, mistakes = _before(path, namings)
    content = path.read_bytes() if path.exists() else NEW_FILE.encode()
    text = _with_lines(path, content.decode("utf-8-sig"), lines)
    whole = path.resolve()
    fresh = whole.with_name(f".{whole.name}.new")
    try:
        fresh.write_bytes((_BOM if content.startswith(_BOM) else b"") + text.encode())
        if path.exists():
            shutil.copymode(whole, fresh)
        after = _loaded(path, fresh, namings)
        _compare(path, projects, mistakes, after)
        fresh.replace(whole)
    finally:
        fresh.unlink(missing_ok=True)
    return len(after.projects) - len(projects)


def _before(path: Path, namings: Mapping[str, Naming]) -> tuple[tuple[Project, ...], tuple[Mistake, ...]]:
    if not path.exists():
        return (), ()
    try:
        loaded = config.load(path, namings)
    except ConfigError:
        if _awaits_entries(path):
            return (), ()
        raise
    return loaded.projects, loaded.mistakes


def _awaits_entries(path: Path) -> bool:
    """Whether the file's list is there and has nothing in it yet."""
    try:
        value = config_yaml.read(path).value
    except Unusable:
        return False
    return isinstance(value, dict) and value.get("projects", "") is None


def _loaded(path: Path, fresh: Path, namings: Mapping[str, Naming]) -> config.Config:
    """The file with the new lines. Its mistakes are said of the file that it is to become."""
    try:
        return config.load(fresh, namings)
    except ConfigError as error:
        raise ConfigError(replace(mistake, file=str(path)) for mistake in error.mistakes) from None


def _compare(path: Path, projects: Sequence[Project], mistakes: Sequence[Mistake], after: config.Config) -> None:
    known = {(mistake.entry, mistake.text) for mistake in mistakes}
    fresh = [one for one in after.mistakes if (one.entry, one.text) not in known]
    if fresh:
        raise ConfigError(replace(mistake, file=str(path)) for mistake in fresh)
    if after.projects[: len(projects)] != tuple(projects):
        raise _refusal(path, 0, "entries cannot be added at the end of the list: it would change those before")


def _with_lines(path: Path, text: str, lines: Sequence[str]) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    if not text.endswith(("\n", "\r")):
        text += end
    rows = text.splitlines(keepends=True)
    last, indent = _end(path, text, rows)
    while last + 1 < len(rows) and _goes_on(rows[last + 1], indent):
        last += 1
    rows[last + 1 : last + 1] = [" " * indent + line + end for line in lines]
    return "".join(rows)


def _end(path: Path, text: str, rows: Sequence[str]) -> tuple[int, int]:
    """The list's last row with content, and the column of its dashes."""
    root = yaml.compose(text, yaml.SafeLoader)
    pairs: list[tuple[yaml.Node, yaml.Node]] = root.value if isinstance(root, yaml.MappingNode) else []
    key, value = next((pair for pair in pairs if pair[0].value == "projects"), (None, None))
    if key is None:
        raise _refusal(path, 0, "there is no such list; write 'projects:' on a line of its own")
    if isinstance(value, yaml.ScalarNode) and not value.value:
        return key.start_mark.line, key.start_mark.column + USUAL_INDENT
    if not isinstance(value, yaml.SequenceNode) or value.flow_style or not value.value:
        wanted = "write 'projects:' and below it a line '- github: owner/name' for each"
        raise _refusal(path, key.start_mark.line + 1, f"entries cannot be added to this; {wanted}")
    first = rows[value.value[0].start_mark.line]
    spaces = len(first) - len(first.lstrip(" "))
    content = (row for row in range(value.end_mark.line) if rows[row].strip() and not _is_comment(rows[row]))
    return max(content), spaces if first.lstrip(" ").startswith("-") else value.start_mark.column


def _goes_on(row: str, indent: int) -> bool:
    """Whether a row right below the last entry is a comment of that entry's, or one in the list."""
    spaces = len(row) - len(row.lstrip(" "))
    return _is_comment(row) and spaces >= max(indent, 1)


def _is_comment(row: str) -> bool:
    return row.lstrip().startswith("#")


def _refusal(path: Path, line: int, text: str) -> ConfigError:
    return ConfigError([Mistake(str(path), line, "projects", text)])
