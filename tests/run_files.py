"""Run files that are right, and how the tests make them wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from wigner.app.config import parse
from wigner.errors import ConfigError

#: The texture of analysis/comparisons, without its sweep.
COMPARED = (
    (Path(__file__).resolve().parent.parent / "analysis" / "comparisons" / "texture.toml")
    .read_text(encoding="utf-8")
    .split("\n[compare]")[0]
)

GOOD = """\
title = "A packet on a barrier"

[space]
hbar = 0.5
x = {kind = "box", min = -20, max = 20, points = 32}
k = {points = 16}

[model]
kind = "dirac"
mass = "1/4"

[potential]
formula = "V*sech(x/w)**2"
parameters = {V = 0.3, w = "2*pi/3"}

[state]
kind = "packet"
position = -5
momentum = 0.5
width = 2.0
band = 1

[evolution]
t_end = "2*pi"

[record]
every = 0.1
snapshots = 3
observables = {beyond = "step(x - V)", spin = "sigma_z*mass"}

[guards]
edge_action = "stop"

[engine]
threads = "auto"

[[claims]]
quantity = "trace"
expected = 1
tolerance = 1e-11
source = "exact"

[[claims]]
quantity = "band_population"
band = 1
reduce = "initial"
expected = "4*mass + 0*t_end*V"
tolerance = 1e-6
source = "the packet is projected"
"""
FORMULA = """\
[space]
x = {min = -8, max = 8, points = 16}
y = {min = -8, max = 8, points = 16}
kx = {points = 16}
ky = {kind = "zone", min = "-pi", max = "pi", points = 16}

[model]
kind = "formula"
matrix = [
  ["kx**2", "a*i"],
  ["-a*i", "cos(ky)"],
]
parameters = {a = 2}

[state]
kind = "formula"
matrix = "exp(-x**2 - y**2)"

[evolution]
t_end = 1
dt = 0.01
"""
TEXTURE = """\
[space]
x = {min = -8, max = 8, points = 32}
k = {points = 32}

[model]
kind = "formula"
matrix = "k**2/2*sigma_0 + exp(-x**2)*cos(k)*sigma_x"

[state]
kind = "packet"
position = 0
momentum = 0
width = 1
spinor = [1, 0]

[evolution]
t_end = 1
method = "spectral"
"""
# Added to a texture: what has a table of its own in [record], and claims on it.
RECORD = """
[record]
diagnostics = ["conserved", "moments", "edges"]
probes = {centre = {x = 0, k = 0}}
star_spectrum = {energy = 1.0, below = 1, above = 2}

[[claims]]
quantity = "star_level"
level = 2
expected = 1
tolerance = 1
source = "none"

[[claims]]
quantity = "centre"
component = "re01"
expected = 0
tolerance = 1
source = "none"
"""


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as caught:
        parse(text, "run.toml")
    for problem in caught.value.problems:
        assert "\n" not in str(problem)
    return [(p.line, p.key, p.message) for p in caught.value.problems]


def line_of(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def swapped(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)
