"""Operators of few hops and dense ones move a state alike."""

import numpy as np
import pytest
from problems import hamiltonian, matched_space

from wigner.algebra.weyl import WeylTransform
from wigner.equations import OperatorForm, operator_form
from wigner.states import DensityFactor, WignerFunction
from wigner.steppers import Chebyshev

STATIC = "cos(k)*sigma_x + 0.3*sin(2*pi*x/16)*sigma_z + 0.2*sigma_0"
DRIVEN = "cos(k - t*sin(2*pi*x/16))*sigma_x + sin(k)*sigma_y + cos(0.7*t)*sigma_z"


def moved(h, state, steps, t_end, share, monkeypatch, threads=1):
    monkeypatch.setattr(operator_form, "_SPARSE", share)
    data = np.empty_like(state.data)
    form = OperatorForm(h, DensityFactor.full_rank(state, WeylTransform(h.space)), data, threads=threads)
    assert (form.generator([(1.0, 0.2)]).series is None) == (share == 0.0)
    stepper = Chebyshev(form)
    stepper.advance(0.0, t_end / steps, steps)
    stepper.settle()
    return data


@pytest.mark.parametrize("matrix", [STATIC, DRIVEN])
def test_sparse_and_dense_operators_move_alike(matrix, monkeypatch):
    rng = np.random.default_rng(3)
    space = matched_space(32, 16.0, 1.0, kind=("ring", "zone"))
    h = hamiltonian(space, matrix)
    state = WignerFunction(space, rng.normal(size=(4, 32, 32)))
    dense = moved(h, state, 6, 1.9, 0.0, monkeypatch)
    assert np.max(np.abs(dense - state.data)) > 0.1
    sparse = [moved(h, state, 6, 1.9, 1.0, monkeypatch, threads) for threads in (1, 2)]
    assert np.max(np.abs(sparse[0] - dense)) <= 1e-12 * np.max(np.abs(dense))
    np.testing.assert_array_equal(*sparse)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_reach_bounds_the_levels_and_centre_is_their_mean(share, monkeypatch):
    monkeypatch.setattr(operator_form, "_SPARSE", share)
    space = matched_space(32, 16.0, 0.5, kind=("ring", "zone"))
    h = hamiltonian(space, STATIC)
    weyl = WeylTransform(space)
    levels = weyl.spectrum(h.values()) / space.hbar
    state = WignerFunction(space, np.zeros((4, 32, 32)))
    generator = OperatorForm(h, DensityFactor.full_rank(state, weyl), state.data).generator([(1.0, 0.0)])
    np.testing.assert_allclose(np.ravel(generator.centre), levels.mean(axis=1), atol=1e-12)
    widest = np.abs(levels - levels.mean(axis=1)[:, None]).max()
    assert widest <= generator.reach * (1 + 1e-12)
    assert generator.reach <= 1.6 * widest
    # One product, against the operator itself.
    columns = np.eye(32, dtype=complex)[None].repeat(weyl.sets, axis=0)
    out = np.empty_like(columns)
    generator.apply(columns, out)
    np.testing.assert_allclose(np.linalg.eigvalsh(out) + generator.centre[:, 0], levels, atol=1e-12)
