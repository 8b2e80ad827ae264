"""What becomes of a proposal in the tracker's own repository: one comment below the issue, and a pull request."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from groundswell import proposals
from groundswell.form import is_form
from groundswell.markdown import code
from groundswell.own_repository import OwnRepository, PullRequestsOff, Refused, marked
from groundswell.proposals import Outcome, Verdict

log = logging.getLogger(__name__)

NAME: Final = "proposal"  # marks our comment and our pull request
_BY_A_WORKFLOW: Final = (
    "A workflow has opened this, so no other check has run on it. What the check of a pull request says of an entry "
    "stands above; to start the others, close this and open it again."
)
_BY_HAND: Final = (
    "Workflows may not open pull requests here, so a maintainer has to: [open it]({link}). (To have the next one "
    "opened: Settings → Actions → General → *Allow GitHub Actions to create and approve pull requests*.)"
)


class Branch(StrEnum):
    """What became of the branch with the entry."""

    PUSHED = "pushed"
    THEIRS = "theirs"  # somebody has worked on it, and it is left as it is


def others(own: OwnRepository, person: str) -> list[int]:
    """The open proposals of a person; none when nobody can say, since that is no reason to let somebody wait."""
    try:
        return [ticket.number for ticket in own.opened_by(person) if is_form(ticket.body)]
    except Refused as refusal:
        log.warning("Whether there are other proposals was not seen: %s", refusal)
        return []


def branch(number: int) -> str:
    """The branch of a proposal. The workflow knows it too."""
    return f"propose/{number}"


def answer(own: OwnRepository, verdict: Verdict, became: Branch, home: str) -> None:
    """Say below the issue what became of it, and open or renew the pull request of an accepted one.

    `home` is the address of the repository, for links. Raises Refused.
    """
    if verdict.outcome is not Outcome.ACCEPTED:
        said = verdict.text
    elif became is Branch.THEIRS:
        said = f"Somebody has worked on the branch {code(branch(verdict.number))}, so it stays as it is. Go on there."
    else:
        said = _pull_request(own, verdict, home)
    own.say(verdict.number, NAME, said)


def _pull_request(own: OwnRepository, verdict: Verdict, home: str) -> str:
    title, body = f"Track {verdict.repository}", _body(verdict)
    try:
        pull = own.propose(branch(verdict.number), title, marked(NAME, body))
    except PullRequestsOff:
        return _by_hand(verdict, title, own.default_branch, home)
    own.edit(pull, NAME, title, body)
    return f"{code(verdict.repository)} is checked, and proposed in #{pull.number}. A maintainer decides there."


def _body(verdict: Verdict) -> str:
    parts = (
        f"Closes #{verdict.number}",
        "The check found no mistake. This would be added:",
        proposals.entry_text(verdict),
        verdict.text,
        f"---\n\n{_BY_A_WORKFLOW}",
    )
    return "\n\n".join(filter(None, parts))


def _by_hand(verdict: Verdict, title: str, base: str, home: str) -> str:
    """What is said where workflows may not open pull requests."""
    query = urlencode({"quick_pull": 1, "title": title, "body": f"Closes #{verdict.number}"})
    link = f"{home}/compare/{base}...{branch(verdict.number)}?{query}"
    first = f"{code(verdict.repository)} is checked, and can be added. {_BY_HAND.format(link=link)}"
    return "\n\n".join(filter(None, (first, proposals.entry_text(verdict), verdict.text)))
