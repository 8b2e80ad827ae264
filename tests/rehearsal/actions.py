"""Stand-ins for the marketplace actions that the workflows use, by the rules that their own documentation gives.

An action, or an input of one, that is not listed in ACTIONS is an error: nothing is left out in silence.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.rehearsal.host import GIT_ALONE
from tests.rehearsal.workflow import RehearsalError

if TYPE_CHECKING:
    from tests.rehearsal.machine import Machine

TRUE: Final = "true"
Given = Mapping[str, str]
Carried = Callable[["Machine", Given], Mapping[str, str]]
PAGES_ARTIFACT: Final = "github-pages"


class ActionFailed(Exception):
    """What an action says when it fails its step."""


@dataclass(frozen=True, slots=True)
class Action:
    """A stand-in: what it does, and the inputs that it heeds with what each is unless given."""

    carry_out: Carried
    inputs: Mapping[str, str]


# --- actions/checkout ------------------------------------------------------------------------------------------------


def checkout(machine: Machine, given: Given) -> Mapping[str, str]:
    """The commit of the event (of a pull request its merge with the base), alone; the token stays only where asked."""
    github = machine.github
    repository = given["repository"] or github["repository"]
    own = repository == github["repository"]
    wanted = given["ref"] or (github["sha"] if own else "HEAD")
    place = machine.workspace / given["path"]
    place.mkdir(parents=True, exist_ok=True)
    if not place.resolve().is_relative_to(machine.workspace.resolve()):
        raise ActionFailed(f"Repository path '{place}' is not under '{machine.workspace}'")
    for left in place.iterdir() if place != machine.workspace or not own else ():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    basic = machine.basic(given["token"] or machine.token)
    header = f"http.{github['server_url']}/.extraheader"

    def git(*arguments: str) -> str:
        command = ["git", "-c", f"{header}=AUTHORIZATION: basic {basic}", "-C", str(place), *arguments]
        done = subprocess.run(command, env=os.environ | GIT_ALONE, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ActionFailed(f"The process 'git' failed with exit code {done.returncode}: {done.stderr.strip()}")
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch=main")
    if given["sparse-checkout"]:
        cone = "--cone" if given["sparse-checkout-cone-mode"] == TRUE else "--no-cone"
        git("sparse-checkout", "set", cone, *given["sparse-checkout"].split())
    git("remote", "add", "origin", f"{github['server_url']}/{repository}")
    if given["fetch-depth"] == "0":
        git("fetch", "--quiet", "--no-tags", "origin", "+refs/heads/*:refs/remotes/origin/*", wanted)
    else:
        git("fetch", "--quiet", "--no-tags", f"--depth={given['fetch-depth']}", "origin", wanted)
    commit = git("rev-parse", "FETCH_HEAD")
    branch = (given["ref"] or github["ref"] if own else "").removeprefix("refs/heads/")
    if (branch and not branch.startswith("refs/") and branch != wanted) or wanted == branch:
        git("checkout", "--quiet", "--force", "-B", branch, commit)
    else:
        git("checkout", "--quiet", "--force", "--detach", commit)
    _compiled_once(machine, place, git("ls-files", "--stage", "*.py"))
    if given["persist-credentials"] == TRUE:
        git("config", header, f"AUTHORIZATION: basic {basic}")
    return {"ref": given["ref"] or github["ref"], "commit": commit}


def _compiled_once(machine: Machine, place: Path, files: str) -> None:
    """Let machines share what Python compiles. Each file is as old as its content says, so that none is taken for one
    of other content.
    """
    for line in files.splitlines():
        entry, name = line.split("\t", 1)
        if not (place / name).exists():
            continue  # left out of a sparse checkout
        moment = 10**9 + int(entry.split()[1][:7], 16)
        os.utime(place / name, (moment, moment))
        cache, shared = (place / name).parent / "__pycache__", machine.compiled / Path(name).parent
        if not cache.is_symlink():
            shared.mkdir(parents=True, exist_ok=True)
            cache.symlink_to(shared)


# --- actions/setup-python --------------------------------------------------------------------------------------------


def setup_python(machine: Machine, given: Given) -> Mapping[str, str]:
    """The Python that runs the tests comes first on the PATH, whichever version is asked for."""
    if not given["python-version"]:
        raise ActionFailed("the rehearsal wants the version named")
    patterns = given["cache-dependency-path"].split()
    if given["cache"] and not all(any(machine.workspace.glob(pattern)) for pattern in patterns):
        raise ActionFailed(f"No file in {machine.workspace} matched to [{', '.join(patterns)}]")
    programs = Path(sys.executable).parent
    machine.path.insert(0, str(programs))
    machine.variables["pythonLocation"] = str(programs.parent)
    return {"python-version": platform.python_version(), "python-path": sys.executable, "cache-hit": "false"}


# --- Artifacts -------------------------------------------------------------------------------------------------------


def upload_artifact(machine: Machine, given: Given) -> Mapping[str, str]:
    """Files by path or pattern, below their common folder, the hidden ones left out unless asked for."""
    found, root = _found(machine.workspace, given["path"], hidden=given["include-hidden-files"] == TRUE)
    if not found:
        said = f"No files were found with the provided path: {given['path']}. No artifacts will be uploaded."
        if given["if-no-files-found"] == "error":
            raise ActionFailed(said)
        if given["if-no-files-found"] == "warn":
            machine.hear(f"::warning::{said}")
        return {}
    _keep(machine, given["name"], found, root, overwrite=given["overwrite"] == TRUE)
    return {"artifact-id": str(len(machine.artifacts)), "artifact-url": f"{machine.run_url}/artifacts/{given['name']}"}


def upload_pages_artifact(machine: Machine, given: Given) -> Mapping[str, str]:
    """A folder as Pages takes it."""
    folder = machine.workspace / given["path"]
    if not folder.is_dir():
        raise ActionFailed(f"tar: {given['path']}: Cannot open: No such file or directory")
    hidden = {".git", ".github"} if given["include-hidden-files"] == TRUE else None
    found = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not any(
            part.startswith(".") if hidden is None else part in hidden for part in file.relative_to(folder).parts
        )
    ]
    if links := [file for file in found if file.is_symlink() or file.stat().st_nlink > 1]:
        raise RehearsalError(f"Pages takes no links: {links}")
    _keep(machine, given["name"], found, folder, overwrite=False)
    return {"artifact_id": str(len(machine.artifacts))}


def download_artifact(machine: Machine, given: Given) -> Mapping[str, str]:
    """Artifacts of the same run: one by name, or those that fit a pattern, each in its folder or all in one."""
    place = machine.workspace / given["path"]
    if given["name"]:
        if given["name"] not in machine.artifacts:
            raise ActionFailed(f"Unable to download artifact(s): Artifact not found for name: {given['name']}")
        shutil.copytree(machine.artifacts[given["name"]], place, dirs_exist_ok=True)
        return {"download-path": str(place)}
    fits = [name for name in sorted(machine.artifacts) if fnmatch.fnmatchcase(name, given["pattern"] or "*")]
    for name in fits:
        merged = given["merge-multiple"] == TRUE
        shutil.copytree(machine.artifacts[name], place if merged else place / name, dirs_exist_ok=True)
    return {"download-path": str(place)} if fits else {}


def _found(workspace: Path, paths: str, *, hidden: bool) -> tuple[list[Path], Path]:
    """The files that lines of paths and patterns (with `!` for what is left out) name, and their common folder."""
    taken: set[Path] = set()
    roots: list[Path] = []
    for line in filter(None, map(str.strip, paths.splitlines())):
        pattern = workspace / line.removeprefix("!")
        places = glob.glob(str(pattern), include_hidden=True, recursive=True)  # noqa: PTH207 - pathlib has no ".." in it
        matched = {file for one in places for file in _below(one)}
        if line.startswith("!"):
            taken -= matched
            continue
        taken |= matched
        fixed = Path(str(pattern).partition("*")[0])
        roots.append(fixed if fixed.is_dir() else fixed.parent)
    root = Path(os.path.commonpath(roots)) if roots else workspace
    return sorted(file for file in taken if hidden or not _is_hidden(file.relative_to(root))), root


def _below(place: str) -> Iterator[Path]:
    path = Path(place)
    yield from [path] if path.is_file() else (file for file in path.rglob("*") if file.is_file())


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _keep(machine: Machine, name: str, files: list[Path], root: Path, *, overwrite: bool) -> None:
    place = machine.artifact_folder / name
    if name in machine.artifacts and not overwrite:
        raise ActionFailed(f"Conflict: an artifact with this name already exists on the workflow run: {name}")
    shutil.rmtree(place, ignore_errors=True)
    for file in files:
        target = place / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    place.mkdir(parents=True, exist_ok=True)
    machine.artifacts[name] = place


# --- Pages -----------------------------------------------------------------------------------------------------------


def deploy_pages(machine: Machine, given: Given) -> Mapping[str, str]:
    """The artifact of this run becomes the site."""
    machine.must("", "id-token", "write", 'Ensure GITHUB_TOKEN has permission "id-token: write".')
    refused = "Failed to create deployment (status: 403). Resource not accessible by integration"
    machine.must(given["token"], "pages", "write", refused)
    if machine.environment is None:
        raise ActionFailed("Failed to create deployment (status: 400). Missing environment.")
    if not machine.repository.pages:
        raise ActionFailed(
            "Failed to create deployment (status: 404) with build version. Ensure GitHub Pages has been enabled"
        )
    site = machine.artifacts.get(given["artifact_name"])
    if site is None:
        raise ActionFailed(f'No artifacts named "{given["artifact_name"]}" were found for this workflow run.')
    machine.repository.deployments += 1
    machine.repository.published = site
    owner, _, name = machine.repository.name.partition("/")
    home = f"{owner.lower()}.github.io"
    return {"page_url": f"https://{home}/" + ("" if name.lower() == home else f"{name}/")}


ACTIONS: Final[Mapping[str, Action]] = {
    "actions/checkout": Action(
        checkout,
        {
            "repository": "",
            "ref": "",
            "token": "",
            "path": "",
            "persist-credentials": TRUE,
            "fetch-depth": "1",
            "sparse-checkout": "",
            "sparse-checkout-cone-mode": TRUE,
        },
    ),
    "actions/setup-python": Action(setup_python, {"python-version": "", "cache": "", "cache-dependency-path": ""}),
    "actions/upload-artifact": Action(
        upload_artifact,
        {
            "name": "artifact",
            "path": "",
            "retention-days": "",
            "if-no-files-found": "warn",
            "overwrite": "",
            "include-hidden-files": "",
            "compression-level": "",
        },
    ),
    "actions/download-artifact": Action(
        download_artifact, {"name": "", "pattern": "", "path": "", "merge-multiple": ""}
    ),
    "actions/upload-pages-artifact": Action(
        upload_pages_artifact,
        {"name": PAGES_ARTIFACT, "path": "_site/", "retention-days": "", "include-hidden-files": ""},
    ),
    "actions/deploy-pages": Action(deploy_pages, {"token": "", "artifact_name": PAGES_ARTIFACT}),
}
