"""Find the packages that a repository publishes, and write its entry: what is certain stands, the rest is proposed.

Two are asked. ecosyste.ms (https://packages.ecosyste.ms/docs, CC BY-SA 4.0) gives the packages whose own page names the
repository; deps.dev (https://docs.deps.dev/api/v3/, CC BY 4.0) gives package versions, and for some of them an
attestation, signed where the package was built, that they come from there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote

import yaml
from pydantic import BaseModel, NonNegativeInt, TypeAdapter

from groundswell import additions
from groundswell.config import ConfigError, Mistake
from groundswell.config_shape import REPOSITORY, folded
from groundswell.config_yaml import shown
from groundswell.http import Door, NotFound, Unanswered, shaped
from groundswell.models import GroundswellError, Naming

ECOSYSTEMS: Final = "https://packages.ecosyste.ms/api/v1/packages/lookup"
DEPS_DEV: Final = "https://api.deps.dev/v3/projects/{}:packageversions"
PAGE: Final = 30  # packages; each comes with all that is known of its repository, up to some 100 kB
MOST_PAGES: Final = 10
MOST_STANDING: Final = 5  # packages of a source that stand in the entry; a large repository publishes hundreds
MOST_PROPOSED: Final = 10  # of a source
LONGEST_NAME: Final = 500  # characters
ADDED_UP: Final = "added up: leave out what another one installs anyway"

# Registry as ecosyste.ms names it, an ending ".org" left out → key of the source, and what that calls its packages.
REGISTRIES: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    "anaconda": ("conda", "anaconda/{}".format),
    "conda-forge": ("conda", "conda-forge/{}".format),
    "cran.r-project": ("cran", str),
    "crates.io": ("crates", str),
    "formulae.brew.sh": ("homebrew", str),
    "hex.pm": ("hex", str),
    "hub.docker.com": ("docker", lambda name: name.removeprefix("library/")),
    "npmjs": ("npm", str),
    "nuget": ("nuget", str),
    "open-vsx": ("openvsx", str),
    "packagist": ("packagist", str),
    "pub.dev": ("pub", str),
    "pypi": ("pypi", str),
    "registry.terraform.io": ("terraform", str),
    "rubygems": ("rubygems", str),
}
SYSTEMS: Final[Mapping[str, str]] = {  # system of deps.dev → registry
    "CARGO": "crates.io",
    "GO": "proxy.golang",
    "MAVEN": "repo1.maven",
    "NPM": "npmjs",
    "NUGET": "nuget",
    "PYPI": "pypi",
    "RUBYGEMS": "rubygems",
}
ATTESTED: Final = ("SLSA_ATTESTATION", "PYPI_PUBLISH_ATTESTATION", "RUBYGEMS_PUBLISH_ATTESTATION")
IN_USE: Final = (None, "", "active")  # status of a package that is neither removed nor deprecated

_ON_GITHUB: Final = re.compile(
    r"(?:[a-z+]+://)?(?:[\w-]+@)?(?:www\.)?github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?(?:[/?#].*)?",
    re.ASCII | re.IGNORECASE,
)


class NobodyAnswered(GroundswellError):
    """Neither of the two that know packages gave a usable answer."""

    status: ClassVar[int] = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """What one of the two says of a package."""

    by: str
    registry: str
    name: str
    reach: tuple[int, int, int] = (0, 0, 0)  # downloads, repositories and packages that depend on it
    doubt: str = ""  # why this alone is no proof; "" when it is one
    against: str = ""  # why it should not be tracked, whoever names it

    @property
    def key(self) -> tuple[str, str]:
        """What it is a claim about."""
        return self.registry, folded(self.name)


@dataclass(frozen=True, slots=True)
class Package:
    """A package that a source can be asked for."""

    source: str
    name: str
    reach: tuple[int, int, int]
    doubt: str  # why it is only proposed; "" when it is certain


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a repository's packages."""

    repository: str
    packages: tuple[Package, ...]  # by source; within one the certain ones first, then the most used
    unread: Mapping[str, int]  # registry that no source reads → packages there
    warnings: tuple[str, ...]  # what could not be asked


# --- Asking ----------------------------------------------------------------------------------------------------------


def find(
    repository: str, door: Door, namings: Mapping[str, Naming], taken: Mapping[tuple[str, str], str] | None = None
) -> Found:
    """Ask both for the packages of `owner/name`. `taken` says, by source and folded name, who has a package already.

    Raises ConfigError for what is no repository's name, and NobodyAnswered.
    """
    if re.fullmatch(REPOSITORY, repository) is None:
        raise ConfigError([Mistake(shown(repository), 0, "", "expected owner/name, as in github.com/owner/name")])
    claims: list[Claim] = []
    warnings: list[str] = []
    for label, ask in (("ecosyste.ms", _ask_ecosystems), ("deps.dev", _ask_deps_dev)):
        try:
            claims += ask(repository, door, warnings)
        except NotFound:
            continue  # it has never seen the repository
        except Unanswered as error:
            warnings.append(f"{label} {error}")
    if len(warnings) == 2 and not claims:
        raise NobodyAnswered("; ".join(warnings))
    if not claims:
        warnings.append(f"No package of {repository} is known; look whether its name is the present one")
    return _merged(repository, claims, namings, taken or {}, warnings)


class _Registry(BaseModel):
    name: str


class _Listed(BaseModel):
    name: str
    registry: _Registry
    repository_url: str | None = None
    status: str | None = None
    downloads: NonNegativeInt | None = None
    dependent_repos_count: NonNegativeInt | None = None
    dependent_packages_count: NonNegativeInt | None = None


_LISTED: Final = TypeAdapter(list[_Listed])


def _ask_ecosystems(repository: str, door: Door, warnings: list[str]) -> list[Claim]:
    """Page by page, the most downloaded first. A page that cannot be had ends it; what was read before is kept."""
    params = {"repository_url": f"https://github.com/{repository}", "sort": "downloads", "order": "desc"}
    claims: list[Claim] = []
    for page in range(1, MOST_PAGES + 1):
        try:
            answer = door.json(ECOSYSTEMS, params={**params, "per_page": str(PAGE), "page": str(page)})
            listed = parse_ecosystems(answer, repository)
        except Unanswered as error:
            if not claims:
                raise
            warnings.append(f"ecosyste.ms {error} after {len(claims)} packages")
            return claims
        claims += listed
        if len(listed) < PAGE:
            return claims
    warnings.append(f"ecosyste.ms knows more than the {len(claims)} packages that were read, the most downloaded")
    return claims


def parse_ecosystems(answer: object, repository: str) -> list[Claim]:
    """What a page of the lookup says. Raises Broken."""
    return [_claim(package, repository) for package in shaped(_LISTED, answer)]


def _claim(package: _Listed, repository: str) -> Claim:
    counts = (package.downloads, package.dependent_repos_count, package.dependent_packages_count)
    downloads, repositories, packages = (count or 0 for count in counts)
    registry, url = package.registry.name.removesuffix(".org"), package.repository_url
    doubt = ""
    if not url:
        doubt = "only ecosyste.ms names it, and its page names no repository"
    elif not is_repository(url, repository):
        doubt = f"only ecosyste.ms names it, and its page names {shown(url)}"
    against = "" if package.status in IN_USE else f"{shown(package.status or '')} on {shown(registry)}"
    return Claim("ecosyste.ms", registry, package.name, (downloads, repositories, packages), doubt, against)


def is_on_github(url: str) -> bool:
    """Whether an address, as packages give them, is that of a repository on GitHub or of a place in one."""
    return _ON_GITHUB.fullmatch(url.strip()) is not None


def is_repository(url: str, repository: str) -> bool:
    """Whether an address, as packages give them, is that of `owner/name` on GitHub or of a place in it."""
    found = _ON_GITHUB.fullmatch(url.strip())
    return found is not None and found[1].casefold() == repository.casefold()


class _VersionKey(BaseModel):
    system: str
    name: str


class _Attestation(BaseModel):
    verified: bool = False


class _Version(BaseModel):
    versionKey: _VersionKey  # noqa: N815 - as deps.dev writes it
    relationType: str = ""  # noqa: N815
    relationProvenance: str = ""  # noqa: N815
    attestations: list[_Attestation] = []
    slsaProvenances: list[_Attestation] = []  # noqa: N815


class _Versions(BaseModel):
    versions: list[_Version] = []


_VERSIONS: Final = TypeAdapter(_Versions)


def _ask_deps_dev(repository: str, door: Door, _: list[str]) -> list[Claim]:
    project = quote(f"github.com/{repository.lower()}", safe="")
    return parse_deps_dev(door.json(DEPS_DEV.format(project)))


def parse_deps_dev(answer: object) -> list[Claim]:
    """One claim a package: a proof when one of its versions has a verified attestation. Raises Broken."""
    claims: dict[tuple[str, str], Claim] = {}
    for version in shaped(_VERSIONS, answer).versions:
        if version.relationType != "SOURCE_REPO":
            continue  # "ISSUE_TRACKER": it is only where its bugs are reported
        signed = any(one.verified for one in [*version.attestations, *version.slsaProvenances])
        proof = signed and version.relationProvenance in ATTESTED
        doubt = "" if proof else "only deps.dev names it, and nothing proves it"
        registry = SYSTEMS.get(version.versionKey.system, version.versionKey.system)
        claim = Claim("deps.dev", registry, version.versionKey.name, doubt=doubt)
        if proof or claim.key not in claims:
            claims[claim.key] = claim
    return list(claims.values())


# --- Judging ---------------------------------------------------------------------------------------------------------


def _merged(
    repository: str,
    claims: Iterable[Claim],
    namings: Mapping[str, Naming],
    taken: Mapping[tuple[str, str], str],
    warnings: Sequence[str],
) -> Found:
    together: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        together.setdefault(claim.key, []).append(claim)
    packages: dict[tuple[str, str], Package] = {}
    unread: Counter[str] = Counter()
    for said in together.values():
        key, called = REGISTRIES.get(said[0].registry, ("", str))
        if key not in namings:
            unread[said[0].registry] += 1
            continue
        name = called(said[0].name)
        doubt = _doubt(said, name, namings[key])
        owner = taken.get((key, folded(name)))
        if owner is not None and not doubt:
            doubt = f"belongs to {owner} already"
        package = Package(key, name, max(one.reach for one in said), doubt)
        packages.setdefault((key, folded(name)), package)
    return Found(repository, _bounded(packages.values()), dict(sorted(unread.items())), tuple(warnings))


def _doubt(said: Sequence[Claim], name: str, naming: Naming) -> str:
    """Why a package is only proposed; "" when both name it or one proves it, and nothing speaks against it."""
    if not _is_name(name, naming):
        return f"not a name that can stand here: {naming.meaning}, such as {naming.example}"
    against = next((one.against for one in said if one.against), "")
    agreed = len({one.by for one in said}) > 1 or not all(one.doubt for one in said)
    return against if against or agreed else said[0].doubt


def _is_name(name: str, naming: Naming) -> bool:
    return len(name) <= LONGEST_NAME and re.fullmatch(naming.pattern, name) is not None


def _bounded(packages: Iterable[Package]) -> tuple[Package, ...]:
    """Sorted by source, certainty and use; of those that are certain, the most used ones of a source stand."""
    ordered = sorted(packages, key=lambda one: (one.source, bool(one.doubt), *(-n for n in one.reach), one.name))
    bounded: list[Package] = []
    for _, group in groupby(ordered, key=lambda one: one.source):
        for place, package in enumerate(group):
            doubt = package.doubt or (f"not one of the {MOST_STANDING} most used" if place >= MOST_STANDING else "")
            bounded.append(replace(package, doubt=doubt))
    return tuple(bounded)


# --- Writing ---------------------------------------------------------------------------------------------------------


def entry(found: Found) -> list[str]:
    """The lines of the entry for `projects.yaml`, its dash in column 0; proposals are comments with their reason."""
    standing: list[str] = []
    proposed: list[str] = []
    for source, group in groupby(found.packages, key=lambda one: one.source):
        packages = list(group)
        names = [quoted(one.name) for one in packages if not one.doubt]
        if names:
            one_or_more = names[0] if len(names) == 1 else f"[{', '.join(names)}] # {ADDED_UP}"
            standing.append(f"  {source}: {one_or_more}")
        doubtful = [one for one in packages if one.doubt]
        proposed += [
            f"  # {source}: {quoted(one.name[:LONGEST_NAME])} # {one.doubt}" for one in doubtful[:MOST_PROPOSED]
        ]
        if len(doubtful) > MOST_PROPOSED:
            proposed.append(f"  # {source}: {len(doubtful) - MOST_PROPOSED} more like these")
    elsewhere = [f"{shown(registry)} ({count})" for registry, count in found.unread.items()]
    if elsewhere:
        proposed.append(f"  # packages that no source reads: {', '.join(elsewhere[:MOST_PROPOSED])}")
    return [f"- github: {quoted(found.repository)}", *standing, *proposed]


def add(repository: str, path: Path, door: Door, namings: Mapping[str, Naming]) -> tuple[Sequence[str], Found]:
    """Find the packages of a repository and add its entry to a file; gives the entry's lines and what was found.

    Raises ConfigError, and writes nothing, when it is tracked already or the file would not be right with it.
    """
    projects = additions.tracked(path, namings)
    if any(project.id.casefold() == repository.casefold() for project in projects):
        raise ConfigError([Mistake(str(path), 0, repository, "is tracked already")])
    taken = {
        (key, folded(target)): project.id
        for project in projects
        for key, targets in project.targets.items()
        for target in targets
    }
    found = find(repository, door, namings, taken)
    lines = entry(found)
    additions.add(path, lines, namings)
    return lines, found


def quoted(name: str) -> str:
    """A name as YAML reads it back as the same text, on one line."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", name) and yaml.safe_load(name) == name:
        return name
    return json.dumps(name)  # whatever is not ASCII becomes an escape
