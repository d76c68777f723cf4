"""A small run with a quantity of every shape, whose values follow from its times."""

from dataclasses import dataclass, field

import numpy as np

from wigner.algebra import Axis, PhaseSpace


@dataclass(frozen=True)
class Named:
    name: str
    dims: tuple
    units: str = "1"
    long_name: str = "a quantity"
    lengths: dict = field(default_factory=dict)


SPACE = PhaseSpace((Axis("x", "ring", -3.0, 3.0, 12), Axis("k", "box", -2.0, 2.0, 8)), 0.5)
QUANTITIES = (
    Named("trace", (), "1", "number of particles"),
    Named("density", ("x",), "1/length", "density ρ(r)"),
    Named("band_population", ("band",)),
    Named("star_level", ("level", "x"), "energy", "levels", {"level": 3}),
    Named("probe", ("component",)),
)
ATTRIBUTES = {"title": "Test ħ", "config_json": '{"space": {"hbar": 0.5}}', "config_text": "# ψ\n" * 50_000}


def values(t):
    """The record at time t."""
    return {
        "trace": 1 + t,
        "density": t * np.arange(12.0),
        "band_population": np.array([t, -t]),
        "star_level": t * np.arange(36.0).reshape(3, 12),
        "probe": np.array([t, 0.0, 2 * t, -t]),
    }


def components(t):
    """The state at time t."""
    return np.random.default_rng(int(1000 * t)).standard_normal((4, 12, 8))
