"""Mistakes in [record.spectral_flow], and what a sound table becomes."""

import pytest
from run_files import TEXTURE, problems

from wigner.app.config import parse

FLOW = """
[record]
observables = {inside = "step(x)"}
diagnostics = ["conserved", "edges"]

[record.spectral_flow]
energy = 0.2
window = [-1, 2]
regions = {left = "step(-x)", all = "1"}

[[claims]]
quantity = "electrons_left"
reduce = "change"
since = 0.5
expected = 0
tolerance = 1
source = "none"
"""


def test_a_sound_file() -> None:
    flow = parse(TEXTURE + FLOW, "run.toml").record.spectral_flow
    assert flow is not None
    assert (flow.energy, flow.window, set(flow.regions)) == (0.2, (-1.0, 2.0), {"left", "all"})


def test_a_region_may_move() -> None:
    flow = parse(TEXTURE + FLOW.replace('"step(-x)"', '"step(-x + t/2)"'), "run.toml").record.spectral_flow
    assert flow is not None and flow.regions["left"] == "step(-x + t/2)"


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('"step(-x)"', '"step(-z)"', "record.spectral_flow.regions.left", "'z' is unknown"),
        ('"step(-x)"', '"i*x"', "record.spectral_flow.regions.left", "make it real"),
        ('"step(-x)"', '"sigma_x"', "record.spectral_flow.regions.left", "expected one formula, got 2×2"),
        ('"step(-x)"', '"1/x"', "record.spectral_flow.regions.left", "got none at x = 0"),
        ('{left = "step(-x)", all = "1"}', "{}", "record.spectral_flow.regions", "at least one region"),
        ("[-1, 2]", "[0.5, 2]", "record.spectral_flow.window", "expected lowest < energy < highest"),
        (
            "inside =",
            "holes_all =",
            "record.spectral_flow",
            "expected a name for each quantity, got 'holes_all' again",
        ),
        ("since = 0.5", "since = 1", "claims[0].since", "expected 0 ≤ since < 1, got 1"),
        ("electrons_left", "electrons_right", "claims[0].quantity", "did you mean 'electrons_left'?"),
        ('"edges"]', '"spectral_flow"]', "record.diagnostics[1]", "write [record.spectral_flow] instead"),
    ],
)
def test_mistakes(old: str, new: str, key: str, message: str) -> None:
    assert FLOW.count(old) == 1
    found = problems(TEXTURE + FLOW.replace(old, new))
    assert any(key == where and message in text for _, where, text in found), found


def test_a_grid_without_operators() -> None:
    text = TEXTURE.replace("k = {points = 32}", "k = {min = -3, max = 3, points = 32}")
    text = text.replace("spectral", "auto").replace("exp(-x**2)*cos(k)*sigma_x", "exp(-x**2)*sigma_x")
    assert any(
        where == "record.spectral_flow" and "leave spectral_flow out" in message
        for _, where, message in problems(text + FLOW)
    )
