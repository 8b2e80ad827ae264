"""A repository with a list and the workflow of docs/forking.md, and nothing else of ours: the action does the rest."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.rehearsal.copies import ROOT, TEMPLATE, Rehearsal

pytestmark = pytest.mark.needs("git", "bash", "node")

FORKING: Final = (ROOT / "docs" / "forking.md").read_text(encoding="utf-8")
(WORKFLOW,) = re.findall(r"^## Without a copy\n.*?```yaml\n(.*?)```", FORKING, re.MULTILINE | re.DOTALL)


def test_a_list_and_a_workflow_of_fifteen_lines_are_enough(rehearsal: Rehearsal) -> None:
    assert len(WORKFLOW.splitlines()) <= 15
    template = rehearsal.template
    files = {
        "projects.yaml": re.sub(r"^  title: .*\n", "", rehearsal.projects(), flags=re.MULTILINE),
        ".github/workflows/scorecard.yml": WORKFLOW.replace(
            "OWNER/NAME@VERSION", f"{TEMPLATE}@{template.head('main')}"
        ),
    }
    somebody = rehearsal.repository("ada/site", files)
    somebody.switch_pages_on()

    run = somebody.dispatch("scorecard.yml")
    assert run.conclusion == "success", run.told()
    assert somebody.repository.head("data") is not None
    page = (somebody.site / "index.html").read_text(encoding="utf-8")
    assert "<title>Site</title>" in page, "it is called after its repository"
    assert 'href="https://ada.github.io/site/"' in page
    assert "## The site was built" in run.summary
    assert set(somebody.repository.files("main")) == set(files), "nothing of ours is put into the repository"
