"""What to do about a failure: the reason a source gives, and the advice that goes with it, as a table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """What failed, as far as an advice names it."""

    source: str  # its key in projects.yaml
    project: str
    target: str  # "" is the project's repository
    docs: str  # where the source documents what it gives


def advice(reason: str, place: Place) -> str:
    """What somebody who can mend it may do, as a sentence. The reason completes one that begins with the source."""
    text = next(text for pattern, text in _ADVICE if pattern.search(reason))
    name = re.search(r"\bset ([A-Z_]+)", reason)
    return text.format(
        target=place.target or place.project,
        key=place.source,
        project=place.project,
        docs=place.docs,
        name=name[1] if name else "",
    )


UNREACHED: Final = re.compile(r"could not be reached|answer in time|seconds to answer")
_ADVICE: Final = tuple(
    (re.compile(pattern), text)
    for pattern, text in (  # the first that is found in the reason
        (r"fault of this program", "Report it, with the lines above this table."),
        (r"\bset [A-Z_]+", "Set {name} in the environment; in a workflow, from a secret."),
        (r"^have no", "Mend {project}'s table: docs/forking.md, Private figures, says how it is to look."),
        (r"refuses the token", "Give GITHUB_TOKEN a token that is valid, or take it away."),
        (r"no such host", "See whether {target} is spelt right in projects.yaml ({key} of {project})."),
        (UNREACHED.pattern, "See whether this machine can go there: network, proxy, firewall. Then ask again."),
        (r"private network|not an https", "Name a host on the public network in projects.yaml ({key} of {project})."),
        (r"fault of its own|still working", "Wait: it is the other side's trouble, and the next run asks again."),
        (r"\b429\b|left alone|used up", "Wait an hour, then ask again: it was asked too often from this network."),
        (r"left for", "Nothing: a later run asks for it."),
        (r"than are read", "Nothing: the project has more of it than is read, and the figure stays missing."),
        (
            r"^(has no|does not show|names no|refuses to show)|404|may be (none|nothing)|under this name",
            "See whether {target} is spelt right in projects.yaml ({key} of {project}), and still there.",
        ),
        (r"redirect", "It has moved: name its new place in projects.yaml ({key} of {project}), or report it."),
        (r"answered 4\d\d", "It refuses this machine: see {docs} for what it asks of visitors."),
        (r"", "Ask again tomorrow. If it stays, the source has changed: compare {docs}, and report it."),
    )
)
