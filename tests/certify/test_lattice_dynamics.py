"""The chain in real space against wave functions written out, Bessel functions, and what it must refuse."""

import numpy as np
import pytest
import scipy.linalg
import scipy.special
from problems import hamiltonian

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.certify.problem import ReferenceProblem
from wigner.certify.reference import evaluate_reference
from wigner.errors import MeasurementError
from wigner.states import FormulaState, Packet

TWO_BANDS = "0.3*sigma_z + (0.2 + cos(k))*sigma_x + 0.7*sin(k)*sigma_y - 0.4*cos(2*k - 0.5)*sigma_0"
POTENTIAL = "0.1*x*sigma_0 + 0.3*exp(-x**2/3)*sigma_x"
TWISTED = "(sigma_0 + 0.3*sigma_z + 0.5*sigma_x - 0.4*sigma_y)"
CLOUD = "exp(-x**2/2)*(exp(-(k - 0.6)**2) + exp(-(k - 0.6 - 2*pi)**2) + exp(-(k - 0.6 + 2*pi)**2))"


def problem(spec, state, times, *, hbar=1.0, spacing=1.0, cells=24, steps=2, profiles=(), shift=0.0):
    """x in steps of spacing/steps, a site at x = 0, the zone from `shift`."""
    count = cells * steps
    half = spacing * cells / 2
    axes = (
        Axis("x", "box", -half, half, count),
        Axis("k", "zone", shift, shift + 2 * np.pi * hbar / spacing, 8),
    )
    h = hamiltonian(PhaseSpace(axes, hbar), spec)
    formulas = {name: MatrixFormula.parse(text, variables=("x", "k")) for name, text in profiles}
    packet = FormulaState(state, normalise=True)
    return ReferenceProblem(h, packet, np.asarray(times, dtype=float), {}, {"profiles": formulas})


def occupations(one, quantity="density"):
    return evaluate_reference("lattice_dynamics", one, quantity)


def test_one_site_spreads_as_bessel_functions():
    """ρ_n(t) = J_n(2Jt/ħ)², from one site; its F is 1 there for every k, and no other lattice is filled."""
    hbar, t = 0.7, 3.0
    one = problem("-2*0.8*cos(k/0.7*1.5)", "exp(-400*x**2)", [0, t], hbar=hbar, spacing=1.5, cells=40)
    x = one.hamiltonian.space.positions[0].values
    expected = np.where(np.arange(80) % 2, 0, scipy.special.jv(np.rint(x / 1.5), 2 * 0.8 * t / hbar) ** 2)
    # Particles per length, on steps of a/2.
    assert np.max(np.abs(occupations(one)[1] * 0.75 - expected)) <= 1e-12


def chain_matrix(sites):
    """TWO_BANDS and POTENTIAL by hand: (Hψ)_n = Σ_m h_m ψ_{n+m} + V(x_n) ψ_n."""
    cells = len(sites)
    sx, sy, sz = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
    hops = {
        0: 0.3 * sz + 0.2 * sx,
        1: sx / 2 + 0.7 * sy / 2j,
        2: -0.2 * np.exp(-0.5j) * np.eye(2),
    }
    up = [np.kron(np.eye(cells, k=m), hop) for m, hop in hops.items()]
    potential = np.kron(np.diag(0.1 * sites), np.eye(2)) + np.kron(np.diag(0.3 * np.exp(-(sites**2) / 3)), sx)
    return up[0] + potential + sum(m + m.conj().T for m in up[1:])


@pytest.mark.parametrize("shift", [-np.pi, 0.0, 0.4])
def test_two_orbitals_against_the_exponential_of_the_hops(shift):
    """Positive and negative hops, complex ones, wherever the zone begins; each chain apart, by scipy's expm."""
    cells, t = 32, 1.4
    profiles = [("p", "sigma_z"), ("re", "sigma_x/2"), ("im", "-sigma_y/2"), ("rise", "x*sigma_y + sigma_0")]
    one = problem(
        f"{TWO_BANDS} + {POTENTIAL}",
        f"{TWISTED}*{CLOUD}",
        [0, t],
        cells=cells,
        profiles=profiles,
        shift=shift,
    )
    x = one.hamiltonian.space.positions[0].values
    k = 2 * np.pi * np.arange(256) / 256
    spinor = np.array([[1.3, 0.5 + 0.4j], [0.5 - 0.4j, 0.7]])
    images = sum(
        np.exp(-((np.mod(k + np.pi, 2 * np.pi) - np.pi - 0.6 + 2 * np.pi * n) ** 2)) for n in (-1, 0, 1)
    )
    found = np.zeros((2, 2, 2 * cells), dtype=complex)
    for sites, chain in ((x[::2], slice(0, None, 2)), (x[1::2], slice(1, None, 2))):
        distance = sites[:, None] - sites[None, :]
        line = np.exp(-((sites[:, None] + sites[None, :]) ** 2) / 8)
        waves = np.mean(images * np.exp(1j * np.multiply.outer(distance, k)), axis=-1)
        propagator = scipy.linalg.expm(-1j * t * chain_matrix(sites))
        rho = propagator @ np.kron(line * waves, spinor) @ propagator.conj().T
        found[..., chain] = np.einsum("iaib->abi", rho.reshape(cells, 2, cells, 2))
    found /= np.einsum("aax->", found).real / 2
    wanted = {
        "density": np.einsum("aax->x", found).real,
        "p": (found[0, 0] - found[1, 1]).real,
        "re": found[0, 1].real,
        "im": found[0, 1].imag,
        "rise": np.einsum("aax->x", found).real - 2 * x * found[0, 1].imag,
    }
    for name, values in wanted.items():
        assert np.max(np.abs(values)) > 1e-3
        assert np.max(np.abs(occupations(one, name)[1] - values)) <= 1e-12, name


def test_every_offset_lattice_moves_by_itself():
    """On steps of a/6 live six of them: what starts on one of them stays there, and its number of particles."""
    one = problem("-cos(k)", "exp(-4000*(x - 1/6)**2)", [0, 2.0], steps=6)
    first, last = occupations(one)
    chain = np.arange(len(first)) % 6 == 1
    assert np.max(np.abs(last[~chain])) <= 1e-15
    assert np.isclose(last.sum(), first.sum(), rtol=1e-12)
    assert last.max() < 0.9 * first.max()


REFUSED = {
    "static": (("cos(k + t)", CLOUD), {}, "density", "expected a static problem"),
    "zone": (
        ("cos(k)", CLOUD),
        {"steps": 3},
        "density",
        "an even number of steps of x in a lattice spacing, got 3",
    ),
    "quantity": (("cos(k)", CLOUD), {}, "purity", "expected density or a profile of the run, got 'purity'"),
    "profile": (("cos(k)", CLOUD), {"profiles": [("e", "k")]}, "e", "a profile that depends on x only"),
    "ends": (("cos(k)", "exp(-x**2/40)"), {}, "density", "reaches the ends of the chain at x = -12"),
    "period": (("cos(k/2)", CLOUD), {}, "density", "expected T\\(k\\) with the zone's period"),
    "harmonics": (("tanh(20*cos(k))", CLOUD), {}, "density", "hops of fewer than 32 cells"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    words, more, quantity, message = REFUSED[case]
    with pytest.raises(MeasurementError, match=message):
        occupations(problem(*words, [0, 1.0], **more), quantity)


def test_packets_are_refused():
    one = problem("cos(k)", CLOUD, [0, 1.0])
    with pytest.raises(MeasurementError, match="expected a state given as a formula"):
        occupations(ReferenceProblem(one.hamiltonian, Packet(0.0, 0.0, 1.0), one.times))
