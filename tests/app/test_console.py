from __future__ import annotations

from dataclasses import dataclass

import pytest
from terminals import plain, terminal, text

from wigner.app.console import format_pair, print_check, print_claims


@dataclass(frozen=True)
class Row:
    run: str = "landau_zener"
    quantity: str = "band_population[1] (final)"
    measured: float = 0.20829
    expected: float = 0.2078795763507619
    tolerance: float = 1e-3
    source: str = "Zener, Proc. R. Soc. A 137, 696 (1932): P = exp(−πm²/ħv), read [far] from the crossing"
    passed: bool = True


# --- claims -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measured", "expected", "tolerance", "shown"),
    [
        (3.0000000021, 3.0, 1e-8, ("3.0000000021", "3.0000000000")),
        (0.20829, 0.2078795763507619, 1e-3, ("0.20829", "0.20788")),
        (2.0, 2.0, 1e-6, ("2.0000000000", "2.0000000000")),
        (3.1e-13, 0.0, 1e-11, ("3.1e-13", "0")),
        (0.0, 0.0, 1e-11, ("0", "0")),
        (1.2345678e9, 1.2345e9, 1e5, ("1.234568e+09", "1.234500e+09")),
        (-2.5e-7, -2.4e-7, 1e-8, ("-2.50e-07", "-2.40e-07")),
        (float("nan"), 1.0, 1e-3, ("nan", "1")),
    ],
)
def test_numbers_show_their_difference(
    measured: float, expected: float, tolerance: float, shown: tuple[str, str]
) -> None:
    assert format_pair(measured, expected, tolerance) == shown


def test_plain_claims_are_one_whole_line_each() -> None:
    console = plain()
    print_claims(console, [Row(), Row(run="other", passed=False)])
    header, first, second, summary = text(console).splitlines()
    assert header.split() == [
        "run", "quantity", "measured", "expected", "|difference|", "tolerance", "source", "verdict",
    ]  # fmt: skip
    assert Row().source in first and first.endswith("pass")
    assert second.endswith("FAIL")
    assert header.index("source") == first.index("Zener") == second.index("Zener")
    assert "4.1e-04" in first
    assert summary == "1 of 2 claims hold"


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_terminal_is_too_narrow_for_the_numbers(width: int) -> None:
    console = terminal(width)
    print_claims(console, [Row(), Row(measured=float("nan"), passed=False)])
    shown = text(console)
    for part in (
        "0.20829",
        "0.20788",
        "4.1e-04",
        "1.0e-03",
        "[1]",
        "nan",
        "pass",
        "FAIL",
        "1 of 2 claims hold",
    ):
        assert part in shown
    assert "…" not in shown


def test_no_claims() -> None:
    console = plain()
    print_claims(console, [])
    assert text(console).splitlines()[-1] == "0 of 0 claims hold"


# --- check --------------------------------------------------------------------------------------------------

SECTIONS = [
    ("Grid", [("x", "box −20 … 20, 256 points"), ("k [zone]", "long " * 30 + "end")]),
    ("Cost", [("memory", "12 MB")]),
]


def test_check_in_a_pipe_is_whole_lines() -> None:
    console = plain()
    print_check(console, SECTIONS)
    lines = text(console).splitlines()
    assert lines[0] == "Grid"
    assert lines[1] == "  x         box −20 … 20, 256 points"
    assert lines[2].endswith("long end")
    assert lines[3:] == ["Cost", "  memory    12 MB"]


def test_check_in_a_terminal_folds_and_keeps_all() -> None:
    console = terminal(50)
    print_check(console, SECTIONS)
    shown = text(console)
    assert "k [zone]" in shown and shown.count("long") == 30 and "…" in shown  # the dots of the range only
    assert shown.count("…") == 1
