"""Two run files that are right, and how the tests make them wrong."""

from __future__ import annotations

import pytest

from wigner.app.config import parse
from wigner.errors import ConfigError

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
