"""The form by which somebody proposes a project: what it says is taken exactly, and all else is refused and said."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from groundswell import form, sources
from groundswell.form import Wish, WrongForm

ROOT = Path(__file__).parents[1]
NAMINGS = sources.namings(sources.load())


def body(
    repository: str = "https://github.com/hill/brook",
    packages: str = form.NOTHING,
    category: str = form.NOTHING,
    tags: str = form.NOTHING,
    rest: str = form.NOTHING,
) -> str:
    """The text of an issue as GitHub makes it from the form."""
    values = (repository, packages, category, tags, rest)
    return "\n\n".join(f"### {heading}\n\n{value}" for heading, value in zip(form.HEADINGS, values, strict=True))


def read(text: str | None) -> Wish:
    return form.read(text, NAMINGS)


def faults(text: str | None) -> tuple[str, ...]:
    with pytest.raises(WrongForm) as wrong:
        read(text)
    return wrong.value.faults


def test_the_form_on_github_has_the_fields_that_are_read() -> None:
    fields = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "project.yml").read_text())["body"]
    assert tuple(field["attributes"]["label"] for field in fields) == form.HEADINGS
    assert not [field for field in fields if "id" in field or "render" in field.get("attributes", {})]


def test_the_workflow_looks_at_texts_that_begin_as_the_form_does() -> None:
    workflow = yaml.load((ROOT / ".github" / "workflows" / "propose.yml").read_text(), Loader=yaml.BaseLoader)
    assert f"startsWith(github.event.issue.body, '### {form.REPOSITORY}')" in workflow["jobs"]["judge"]["if"]
    assert form.is_form(body())
    assert not form.is_form(None)
    assert not form.is_form("Hello")


def test_a_whole_form_is_read_field_by_field() -> None:
    found = read(
        body(
            "hill/brook",
            'pypi: brook, brook-x\r\n- npm: "@hill/brook"\n\nhackernews: hill brook\n* `crates`: brook\nPyPI: Brook',
            "Data engines",
            "analytics, C++, Analytics, größer",
            "Please, @maintainers!\n\n### Category\n\nmine",
        )
    )
    assert found == Wish(
        "hill/brook",
        {
            "pypi": ("brook", "brook-x"),
            "npm": ("@hill/brook",),
            "hackernews": ("hill brook",),
            "crates": ("brook",),
        },
        "Data engines",
        ("analytics", "C++", "größer"),
    )


def test_only_the_repository_is_needed() -> None:
    assert read(body()) == Wish("hill/brook")
    assert read(body().replace(form.NOTHING, "")) == Wish("hill/brook")


@pytest.mark.parametrize(
    "written",
    [
        "hill/brook",
        "https://github.com/hill/brook",
        "github.com/hill/brook.git",
        "https://github.com/hill/brook/tree/main",
    ],
)
def test_an_address_is_the_repository_that_it_leads_to(written: str) -> None:
    assert read(body(written)).repository == "hill/brook"


@pytest.mark.parametrize(
    "written",
    [
        form.NOTHING,
        "",
        "brook",
        "../../etc/passwd",
        "hill/..",
        "hill/brook.git/../..",
        "https://gitlab.com/hill/brook",
        "https://github.com.evil.example/hill/brook",
        "https://evil.example/github.com/hill/brook",
        "hіll/brook",  # the second letter is Cyrillic
        "hill/brook$(touch x)",
        "hill/brook; rm -rf /",
        "${{ secrets.GITHUB_TOKEN }}",
        "hill/brook\nother/thing",
        "hill/brook\u2028x",
        "a" * 250,
        "!!python/object/apply:os.system [id]",
        "&a *a",
        "<script>alert(1)</script>",
        "@everyone",
    ],
)
def test_what_is_no_repository_is_refused(written: str) -> None:
    assert len(faults(body(written))) == 1


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ("pipy: brook", "did you mean `pypi`?"),
        ("brook", "a line such as `pypi: polars` is wanted"),
        ("pypi: brook; id", "is not a package on PyPI"),
        ("pypi: ../x", "is not a package on PyPI"),
        ("pypi: *anchor", "is not a package on PyPI"),
        ("npm: !!str x", "is not a package on npm"),
        ("npm: ${{ github.token }}", "is not a package on npm"),
        ("figures: env:FIGURES", "is none of the registries"),
        ("github: other/thing", "is none of the registries"),
        ("traffic: other/thing", "is none of the registries"),
        ("discourse: intern.example.org", "is none of the registries"),
        ("mastodon: '@a@intern.example.org'", "is none of the registries"),
        ("pypi: " + ", ".join(f"b{n}" for n in range(40)), "at most 20"),
        ("\n".join(f"pypi: brook{n}" for n in range(60)), "at most 40 lines"),
        ("x" * 400, "a line such as"),
    ],
)
def test_what_is_no_package_is_refused_and_said(packages: str, said: str) -> None:
    assert said in faults(body(packages=packages))[0]


@pytest.mark.parametrize(
    ("category", "said"),
    [
        ("Data engіnes", "several scripts in one word"),  # one letter is Cyrillic
        ("Ｄata", "in another form"),
        ("Data\u202eengines", "cannot be seen"),
        ("Data\u200bengines", "cannot be seen"),
        ("---", "a letter is wanted"),
        ("x" * 61, "at most 60"),
        ("one\ntwo", "one line is wanted"),
    ],
)
def test_words_that_look_like_others_or_cannot_be_seen_are_refused(category: str, said: str) -> None:
    assert said in faults(body(category=category))[0]
    assert said in faults(body(tags=category))[0] or category == "x" * 61


def test_a_word_in_any_one_script_may_stand_there() -> None:
    assert read(body(category="Базы данных", tags="データ, données")).tags == ("データ", "données")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "Hello, please add hill/brook",
        body().replace("### Tags", "### tags"),
        body().replace("### Tags", "## Tags"),
        body().replace("### Packages\n\n_No response_\n\n", ""),
        f"Hello\n\n{body()}",
        body(packages="pypi: brook\n\n### Category\n\nMine"),
        body(packages="pypi: brook\n\n### Anything else\n\n"),
        body(category="x\n### Repository on GitHub\n\nevil/evil"),
        body(packages="### Evil"),
    ],
)
def test_a_text_that_is_not_as_the_form_writes_it_is_refused_whole(text: str | None) -> None:
    (fault,) = faults(text)
    assert "not as the form writes it" in fault


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x85", "\x0c", "\x0b"])
def test_control_characters_are_refused_in_every_field_that_is_read(sign: str) -> None:
    for field in ("repository", "packages", "category", "tags"):
        (fault,) = faults(body(**{field: f"hill{sign}brook"}))
        assert "control characters" in fault
        assert sign not in fault


def test_a_megabyte_is_refused_in_no_time() -> None:
    assert faults(body(rest="x" * 1_000_000)) == ("The text is too long: at most 20,000 characters are read.",)


def test_what_is_refused_is_repeated_as_text_alone() -> None:
    (fault,) = faults(body("`@someone` <!-- x --> ![x](https://evil.example)"))
    assert "`` `@someone` <!-- x --> ![x](https://evil.example) ``" in fault


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert len(faults(body("brook", "x\ny", "---"))) == 4
