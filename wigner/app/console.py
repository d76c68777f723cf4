"""What a person sees in the terminal: the table of claims, the pages of `wigner check`.

Everything has a plain form for logs and pipes: whole lines, no colours, nothing cut off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

from rich import box
from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

__all__ = ["ClaimRow", "format_pair", "has_screen", "print_check", "print_claims", "print_plain"]


class ClaimRow(Protocol):
    """One measured claim, as `print_claims` reads it."""

    @property
    def run(self) -> str: ...
    @property
    def quantity(self) -> str: ...
    @property
    def measured(self) -> float: ...
    @property
    def expected(self) -> float: ...
    @property
    def tolerance(self) -> float: ...
    @property
    def source(self) -> str: ...
    @property
    def passed(self) -> bool: ...


_CLAIM_COLUMNS = ("run", "quantity", "measured", "expected", "|difference|", "tolerance", "source", "verdict")


def format_pair(measured: float, expected: float, tolerance: float) -> tuple[str, str]:
    """Write two numbers with the same decimals, enough to see their difference or `tolerance`/1000."""
    if not (math.isfinite(measured) and math.isfinite(expected)):
        return f"{measured:.10g}", f"{expected:.10g}"
    scale = max(abs(measured), abs(expected))
    if expected == 0 or scale == 0:
        return f"{measured:.3g}", f"{expected:.3g}"
    resolution = max(abs(measured - expected), 1e-3 * tolerance, 1e-15 * scale)
    exponent = math.floor(math.log10(scale))
    digits = min(15, max(2, exponent - math.floor(math.log10(resolution)) + 1))
    if -4 <= exponent < 7:
        decimals = max(0, digits - exponent)
        return f"{measured:.{decimals}f}", f"{expected:.{decimals}f}"
    return f"{measured:.{digits}e}", f"{expected:.{digits}e}"


def print_claims(console: Console, rows: Sequence[ClaimRow]) -> None:
    """Print claims: a table in a terminal wide enough, blocks in a narrow one, whole wide lines elsewhere.

    Parameters
    ----------
    console : where to print.
    rows : the measured claims; a last line counts them.
    """
    cells = [_claim_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(_CLAIM_COLUMNS, *cells, strict=True)]
    if not has_screen(console):
        for line in (_CLAIM_COLUMNS, *cells):
            print_plain(
                console, "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
            )
    elif console.width >= sum(widths) - widths[6] + _SOURCE_WIDTH + 2 * len(widths):
        console.print(_claims_table(rows, cells))
    else:
        for row, cell in zip(rows, cells, strict=True):
            console.print(_claim_block(row, cell))
    passed = sum(row.passed for row in rows)
    summary = f"{passed} of {len(rows)} claims hold"
    if has_screen(console):
        console.print(Text(summary, style="bold green" if passed == len(rows) else "bold red"))
    else:
        print_plain(console, summary)


# A source narrower than this wraps into an unreadable column.
_SOURCE_WIDTH = 24


def _claim_cells(row: ClaimRow) -> tuple[str, ...]:
    measured, expected = format_pair(row.measured, row.expected, row.tolerance)
    difference = f"{abs(row.measured - row.expected):.1e}"
    verdict = "pass" if row.passed else "FAIL"
    return row.run, row.quantity, measured, expected, difference, f"{row.tolerance:.1e}", row.source, verdict


def _claims_table(rows: Iterable[ClaimRow], cells: Iterable[tuple[str, ...]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in _CLAIM_COLUMNS:
        source = name == "source"
        table.add_column(
            name,
            justify="right" if name in _CLAIM_COLUMNS[2:6] else "left",
            no_wrap=not source,
            overflow="fold",
            style="dim" if source else None,
        )
    for row, line in zip(rows, cells, strict=True):
        style = "green" if row.passed else "bold red"
        table.add_row(*map(escape, line[:-1]), Text(line[-1], style=style))
    return table


def _claim_block(row: ClaimRow, cells: tuple[str, ...]) -> Group:
    run, quantity, measured, expected, difference, tolerance, source, verdict = cells
    text = Text()
    text.append(verdict, style="green" if row.passed else "bold red")
    text.append(f"  {run}: {quantity}\n", style="bold")
    text.append(f"      measured {measured}  expected {expected}\n")
    text.append(f"      |difference| {difference}  tolerance {tolerance}")
    return Group(text, Padding(Text(source, style="dim"), (0, 0, 0, 6)))


def print_check(console: Console, sections: Iterable[tuple[str, Iterable[tuple[str, str]]]]) -> None:
    """Print what `wigner check` found: titles, each with aligned labels and values.

    Parameters
    ----------
    console : where to print.
    sections : pairs (title, pairs (label, value)).
    """
    pages = [(title, list(entries)) for title, entries in sections]
    width = max((len(label) for _, entries in pages for label, _ in entries), default=0)
    for number, (title, entries) in enumerate(pages):
        if not has_screen(console):
            print_plain(console, title)
            for label, value in entries:
                print_plain(console, f"  {label.ljust(width)}  {value}".rstrip())
            continue
        if number:
            console.print()
        console.print(Text(title, style="bold"))
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="dim", min_width=width + 2, no_wrap=True)
        grid.add_column(overflow="fold")
        for label, value in entries:
            grid.add_row(Text(f"  {label}"), Text(value))
        console.print(grid)


def has_screen(console: Console) -> bool:
    """True for a terminal that can move its cursor."""
    return console.is_terminal and not console.is_dumb_terminal


def print_plain(console: Console, text: str) -> None:
    """One line as it is: no markup, no wrapping, no cutting."""
    console.print(Text(text), soft_wrap=True)
