"""Groundswell: a scorecard of open-source growth. The flow stands in generate.py."""

from typing import Final

VERSION: Final = "0.1.0"
