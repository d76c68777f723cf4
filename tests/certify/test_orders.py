"""Slopes and verdicts on errors made up for the purpose, and the expansion parameter in closed form."""

import numpy as np
import pytest
from problems import hamiltonian
from scipy.integrate import solve_ivp

from wigner.algebra import Axis, PhaseSpace
from wigner.certify.orders import (
    expansion_parameter,
    fit_order,
    judge_order,
    largest_expansion,
    transition_probability,
)

HBARS = (0.2, 0.1, 0.05, 0.025)
SMALL = (0.1, 0.05, 0.025, 0.0125)


def verdict(errors, claimed=2, parameters=SMALL, **options):
    return judge_order("equation", "F", claimed, HBARS, errors, parameters, **options)


def test_a_power_is_found_over_the_smallest_three():
    errors = [3 * h**2.5 for h in HBARS]
    errors[0] = 7.0
    slope, uncertainty = fit_order(HBARS, errors)
    assert slope == pytest.approx(2.5, abs=1e-12) and uncertainty <= 1e-12
    bent = [h**2 * (1 + 4 * h) for h in HBARS]
    slope, uncertainty = fit_order(HBARS, bent)
    assert 2.0 < slope < 2.3 and 0.01 < uncertainty < 0.1


def test_verdicts():
    assert verdict([h**2 for h in HBARS]).verdict == "holds"
    assert verdict([h**3 for h in HBARS]).verdict == "better"
    assert verdict(list(HBARS)).verdict == "fails"
    assert verdict(list(HBARS), filtered=1e-3).verdict.startswith("unclear: the grid does not hold 1.0e-03")
    assert verdict([h**2 for h in HBARS], filtered=1e-3).verdict == "holds"
    bent = verdict([h**2 + 1e-3 for h in HBARS])
    assert bent.verdict.startswith("unclear: no one power of ħ; use more points") and bent.uncertainty > 0.2
    rounding = verdict([1e-15] * 4)
    assert rounding.verdict == "exact" and np.isnan(rounding.slope)
    large = verdict([h**2 for h in HBARS], parameters=[4 * p for p in (0.8, 0.4, 0.2, 0.1)])
    assert large.verdict.startswith("no fit: ħ|∂H||∂P|/gap reaches 1.6; choose a smaller ħ")


def test_expansion_parameter_of_a_vortex_in_phase_space():
    """H = a x σx + v k σy + m σz: ħ · 2av/(2m)² at the origin, where the gap is least."""
    axes = (Axis("x", "box", -2, 2, 16), Axis("k", "box", -3, 3, 24))
    space = PhaseSpace(axes, 0.3)
    h = hamiltonian(space, "a*x*sigma_x + v*k*sigma_y + m*sigma_z", a=0.7, v=1.1, m=0.9)
    assert expansion_parameter(h, 0.0) == pytest.approx(0.3 * 2 * 0.7 * 1.1 / (2 * 0.9) ** 2, rel=1e-12)
    touching = hamiltonian(space, "x*sigma_x + k*sigma_y")
    assert expansion_parameter(touching, 0.0) == np.inf
    assert expansion_parameter(hamiltonian(space, "k**2"), 0.0) == 0.0


def test_a_driven_crystal_expands_in_its_rate():
    """m(cos wt σx + sin wt σy): ħ · m w/(2m)², without any bracket."""
    space = PhaseSpace((Axis("k", "zone", -np.pi, np.pi, 8),), 0.3)
    turning = hamiltonian(space, "0.7*(cos(5*t)*sigma_x + sin(5*t)*sigma_y) + cos(k)*sigma_0")
    assert expansion_parameter(turning, 0.2) == pytest.approx(0.3 * 0.7 * 5 / 1.4**2, rel=1e-12)


def test_transitions_between_bands_are_named_and_not_fitted():
    """Where e^{−π/4p} is of the size of the error no power holds; F sees the amplitude, and levels do not move."""
    expansion = (0.28, 0.14, 0.07, 0.035)
    errors = [1.4 * np.exp(-np.pi / (4 * p)) for p in expansion]
    row = judge_order("equation", "f_n", 2, HBARS, errors, expansion)
    assert row.verdict.startswith("no fit: Landau–Zener transitions reach 3.7e-03") and np.isnan(row.slope)
    powers = [h**2 for h in HBARS]
    assert judge_order("equation", "f_n", 2, HBARS, powers, SMALL).verdict == "holds"
    # What follows one power is left alone: in positions the probability is only bounded.
    assert judge_order("equation", "f_n", 2, HBARS, [h**2 for h in HBARS], expansion).verdict == "holds"
    assert judge_order("equation", "f_n", 2, HBARS, [0.1 * h for h in HBARS], expansion).verdict == "fails"
    # F sees the amplitude, occupations the probability.
    bent = [1e-2 * h**2 + 1e-5 for h in HBARS]
    rare = (0.12, 0.09, 0.075, 0.06)
    assert judge_order("equation", "F", 2, HBARS, bent, rare).verdict.startswith("no fit")
    assert judge_order("equation", "f_n", 2, HBARS, bent, [p / 2 for p in rare]).verdict.startswith("unclear")
    assert judge_order("equation", "level", 2, HBARS, errors, expansion).verdict.startswith("unclear")


def test_the_probability_of_a_transition_against_the_two_level_equation():
    """H = vtσz + dσx from far below to far above, at two rates: what is left in the band that it left."""
    gap, far = 0.6, 60.0
    space = PhaseSpace((Axis("k", "zone", -np.pi, np.pi, 4),), 1.0)
    for rate in (0.5, 0.8):
        h = hamiltonian(space, "v*t*sigma_z + d*sigma_x + 0*cos(k)*sigma_0", v=rate, d=gap)

        def turn(t, psi, rate=rate):
            return -1j * np.array([rate * t * psi[0] + gap * psi[1], gap * psi[0] - rate * t * psi[1]])

        ends = [np.linalg.eigh(np.array([[rate * t, gap], [gap, -rate * t]]))[1] for t in (-far, far)]
        psi = solve_ivp(turn, (-far, far), ends[0][:, 0].astype(complex), rtol=1e-8, atol=1e-10).y[:, -1]
        wanted = abs(ends[1][:, 1] @ psi) ** 2
        # Between the first looks, so that it must be looked for once more.
        expansion = largest_expansion(h, -far, 1.013 * far)
        assert transition_probability(expansion) == pytest.approx(wanted, rel=0.02)
