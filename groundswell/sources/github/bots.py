"""Who is a bot. Commits by bots are neither counted as commits nor as the work of a contributor.

A bot is an author whose name ends in "[bot]" (what GitHub calls its apps), whose login, or e-mail address before the @,
ends in "[bot]", "-bot" or "_bot", or who stands in the tables here: known bots that do not carry such a mark.
"""

from __future__ import annotations

from typing import Final

from groundswell.sources.github.shapes import Actor, Author

APP: Final = "[bot]"
APP_TYPE: Final = "Bot"  # GitHub's type of an app that opens or writes something; its login lacks the "[bot]"
MARKS: Final = (APP, "-bot", "_bot")

LOGINS: Final = frozenset(
    {
        "allcontributors",
        "autofix-ci",
        "bors",
        "copilot",
        "copybara-service",
        "dependabot",
        "dependabot-preview",
        "elasticmachine",
        "elasticsearchmachine",
        "github-actions",
        "grafanabot",
        "greenkeeper",
        "hc-github-team-consul-core",
        "hc-github-team-nomad-core",
        "hc-github-team-packer",
        "hc-github-team-secure-vault-core",
        "hc-github-team-tf-core",
        "imgbotapp",
        "k8s-ci-robot",
        "kibanamachine",
        "mergify",
        "openshift-merge-robot",
        "pre-commit-ci",
        "pytorchmergebot",
        "renovate",
        "tensorflower-gardener",
        "transifex-integration",
        "weblate",
    }
)
"""Logins of bots, in small letters."""

EMAILS: Final = (
    "110428419+hashicorp-copywrite[bot]@users.noreply.github.com",
    "114827586+autofix-ci[bot]@users.noreply.github.com",
    "132647405+grafana-delivery-bot[bot]@users.noreply.github.com",
    "19733683+snyk-bot@users.noreply.github.com",
    "198982749+Copilot@users.noreply.github.com",
    "27856297+dependabot-preview[bot]@users.noreply.github.com",
    "29139614+renovate[bot]@users.noreply.github.com",
    "31301654+imgbot[bot]@users.noreply.github.com",
    "37929162+mergify[bot]@users.noreply.github.com",
    "41898282+github-actions[bot]@users.noreply.github.com",
    "42973632+kibanamachine@users.noreply.github.com",
    "46447321+allcontributors[bot]@users.noreply.github.com",
    "49699333+dependabot[bot]@users.noreply.github.com",
    "66853113+pre-commit-ci[bot]@users.noreply.github.com",
    "action@github.com",
    "bot@pulumi.com",
    "bot@renovateapp.com",
    "dependabot[bot]@users.noreply.github.com",
    "github-actions@github.com",
    "github-actions[bot]@users.noreply.github.com",
    "hosted@weblate.org",
    "infra-root+elasticsearchmachine@elastic.co",
    "renovate[bot]@users.noreply.github.com",
    "semantic-release-bot@martynus.net",
    "snyk-bot@snyk.io",
    "support@dependabot.com",
    "support@greenkeeper.io",
)
"""Addresses that bots commit with, also for counting the commits of windows whose authors are not read one by one."""

_ADDRESSES: Final = frozenset(address.lower() for address in EMAILS)


def is_bot(author: Author) -> bool:
    """Whether a commit's author is a bot, by login, name or address."""
    login = author.user.login.lower() if author.user else ""
    address = (author.email or "").strip().lower()
    return (
        login in LOGINS
        or login.endswith(MARKS)
        or (author.name or "").endswith(APP)
        or address in _ADDRESSES
        or address.partition("@")[0].endswith(MARKS)
    )


def is_bot_actor(actor: Actor) -> bool:
    """Whether whoever opened, or wrote, something is a bot: an app, or a login that says so."""
    login = actor.login.lower()
    return actor.typename == APP_TYPE or login in LOGINS or login.endswith(MARKS)


def person(author: Author) -> str | None:
    """What tells one author from another: the login, or the e-mail address where no account is known.

    Only for counting, and never kept. None when there is neither.
    """
    if author.user is not None:
        return author.user.login.lower()
    address = (author.email or "").strip().lower()
    return address or None
