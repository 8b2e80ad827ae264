"""What the projects of the gallery name beside their repository and packages on PyPI and npm: a place of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PLACES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {  # repository → key in a tracker file → what is named
    "lanternworks/brightlantern": {
        "crates": ("brightlantern",),
        "docker": ("lanternworks/brightlantern",),
        "packagist": ("lanternworks/brightlantern-php",),
        "openvsx": ("lanternworks.brightlantern-vscode",),
        "vscode": ("lanternworks.brightlantern-vscode",),
        "ecosystems": ("pypi/brightlantern",),
        "sec": ("1000001",),
    },
    "greatharbour/hullspine": {
        "wikipedia": ("en.wikipedia/Hullspine",),
        "hackernews": ("hullspine",),
        "sec": ("1000003",),
    },
    "oldmill/creakwheel": {
        "terraform": ("oldmill/creakwheel", "oldmill/creakwheel-cluster/aws"),
        "homebrew": ("creakwheel",),
    },
    "lastlight/duskbox": {"rubygems": ("duskbox",), "homebrew": ("cask/duskbox",), "sec": ("1000008",)},
    "quietcellar/underpipe": {"hex": ("underpipe",), "opencollective": ("underpipe",)},
    "steadyhand/tallybench": {
        "nuget": ("Tallybench.Client",),
        "cran": ("tallybench",),
        "stackoverflow": ("tallybench",),
        "ecosystems": ("pypi/tallybench",),
        "sec": ("1000012",),
    },
    "brightday/suddenbloom": {
        "conda": ("conda-forge/suddenbloom",),
        "huggingface": ("brightday/suddenbloom", "datasets/brightday/suddenbloom-tiles"),
    },
    "galleyproof/galleyproof": {
        "flathub": ("org.galleyproof.Galleyproof",),
        "releases": ("galleyproof/galleyproof",),
        "traffic": ("galleyproof/galleyproof",),
        "discourse": ("forum.galley-setter.example",),
        "mastodon": ("@galleysetter@toots.example",),
        "bluesky": ("galley-setter.example",),
        "discord": ("galley-setter",),
        "goatcounter": ("stats.galley-setter.example",),
    },
    "revolvingdoor/turnspindle": {"pub": ("turnspindle",), "wordpress": ("turnspindle-forms",)},
    "glassfront/showpane": {"jsdelivr": ("npm/@glassfront/showpane",)},
}
