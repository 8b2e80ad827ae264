"""hooks.slack.com: an incoming webhook, which takes what Slack would take and says why it refuses the rest.

Shapes: docs.slack.dev, "Sending messages using incoming webhooks" and "Block Kit". An address is
`/services/T…/B…/secret`; one whose secret is `revoked` is gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.exchange import Asked, Request, Response
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.world import World

HOST: Final = "hooks.slack.com"
ADDRESS: Final = f"https://{HOST}/services/T0001/B0001/SlackSecret0123456789"
PATH: Final = re.compile(r"/services/T\w+/B\w+/(\w+)")
MOST_BLOCKS: Final = 50
LONGEST: Final = {"header": 150, "section": 3000}


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:  # noqa: ARG002 - it is about no project
        return Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        found = PATH.fullmatch(request.path)
        if found is None:
            return _said("invalid_token", 403)
        if found[1] == "revoked":
            return _said("no_service", 404)
        if request.method != "POST":
            return _said("invalid_payload", 400)
        wrong = _wrong(request.body)
        return _said(wrong, 400) if wrong else _said("ok", 200)


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - none that are counted
    """Somebody who answers for hooks.slack.com."""
    return _Attendant(world)


def _said(word: str, status: int) -> Response:
    return Response(status, word.encode(), {"Content-Type": "text/html"})


def _wrong(body: bytes) -> str:
    """Slack's word for what is wrong with a message; "" for one that it takes."""
    try:
        sent = json.loads(body)
    except ValueError:
        return "invalid_payload"
    if not isinstance(sent, dict) or not isinstance(sent.get("text", ""), str):
        return "invalid_payload"
    blocks = sent.get("blocks", [])
    if not blocks and not sent.get("text"):
        return "no_text"
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS or not all(map(_is_block, blocks)):
        return "invalid_blocks"
    return ""


def _is_block(block: Any) -> bool:
    text = block.get("text") if isinstance(block, dict) else None
    if not isinstance(text, dict) or block.get("type") not in LONGEST or not isinstance(text.get("text"), str):
        return False
    wanted = ("plain_text",) if block["type"] == "header" else ("plain_text", "mrkdwn")
    return text.get("type") in wanted and 0 < len(text["text"]) <= LONGEST[block["type"]]
