"""What every registered initial state must do."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest
from nouns import check_docstring, exact_unitary, example, line, rotated, rotated_field
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.diagnostics import DIAGNOSTICS
from wigner.states import STATES, WignerFunction

every_state = pytest.mark.parametrize("cls", STATES, ids=lambda c: c.kind)
# States that H alone defines, so that they turn with the basis of H.
of_the_hamiltonian = [cls for cls in STATES if cls.kind != "formula"]


def two_bands(cls):
    if cls.kind == "star_occupations":
        axes = (Axis("x", "ring", 0, 2 * np.pi, 32), Axis("k", "zone", 0, 2 * np.pi, 32))
        spec = "sin(k)*sigma_x + (1.8 + 0.3*cos(x))*sigma_z + 0.3*sin(x)*sigma_y + 0.2*cos(k)*sigma_0"
        return hamiltonian(PhaseSpace(axes, 0.2), spec)
    return hamiltonian(line(), "k*sigma_x + (0.8 + x/9)*sigma_z + 0.3*k*sigma_y + k**2/5*sigma_0")


def test_kinds_are_unique():
    assert len({cls.kind for cls in STATES}) == len(STATES)


@every_state
def test_is_a_documented_frozen_value(cls):
    assert is_dataclass(cls)
    state = example(cls)
    assert state == example(cls)
    name = fields(cls)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(state, name, getattr(state, name))
    check_docstring(cls)


@every_state
def test_fills_the_grid(cls):
    h = two_bands(cls)
    state = example(cls).wigner_function(h)
    assert isinstance(state, WignerFunction)
    assert state.space == h.space
    assert state.data.shape == (4, *h.space.shape)
    assert state.data.dtype == np.float64
    assert state.data.flags.c_contiguous
    assert state.data.flags.writeable
    assert np.isfinite(state.data).all()
    assert state.trace() > 0
    matrix = state.matrix()
    assert np.array_equal(matrix, np.swapaxes(matrix, 0, 1).conj())


@every_state
def test_is_made_anew_each_time(cls):
    h, spec = two_bands(cls), example(cls)
    first = spec.wigner_function(h)
    kept = first.data.copy()
    first.data[:] = 7.0
    assert np.array_equal(spec.wigner_function(h).data, kept)
    assert np.array_equal(spec.wigner_function(h, t=3.0).data, kept)


@pytest.mark.parametrize("cls", of_the_hamiltonian, ids=lambda c: c.kind)
def test_turns_with_the_basis(cls):
    """U H U† prepares U F U†: the state knows no eigenvector phases, only projectors; every scalar is the same."""
    h = two_bands(cls)
    unitary = exact_unitary(2, seed=3)
    spec = example(cls, **({"spinor": None, "band": 1} if cls.kind == "packet" else {}))
    here, there = spec.wigner_function(h), spec.wigner_function(rotated(h, unitary))
    assert not np.allclose(here.matrix(), there.matrix(), atol=1e-2)
    assert np.max(np.abs(rotated_field(here.matrix(), unitary) - there.matrix())) <= 1e-12
    for diagnostic in DIAGNOSTICS:
        one = diagnostic.prepare(h)(here, 0.0)
        two = diagnostic.prepare(rotated(h, unitary))(there, 0.0)
        for name, value in one.items():
            assert np.max(np.abs(np.asarray(value) - two[name])) <= 1e-11 * max(1, np.max(np.abs(value))), (
                name
            )
