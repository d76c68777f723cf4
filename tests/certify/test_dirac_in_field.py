"""The closed forms of Dirac and Weyl fermions in a field against ladder operators, limits, and the operator of a lattice."""

import numpy as np
import pytest
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.weyl import WeylTransform
from wigner.certify.problem import ReferenceProblem
from wigner.certify.reference import evaluate_reference
from wigner.errors import MeasurementError
from wigner.states import Fermi

SEA = Fermi(0.0, 0.0, star=True)
LEVELS = {"energy": 0.05, "below": 2, "above": 2, "resolution": 1e-9}
DIRAC = "v*(kx*sigma_x + ky*sigma_y) + m*sigma_z"


def problem(spec, b, point=(0.3, -0.4), *, state=SEA, hbar=1.0, levels=LEVELS, extra=(), **parameters):
    axes = [Axis(n, "box", -4, 4, 8) for n in ("kx", "ky")]
    space = PhaseSpace((*axes, *extra), hbar, brackets=(("kx", "ky", b),))
    options = {"probes": {"p": dict(zip(("kx", "ky"), point, strict=True))}, "star_spectrum": levels}
    h = hamiltonian(space, spec, **parameters)
    return ReferenceProblem(h, state, np.linspace(0, 1, 3), {}, options)


def sea(*arguments, **more):
    """F_00, F_11, Re F_01, Im F_01."""
    found = evaluate_reference("dirac_sea", problem(*arguments, **more), "p")
    assert found.shape == (3, 4)
    assert np.array_equal(found[0], found[2])
    return found[0]


# --- the filled sea -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [0.7, -0.7])
def test_weak_field_is_the_local_projector(m):
    """The departure from (1 − H/E)/2 falls linearly with b; its trace part is −mb/2E³."""
    errors, traces = [], []
    kx, ky, fields = 0.3, -0.4, (0.02, 0.01)
    energy = np.sqrt(kx**2 + ky**2 + m**2)
    local = np.array([1 - m / energy, 1 + m / energy, -kx / energy, ky / energy]) / 2
    for b in fields:
        f = sea(DIRAC, b, v=1.0, m=m)
        errors.append(np.max(np.abs(f - local)))
        traces.append((f[0] + f[1] - 1) / b)
    assert abs(np.log2(errors[0] / errors[1]) - 1) <= 0.05
    assert np.allclose(traces, -m / (2 * energy**3), rtol=2e-3)


@pytest.mark.parametrize("b", [0.5, -0.5])
@pytest.mark.parametrize("m", [0.8, -0.8])
def test_charge_bound_by_the_field(b, m):
    """∫d²k/(2π)² (tr F − 1) = −b sgn(m)/4π, half a quantum of Hall conductivity."""
    k = np.linspace(0, 8, 161)
    excess = [sum(sea(DIRAC, b, (q, 0.0), v=1.0, m=m)[:2]) - 1 for q in k]
    found = np.trapezoid(np.array(excess) * k, k) / (2 * np.pi)
    # The tail ∝ k⁻³ beyond 8 holds 1/10 of the integral.
    tail = -m * b / (2 * np.sqrt(64 + m**2)) / (2 * np.pi)
    assert abs(found + tail + b * np.sign(m) / (4 * np.pi)) <= 2e-4


@pytest.mark.parametrize(
    ("b", "m", "v", "hbar", "names"),
    [
        (0.5, 1.0, 1.0, 1.0, "xyz"),
        (-0.5, 1.0, 1.0, 1.0, "xyz"),
        (0.4, -0.9, 1.3, 0.7, "xyz"),
        (0.5, 1.0, 1.0, 1.0, "yxz"),
        (0.5, 1.0, 1.0, 1.0, "zxy"),
    ],
)
def test_against_the_operator_of_a_lattice(b, m, v, hbar, names):
    """Periodic cut-offs far away, which leave 1e-5; matrices in any order, so that both chiralities occur."""
    points, width = 112, 6.0 * np.sqrt(hbar)
    height = np.pi * hbar * abs(b) * points / (4 * width)
    axes = (
        Axis("kx", "zone", -width, width, points),
        Axis("ky", "zone", -height, height, points),
    )
    space = PhaseSpace(axes, hbar, brackets=(("kx", "ky", b),))

    def momentum(name, end):
        s = f"sin(pi*{name}/{end})"
        terms = f"1 + 9*{s}**2/20*(1 + 25*{s}**2/42*(1 + 49*{s}**2/72))"
        return f"{end}/pi*{s}*(1 + {s}**2/6*({terms}))"

    cut = f"(sin(pi*kx/{2 * width})**10 + sin(pi*ky/{2 * height})**10)"
    one, two, three = (f"sigma_{name}" for name in names)
    mass = f"({m} + {8 * np.sign(m)}*{cut})"
    h = hamiltonian(
        space, f"{v}*({momentum('kx', width)}*{one} + {momentum('ky', height)}*{two}) + {mass}*{three}"
    )
    filled = WeylTransform(space).function(h.values(), lambda e: 1.0 * (e < 0))
    for i, j in ((56, 56), (60, 57)):
        point = (axes[0].values[i], axes[1].values[j])
        f = filled[:, :, i, j]
        wanted = sea(f"v*(kx*{one} + ky*{two}) + m*{three}", b, point, hbar=hbar, v=v, m=m)
        found = [f[0, 0].real, f[1, 1].real, f[0, 1].real, f[0, 1].imag]
        assert np.max(np.abs(found - wanted)) <= 3e-5


# --- Landau levels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("b", [0.6, -0.6])
@pytest.mark.parametrize("m", [0.3, -0.3])
@pytest.mark.parametrize(
    "spec", [DIRAC, "-v*(kx*sigma_x + ky*sigma_y) + m*sigma_z", "v*(ky*sigma_x + kx*sigma_y) + m*sigma_z"]
)
def test_levels_of_ladder_operators(spec, b, m):
    """H in the ladder basis of [kx, ky] = iħb; the chiral level has the sign that the truncation leaves at the bottom."""
    hbar, v, size = 0.8, 1.2, 60
    ladder = np.diag(np.sqrt(np.arange(1.0, size)), 1)
    one, two = (ladder + ladder.T) / np.sqrt(2), (ladder - ladder.T) / (1j * np.sqrt(2))
    kx, ky = (np.sqrt(hbar * abs(b)) * q for q in ((one, two) if b > 0 else (two, one)))
    formula = problem(spec, b, hbar=hbar, v=v, m=m).hamiltonian.symbol
    rest, a, c = formula(kx=0.0, ky=0.0), formula(kx=1.0, ky=0.0), formula(kx=0.0, ky=1.0)
    dense = np.kron(np.eye(size), rest) + np.kron(kx, a - rest) + np.kron(ky, c - rest)
    energies, vectors = np.linalg.eigh(dense)
    # The truncation adds a state of its own, all in the last rung.
    inside = (np.abs(vectors.reshape(size, 2, -1)) ** 2).sum(axis=1)[-1] < 0.5
    energies = energies[inside]
    middle = np.searchsorted(energies, LEVELS["energy"])
    found = evaluate_reference("landau_levels", problem(spec, b, hbar=hbar, v=v, m=m), "star_level")
    assert found.shape == (3, 4)
    assert np.max(np.abs(found[1] - energies[middle - 2 : middle + 2])) <= 1e-9


def test_levels_at_every_momentum_along_the_field():
    kz = Axis("kz", "box", -1, 1, 5)
    spec = "kx*sigma_x + ky*sigma_y + kz*sigma_z"
    levels = {"energy": -1.01, "below": 1, "above": 2, "resolution": 1e-9}
    found = evaluate_reference("landau_levels", problem(spec, -0.5, levels=levels, extra=(kz,)), "star_level")
    assert found.shape == (3, 3, 5)
    first = np.sqrt(1 + kz.values**2)
    assert np.allclose(found[0, 0, 1:], -first[1:])
    assert np.allclose(found[0, 1, 1:], -kz.values[1:])


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"spec": "kx**2*sigma_x + ky*sigma_y + sigma_z"}, "linear at the origin"),
        ({"spec": "kx*sigma_x + 2*ky*sigma_y + sigma_z"}, "expected H = v"),
        ({"spec": "kx*sigma_x + ky*sigma_y + sigma_z + 0.1*sigma_0"}, "expected H = v"),
        ({"spec": "kx*sigma_x + ky*sigma_y + t*sigma_z"}, "two static bands"),
        ({"spec": "kx**2 + ky**2"}, "two static bands"),
        ({"b": 0.0}, "expected {kx, ky} ≠ 0"),
        ({"state": Fermi(0.0, 0.0)}, "star = true"),
        ({"state": Fermi(0.0, 0.1, star=True)}, "temperature 0"),
        ({"state": Fermi(1.5, 0.0, star=True)}, "μ in the gap"),
    ],
)
def test_what_the_sea_refuses(changes, message):
    settings = {"spec": "kx*sigma_x + ky*sigma_y + sigma_z", "b": 0.5} | changes
    with pytest.raises(MeasurementError, match=message):
        evaluate_reference("dirac_sea", problem(settings.pop("spec"), settings.pop("b"), **settings), "p")


def test_what_has_no_reference():
    sound = problem("kx*sigma_x + ky*sigma_y + sigma_z", 0.5)
    with pytest.raises(MeasurementError, match="expected a probe at kx and ky, got 'q'"):
        evaluate_reference("dirac_sea", sound, "q")
    with pytest.raises(MeasurementError, match="star_level, landau_level or landau_degeneracy, got 'p'"):
        evaluate_reference("landau_levels", sound, "p")
    with pytest.raises(MeasurementError, match=r"expected \[record.star_spectrum\]"):
        none = problem("kx*sigma_x + ky*sigma_y + sigma_z", 0.5, levels=None)
        evaluate_reference("landau_levels", none, "star_level")
