"""A run as one page: its claims with a figure each, its pictures, how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

__all__ = ["ClaimEntry", "ReportPage", "render"]


@dataclass(frozen=True)
class ClaimEntry:
    """A judged claim as the page shows it; numbers are texts with the decimals that matter, `figure` a path."""

    label: str
    measured: str
    expected: str
    difference: str
    tolerance: str
    passed: bool
    source: str
    note: str
    figure: str


@dataclass(frozen=True)
class ReportPage:
    """What the page holds.

    Parameters
    ----------
    title : of the run file.
    paragraphs : its description; an indented one is shown as it is.
    claims : in the order of the file.
    figures : paths of further pictures, beside the page.
    warnings : what the guards said.
    facts : label and value of how the run was made.
    run_file : its text.
    """

    title: str
    paragraphs: Sequence[str]
    claims: Sequence[ClaimEntry]
    figures: Sequence[str]
    warnings: Sequence[str]
    facts: Sequence[tuple[str, str]]
    run_file: str


def render(page: ReportPage) -> str:
    """The page as HTML; all texts of the user are escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    passed = sum(claim.passed for claim in page.claims)
    return environment.get_template("report.html.j2").render(**vars(page), passed=passed)
