"""prod-07.westeurope.logic.azure.com: a workflow of Microsoft Teams that posts an adaptive card.

Shapes: learn.microsoft.com, "Create incoming webhooks with Workflows for Microsoft Teams"; adaptivecards.io 1.4. A
workflow takes anything that is JSON and answers 202 before it has looked at it; here it is looked at, and what Teams
would then silently not show is refused. The address carries its right in `sig`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.world import World

HOST: Final = "prod-07.westeurope.logic.azure.com"
ADDRESS: Final = f"https://{HOST}:443/workflows/0123abcd/triggers/manual/paths/invoke?api-version=2016-06-01&sig=TeamsSecret0123456789"
PATH: Final = re.compile(r"/workflows/\w+/triggers/manual/paths/invoke")
CARD: Final = "application/vnd.microsoft.card.adaptive"
MOST_BYTES: Final = 28 * 1024
VERSIONS: Final = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:  # noqa: ARG002 - it is about no project
        return Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if not PATH.fullmatch(request.path) or request.method != "POST":
            return _refused("WorkflowTriggerNotFound", 404)
        if request.query.get("sig", "").startswith("wrong") or "sig" not in request.query:
            return _refused("AuthorizationFailed", 401)
        if len(request.body) > MOST_BYTES:
            return _refused("RequestEntityTooLarge", 413)
        wrong = _wrong(request.body)
        return _refused(wrong, 400) if wrong else Response(202, b"", {"Content-Type": "text/plain"})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - none that are counted
    """Somebody who answers for the workflow."""
    return _Attendant(world)


def _refused(code: str, status: int) -> Response:
    return as_json({"error": {"code": code, "message": code}}, status)


def _wrong(body: bytes) -> str:
    try:
        sent = json.loads(body)
    except ValueError:
        return "InvalidJSON"
    attachments = sent.get("attachments") if isinstance(sent, dict) else None
    if not isinstance(attachments, list) or sent.get("type") != "message" or not attachments:
        return "NoCard"  # as it is with what the connectors of old took
    cards = [one.get("content") for one in attachments if one.get("contentType") == CARD]
    return "" if len(cards) == len(attachments) and all(map(_is_card, cards)) else "InvalidCard"


def _is_card(card: Any) -> bool:
    return (
        isinstance(card, dict)
        and card.get("type") == "AdaptiveCard"
        and card.get("version") in VERSIONS
        and isinstance(card.get("body"), list)
        and all(map(_is_block, card["body"]))
    )


def _is_block(block: Any) -> bool:
    runs = block.get("inlines") if isinstance(block, dict) and block.get("type") == "RichTextBlock" else None
    return isinstance(runs, list) and all(
        isinstance(run, dict) and run.get("type") == "TextRun" and isinstance(run.get("text"), str) for run in runs
    )
