"""Text from outside in Markdown: it stands there as it is, calls nobody, and leads nowhere."""

from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt

from groundswell import markdown

JOINER = "\N{WORD JOINER}"
HOSTILE = (
    "<script>alert(1)</script>",
    "<!-- groundswell:proposal -->",
    "![x](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "**bold** _it_ ~~gone~~ `code`",
    "| a | b |",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "> quote",
    "&lt;b&gt; &#64;someone",
    "$x^2$",
    "line\none\r\n## two",
    "a\x00b\x1b[31m",
    "\u202egnp.exe",
    "``` \n@someone\n```",
    "---",
    "===",
)


def rendered(text: str) -> str:
    found: str = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_one_paragraph_of_text(text: str) -> None:
    found = rendered(markdown.plain(text))
    assert re.fullmatch(r"<p>[^<]*</p>\n", found), found


@pytest.mark.parametrize(
    "text", ["<b>", "a*b*c", "x_y_z", "[a](b)", "`", "A & B", "5 $ and 6 $", "100 %", "1. FC", "C:\\x"]
)
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    found = rendered(markdown.plain(text)).removeprefix("<p>").removesuffix("</p>\n")
    assert html.unescape(found).replace(JOINER, "") == text


@pytest.mark.parametrize(
    "text", ["@someone", "#12", "owner/name#12", "https://evil.example", "www.evil.example", "GH-12"]
)
def test_nobody_is_called_and_nothing_becomes_a_link_by_itself(text: str) -> None:
    said = markdown.plain(f"see {text}")
    assert text not in said.replace("\\", "")
    assert text in said.replace("\\", "").replace(JOINER, "")


@pytest.mark.parametrize("text", [*HOSTILE, "`", "``", "a`b``c", "", " "])
def test_code_holds_any_text_letter_by_letter(text: str) -> None:
    found = rendered(f"x {markdown.code(text)} y")
    assert re.fullmatch(r"<p>x <code>[^<]*</code> y</p>\n", found), found


def test_a_block_is_not_left_by_a_fence_in_it() -> None:
    found = rendered(markdown.block(["- github: a/b", "```", "<b>", "````"], "yaml"))
    assert found.count("<pre>") == 1
    assert "&lt;b&gt;" in found


def test_a_cell_cannot_make_another_cell() -> None:
    found = rendered(markdown.table(("a", "b"), [(markdown.plain("x | y"), markdown.code("x | y"))]))
    cells = re.findall(r"<td>(.*?)</td>", found)
    assert cells == ["x | y", "<code>x \N{BROKEN BAR} y</code>"]


def test_a_long_text_is_cut_and_says_so() -> None:
    assert markdown.plain("x" * 10_000_000, 20) == "x" * 19 + "…"


def test_a_page_is_cut_at_a_line_before_it_is_too_long() -> None:
    found = markdown.bounded("\n".join(["äöü"] * 1000), 500)
    assert found.endswith("äöü\n\nThere is more, which does not fit here.\n")
    assert len(found.encode()) < 560
