"""Expressions, evaluated by GitHub's own library in one node process that lives as long as the tests need it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.rehearsal.workflow import RehearsalError

SCRIPT: Final = Path(__file__).parents[1] / "web" / "expressions.mjs"

# Which contexts are there where: docs.github.com/en/actions/reference/workflows-and-actions/contexts, "availability"
OF_RUN: Final = frozenset({"github", "inputs", "vars"})
OF_PLANNED_JOB: Final = OF_RUN | {"needs"}
OF_JOB: Final = OF_PLANNED_JOB | {"strategy", "matrix"}
OF_STEP_CONDITION: Final = OF_JOB | {"job", "runner", "env", "steps"}
OF_STEP: Final = OF_STEP_CONDITION | {"secrets"}
OF_COMPOSITE: Final = frozenset({"github", "inputs", "strategy", "matrix", "job", "runner", "env", "steps"})


@dataclass(frozen=True, slots=True)
class Status:
    """What success(), failure() and cancelled() say. Without a status nothing can be asked for it."""

    success: bool
    failure: bool
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can see at its place."""

    contexts: Mapping[str, Any] = field(default_factory=dict)
    status: Status | None = None

    def only(self, names: frozenset[str]) -> Scope:
        """With the contexts that GitHub gives at a place, as far as they are there."""
        return Scope({name: value for name, value in self.contexts.items() if name in names}, self.status)


class Expressions:
    """The evaluator. A context manager: its process ends with its block."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["node", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def holds(self, condition: str, scope: Scope) -> bool:
        """Whether an `if:` holds; `success() &&` is put before one that asks for no status, as GitHub does."""
        return bool(self._asked("condition", condition, scope))

    def value(self, field: Any, scope: Scope) -> Any:
        """What a field of a workflow is: its expression's value, a text with expressions filled in, a list of such…"""
        if isinstance(field, dict):
            return {key: self.value(one, scope) for key, one in field.items()}
        if isinstance(field, list):
            return [self.value(one, scope) for one in field]
        return self._asked("value", field, scope) if isinstance(field, str) and "${{" in field else field

    def text(self, field: Any, scope: Scope) -> str:
        """A field as a text with its expressions filled in; true, numbers and nothing as GitHub writes them."""
        if isinstance(field, str):
            return str(self._asked("text", field, scope)) if "${{" in field else field
        if isinstance(field, bool):
            return str(field).lower()
        return "" if field is None else f"{field:g}" if isinstance(field, float) else str(field)

    def _asked(self, kind: str, text: str, scope: Scope) -> Any:
        said = scope.status
        status = said and {
            "success": said.success,
            "failure": said.failure,
            "cancelled": said.cancelled,
            "always": True,
        }
        question = {"kind": kind, "text": text, "contexts": scope.contexts, "status": status}
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline() or '{"error": "the evaluator has ended"}')
        if "error" in answer:
            raise RehearsalError(answer["error"])
        return answer["value"]
