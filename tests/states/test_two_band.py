"""F of two bands from its occupations and back, against pointwise and star-projectors."""

import numpy as np
import pytest
from kinetics import distance, geometry, lattice, prepared, slope, texture

from wigner.algebra.star import star_term
from wigner.bands import band_projectors, star_projector_series
from wigner.states import WignerFunction
from wigner.states.two_band import band_distributions, occupations, with_coherence, without_overlap

HBARS = np.array([0.1, 0.05, 0.025])


def random_state(problem, seed=0):
    return WignerFunction(problem.space, np.random.default_rng(seed).normal(size=(4, *problem.space.shape)))


def star(a, b, space):
    """The product through ħ², enough for slopes up to 2."""
    return sum(space.hbar**j * star_term(a, b, space, j) for j in range(3))


@pytest.mark.parametrize("problem", [texture(0.2, 12, w=0.6), lattice(0.2, 10)])
def test_occupations_are_traces_with_the_projectors(problem):
    state = random_state(problem)
    projectors = band_projectors(problem.hamiltonian().values(0.3))
    wanted = np.einsum("nab...,ba...->n...", projectors, state.matrix()).real
    assert np.max(np.abs(occupations(state, geometry(problem).at(0.3)) - wanted)) <= 1e-13


@pytest.mark.parametrize("problem", [texture(0.2, 12, w=0.6), lattice(0.2, 10)])
def test_ways_there_and_back(problem):
    fields = geometry(problem).at(0.3)
    state = with_coherence(problem.occupied, fields, problem.space)
    assert np.max(np.abs(occupations(state, fields) - problem.occupied)) <= 1e-14
    apart = band_distributions(problem.occupied, fields, problem.space)
    assert np.max(np.abs(without_overlap(apart, fields, problem.space) - problem.occupied)) <= 1e-15
    assert np.max(np.abs(apart.sum(axis=0) - problem.occupied.sum(axis=0))) <= 1e-14
    assert np.max(np.abs(apart - problem.occupied)) >= 1e-3


@pytest.mark.parametrize("make", [texture, lattice], ids=["texture", "lattice"])
def test_coherence_and_distributions_are_those_of_star_projected_states(make):
    """F = Σ P_s ⋆ g_s ⋆ P_s has no interband part at all. Its transverse part is (20) to ħ², and tr(P_s ⋆ F) is f_s to ħ²;
    without either correction the error falls as ħ only."""
    errors = {name: [] for name in ("F", "F0", "f", "f0")}
    for hbar in HBARS:
        problem = make(hbar)
        space, fields = problem.space, geometry(problem).at(0.0)
        h = np.broadcast_to(problem.hamiltonian().values(), (2, 2, *space.shape))
        lower = sum(hbar**j * part for j, part in enumerate(star_projector_series(h, space, [0], 2)))
        identity = np.broadcast_to(np.eye(2)[..., None, None], h.shape)
        field = sum(
            star(star(p, g * identity, space), p, space)
            for p, g in zip((lower, identity - lower), problem.occupied, strict=True)
        )
        state = WignerFunction.from_matrix(space, field)
        found = occupations(state, fields)
        distributions = np.array(
            [np.einsum("aa...->...", star(p, state.matrix(), space)).real for p in (lower, identity - lower)]
        )
        plain = WignerFunction.from_matrix(
            space, np.einsum("n...,nab...->ab...", found, band_projectors(problem.hamiltonian().values()))
        )
        errors["F"].append(distance(with_coherence(found, fields, space).data, state.data))
        errors["F0"].append(distance(plain.data, state.data))
        errors["f"].append(distance(band_distributions(found, fields, space), distributions))
        errors["f0"].append(distance(found, distributions))
    for name, wanted in (("F", 2), ("F0", 1), ("f", 2), ("f0", 1)):
        assert abs(slope(errors[name], HBARS) - wanted) <= 0.1, (name, errors[name])


def test_prepared_helper_holds_the_occupations():
    problem = lattice(0.1, 16, force=(0.4, "0.2*cos(t)"))
    assert (
        np.max(np.abs(occupations(prepared(problem), geometry(problem).at(0.0)) - problem.occupied)) <= 1e-14
    )
