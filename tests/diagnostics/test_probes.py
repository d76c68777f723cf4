"""Probes against the matrix they read."""

import numpy as np
import pytest
from nouns import exact_unitary, rotated_field
from problems import hamiltonian, matched_space

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics import Probes
from wigner.errors import MeasurementError
from wigner.states import WignerFunction, component_names


def random_state(h, seed=0):
    return WignerFunction(h.space, np.random.default_rng(seed).normal(size=(h.bands**2, *h.space.shape)))


def test_components_at_points():
    """Entries of F at the sample, by the names of the components."""
    space = matched_space(16, 8.0, 0.7)
    h = hamiltonian(space, [["k", "0", "0"], ["0", "x", "0"], ["0", "0", "1"]])
    state, x, k = random_state(h), space.axis("x").values, space.axis("k").values
    probes = Probes({"one": {"x": x[3], "k": k[11]}, "two": {"k": k[0], "x": x[15]}})
    assert [(q.name, q.dims, q.units) for q in probes.quantities(h)] == [
        ("one", ("component",), "1"),
        ("two", ("component",), "1"),
    ]
    found = probes.prepare(h)(state, 0.3)
    for name, place in (("one", (3, 11)), ("two", (15, 0))):
        f = state.matrix()[(slice(None), slice(None), *place)]
        for label, value in zip(component_names(3), found[name], strict=True):
            entry = f[int(label[-2]), int(label[-1])]
            assert value == (entry.imag if label.startswith("im") else entry.real)


def test_values_are_no_view_of_the_state():
    space = matched_space(8, 8.0)
    h = hamiltonian(space, "k*sigma_x")
    state = random_state(h)
    found = Probes({"p": {"x": 0.0, "k": 0.0}}).prepare(h)(state, 0.0)["p"]
    kept = found.copy()
    state.data[:] = 0
    assert np.array_equal(found, kept)


def test_turns_with_the_basis():
    """Components are those of a matrix: they turn with it, and their invariants stay."""
    space, unitary = matched_space(8, 8.0), exact_unitary(2, seed=2)
    h = hamiltonian(space, "k*sigma_x")
    state = random_state(h)
    turned = WignerFunction.from_matrix(space, rotated_field(state.matrix(), unitary))
    measure = Probes({"p": {"x": -2.0, "k": 0.0}}).prepare(h)
    one, two = (measure(s, 0.0)["p"] for s in (state, turned))
    assert not np.allclose(one, two, atol=1e-2)
    assert np.isclose(one[0] + one[1], two[0] + two[1])
    assert np.isclose(
        one[0] * one[1] - one[2] ** 2 - one[3] ** 2, two[0] * two[1] - two[2] ** 2 - two[3] ** 2
    )


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ({"kx": 0.0}, "a value for each of the axes kx, ky, got kx"),
        ({}, "got none"),
        ({"kx": 0.0, "ky": 0.0, "kz": 0.0}, "got kx, ky, kz"),
        ({"kx": 0.01, "ky": 0.0}, r"got kx = 0.01; the nearest sample is kx = 0$"),
        ({"kx": 1.0, "ky": 0.0}, r"got kx = 1; the nearest sample is kx = 0.75"),
        ({"kx": np.nan, "ky": 0.0}, "got kx = nan"),
    ],
)
def test_what_is_not_on_the_grid_is_refused(point, message):
    axes = (Axis("kx", "zone", -1, 1, 8), Axis("ky", "box", -2, 2, 4))
    h = hamiltonian(PhaseSpace(axes), "kx*sigma_x")
    with pytest.raises(MeasurementError, match=message):
        Probes({"p": point}).prepare(h)
