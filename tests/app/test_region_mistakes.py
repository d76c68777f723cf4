"""Mistakes in the regions of [record.streda]: one line each, at the line of the mistake."""

import pytest
from run_files import line_of, problems, swapped

from wigner.app.config import parse

GOOD = """\
[space]
kx = {kind = "zone", min = "-pi", max = "pi", points = 16}
ky = {kind = "zone", min = "-pi", max = "pi", points = 16}
brackets = [["kx", "ky", "pi/4"]]

[model]
kind = "qwz"
mass = -1.2

[state]
kind = "fermi"

[evolution]
t_end = 1
method = "harmonics"

[record]
diagnostics = ["conserved", "edges"]
observables = {streda_taken = "1"}

[record.streda]
energy = 0.1
regions = {half = "step(mass + kx + 1.2)", rest = "step(-kx)"}

[[claims]]
quantity = "streda_local_half"
band = 1
expected = 0
tolerance = 1
source = "none"
"""


def test_good_one_is_read():
    assert parse(GOOD, "run.toml").record.streda.regions["rest"] == "step(-kx)"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("step(-kx)", "step(-kq)", "kq"),
        ("step(-kx)", "t*kx", "formula 't*kx': 't' is unknown"),
        ("step(-kx)", "kx*sigma_z", "expected one formula, got 2×2; write one"),
        ("step(-kx)", "1/(kx + pi)", "expected finite values on the whole grid, got none at kx = -3.14159"),
        ("rest =", "'a b' =", "expected a name of letters, digits and _, got 'a b'; rename it"),
        ("rest =", "taken =", "expected a name for each quantity, got 'streda_taken' again"),
        ("energy = 0.1", "energy = 1.9", "expected a gap around energy = 1.9, got 1 to 2 bands below it"),
        ('"pi/4"', '"pi/3"', "expected a matched grid"),
        ("band = 1\n", "", "expected the band of streda_local_half"),
        ("streda_local_half", "streda_local", "expected a recorded quantity, got 'streda_local'"),
    ],
)
def test_mistakes(old, new, message):
    found = problems(swapped(old, new, GOOD))
    assert len(found) == 1, found
    line, key, text = found[0]
    assert message in text
    assert ";" in text
    if key.startswith("record.streda"):
        assert line in (line_of(GOOD, "[record.streda]"), line_of(GOOD, "regions ="))
