"""What steps say to the runner: commands in what they print, and the files that they write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.rehearsal.workflow import RehearsalError

COMMAND: Final = re.compile(r"^::([a-z-]+)((?: [^:]*?)?)::(.*)$")
LEVELS: Final = frozenset({"error", "warning", "notice"})
SHOWN_ONLY: Final = frozenset({"group", "endgroup", "debug", "echo"})
SUMMARY_LIMIT: Final = 1024 * 1024  # bytes a step


@dataclass(frozen=True, slots=True)
class Annotation:
    """A mark that a run shows."""

    level: str  # error, warning, notice
    message: str
    title: str = ""
    file: str = ""
    line: int | None = None


@dataclass
class Listener:
    """Hears the commands in what the steps of a job print. Masks, matchers and marks last as long as the job."""

    workspace: Path
    masked: set[str] = field(default_factory=set)
    annotations: list[Annotation] = field(default_factory=list)
    matchers: dict[str, list[Mapping[str, object]]] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)  # of a matcher, where its pattern finds none
    lines: list[str] = field(default_factory=list)  # the log, with what is secret masked
    _deaf_until: str | None = None  # the word that ends ::stop-commands::

    def hear(self, line: str) -> None:
        """A line that a step has printed."""
        command = COMMAND.match(line)
        if self._deaf_until is not None:
            if line == f"::{self._deaf_until}::":
                self._deaf_until = None
        elif command is not None:
            self._obey(command[1], dict(_settings(command[2])), _unescaped(command[3]))
        else:
            self._match(line)
        self.lines.append(self.masking(line))

    def masking(self, text: str) -> str:
        """A text without what is masked."""
        for secret in sorted(self.masked, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def _obey(self, name: str, settings: Mapping[str, str], said: str) -> None:
        if name in LEVELS:
            line = settings.get("line")
            self.annotations.append(
                Annotation(
                    name,
                    self.masking(said),
                    settings.get("title", ""),
                    settings.get("file", ""),
                    int(line) if line else None,
                )
            )
        elif name == "add-mask":
            self.masked |= {part for part in said.splitlines() if part.strip()}
        elif name == "stop-commands":
            self._deaf_until = said
        elif name == "add-matcher":
            for matcher in json.loads((self.workspace / said).read_text())["problemMatcher"]:
                self.matchers[matcher["owner"]] = matcher["pattern"]
                self.levels[matcher["owner"]] = matcher.get("severity", "error")
        elif name == "remove-matcher":
            del self.matchers[settings["owner"]]
        elif name not in SHOWN_ONLY:
            raise RehearsalError(f"the rehearsal does not know the command ::{name}::")

    def _match(self, line: str) -> None:
        for owner, patterns in self.matchers.items():
            if len(patterns) != 1:
                raise RehearsalError("only matchers of one pattern are played")
            (pattern,) = patterns
            found = re.search(str(pattern["regexp"]), line)
            if found is None:
                continue
            part = {name: found[int(str(group))] for name, group in pattern.items() if isinstance(group, int)}
            line_number = int(part["line"]) if part.get("line") else None
            level = (part.get("severity") or self.levels[owner]).lower()  # a group may be left out of a match
            self.annotations.append(Annotation(level, part.get("message", line), "", part.get("file", ""), line_number))
            return


def _settings(text: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, text.strip().split(",")):
        name, _, value = pair.partition("=")
        yield name.strip(), _unescaped(value).replace("%3A", ":").replace("%2C", ",")


def _unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def assignments(file: Path) -> dict[str, str]:
    """What a step wrote to GITHUB_OUTPUT or GITHUB_ENV: `name=value` a line, or `name<<END`, lines, `END`."""
    found: dict[str, str] = {}
    lines = iter(file.read_text(encoding="utf-8").split("\n"))
    for line in lines:
        if not line:
            continue
        here, plain = line.find("<<"), line.find("=")
        if here >= 0 and (plain < 0 or here < plain):
            name, end = line[:here], line[here + 2 :]
            value = []
            for part in lines:
                if part == end:
                    break
                value.append(part)
            else:
                raise RehearsalError(f"{file.name}: {name} has no end {end!r}")
            found[name] = "\n".join(value)
        elif plain > 0:
            found[line[:plain]] = line[plain + 1 :]
        else:
            raise RehearsalError(f"{file.name}: no name and value: {line!r}")
    return found


def summary(file: Path) -> str:
    """What a step wrote to GITHUB_STEP_SUMMARY. More than GitHub takes is an error, as it is there."""
    if file.stat().st_size > SUMMARY_LIMIT:
        raise RehearsalError(f"the summary of a step is larger than {SUMMARY_LIMIT} bytes")
    return file.read_text(encoding="utf-8")
