"""A lattice in a magnetic field by its magnetic unit cell: hops with Peierls phases, one matrix for each Bloch momentum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np
from scipy.integrate import quad

from ..errors import MeasurementError
from ..models import Hamiltonian
from .levels import LEVELS, expect_quantity, recorded_levels
from .problem import ReferenceProblem

__all__ = ["magnetic_cell"]

_LARGEST_CELL = 400
_NO_HOP = 1e-13
_DENSITY = "landau_density"


def magnetic_cell(problem: ReferenceProblem, quantity: str) -> np.ndarray | float:
    r"""Levels of a lattice in a field of rational flux, or the edge of one of its magnetic bands.

    .. math:: (\hat H ψ)_{x} = \sum_{mn} h_{mn} \, e^{−iθn(x + m/2)} \, e^{i(αm + βn)} \, ψ_{x+m}, \qquad
              H(k) = \sum_{mn} h_{mn} e^{i(mk_x + nk_y)}, \qquad θ = 2π p/q

    Parameters
    ----------
    problem : static H, a sum of few harmonics of the zone in kx and ky, {kx, ky} = b ≠ 0; a third momentum is a parameter.
    quantity : ``star_level``, ``landau_level``; ``landau_degeneracy``, states per area; ``landau_density``, electrons per
        area of a state f(H)_⋆, in a force along the third momentum too.

    Other Parameters
    ----------------
    band, edge : options; the ``"top"`` or the ``"bottom"`` of a magnetic band, counted from below, over the magnetic zone.
        Without them: the levels that the run records, out of those at the four Bloch momenta that are their own
        negatives, α and β each 0 or π/q.
    samples : option; the magnetic zone is sampled at this many α and β each, default 24.
    harmonics : option; samples of H an axis, default 32; H must have no harmonic beyond half as many.

    Returns
    -------
    A number, or an array (times, levels), with a third momentum (times, levels, its points); densities without levels.

    Raises
    ------
    MeasurementError : for another H, a flux with a denominator above 400, or an unknown band or edge.
    """
    name = "magnetic_cell"
    expect_quantity(name, quantity, (*LEVELS, _DENSITY))
    samples, flux = int(problem.option("harmonics", 32)), _flux(problem.hamiltonian)
    band, edge = problem.option("band", None), problem.option("edge", None)
    if quantity == _DENSITY:
        return _densities(problem, flux, samples)
    if band is None and edge is None:
        still = problem.hamiltonian.space.axes[2:]
        each = np.array(
            [
                recorded_levels(problem, name, quantity, energies, _per_state(problem.hamiltonian, flux))
                for energies in _planes(problem, flux, samples, 0.0)
            ]
        )
        each = each.T if still else each[0]
        return np.tile(each, (len(problem.times), *[1] * each.ndim))
    hops = _hops(problem.hamiltonian, samples, {})
    count = flux.denominator * problem.hamiltonian.bands
    if not (isinstance(band, int) and 0 <= band < count and edge in ("top", "bottom")):
        raise MeasurementError(
            f"reference {name}: expected band in 0 … {count - 1} and edge 'top' or 'bottom', got {band} and {edge!r}"
        )
    samples = int(problem.option("samples", 24))
    zone = 2 * np.pi / flux.denominator / samples * np.arange(samples)
    energies = _bands(hops, flux, zone)[..., band]
    return float(energies.max() if edge == "top" else energies.min())


def _planes(problem: ReferenceProblem, flux: Fraction, samples: int, impulse: float) -> Iterator[np.ndarray]:
    """All energies at the four Bloch momenta that are their own negatives, for each third momentum less `impulse`."""
    own_negatives = np.pi / flux.denominator * np.arange(2)
    still = problem.hamiltonian.space.axes[2:]
    for at in [{axis.name: float(k) - impulse} for axis in still for k in axis.values] or [{}]:
        yield _bands(_hops(problem.hamiltonian, samples, at), flux, own_negatives).ravel()


def _per_state(hamiltonian: Hamiltonian, flux: Fraction) -> float:
    """States per area that one energy out of four Bloch momenta of a magnetic cell stands for."""
    space = hamiltonian.space
    cells = np.prod([axis.extent / (2 * np.pi * space.hbar) for axis in space.axes[:2]])
    return float(cells) / (4 * flux.denominator)


def _densities(problem: ReferenceProblem, flux: Fraction, samples: int) -> np.ndarray:
    """Σ f(E) per area, (times, planes): a force along the third momentum moves the planes with all that is in them."""
    hamiltonian, state = problem.hamiltonian, problem.state
    if not getattr(state, "star", False):
        raise MeasurementError("reference magnetic_cell: expected the state fermi with star = true")
    force = hamiltonian.fields.force if hamiltonian.fields is not None else ()
    if any(not component.is_zero for component in force[:2]):
        raise MeasurementError("reference magnetic_cell: expected a force along the field, got one across it")

    def push(t: float) -> float:
        return float(force[2](t=t)[0, 0].real)

    def occupied(energies: np.ndarray) -> float:
        apart = state.chemical_potential - energies
        cold = state.temperature == 0
        shares = np.heaviside(apart, 0.5) if cold else 0.5 * (1 + np.tanh(0.5 * apart / state.temperature))
        return float(np.sum(shares)) * _per_state(hamiltonian, flux)

    rows = []
    for t in problem.times:
        impulse = quad(push, problem.times[0], t, epsabs=1e-13)[0] if len(force) > 2 else 0.0
        rows.append([occupied(energies) for energies in _planes(problem, flux, samples, impulse)])
    return np.reshape(rows, (len(problem.times), *(axis.points for axis in hamiltonian.space.axes[2:])))


def _flux(hamiltonian: Hamiltonian) -> Fraction:
    """θ/2π through a cell, signed."""
    space = hamiltonian.space
    extents = [axis.extent for axis in space.axes]
    flux = 2 * np.pi * space.hbar * float(space.poisson_tensor[0, 1]) / (extents[0] * extents[1])
    fraction = Fraction(flux).limit_denominator(_LARGEST_CELL)
    if fraction == 0 or abs(float(fraction) - flux) > 1e-9 * abs(flux):
        raise MeasurementError(
            f"reference magnetic_cell: expected a flux 2π p/q with q ≤ {_LARGEST_CELL}, got 2π · {flux:.9g}"
        )
    return fraction


def _hops(
    hamiltonian: Hamiltonian, samples: int, at: Mapping[str, float]
) -> dict[tuple[int, int], np.ndarray]:
    """h_mn by (m, n), matrices (N, N), where a third momentum has the value `at`."""
    space = hamiltonian.space
    if space.names != ("kx", "ky", *at) or "t" in hamiltonian.symbol.variables:
        raise MeasurementError(
            "reference magnetic_cell: expected a static H on kx and ky, beside which kz may stand for levels"
        )
    extents = [axis.extent for axis in space.axes[:2]]

    def sampled(zone: int) -> np.ndarray:
        kx, ky = ((np.arange(samples) / samples + zone) * extent for extent in extents)
        values = hamiltonian.symbol(kx=kx[:, None], ky=ky[None, :], **at)
        return np.broadcast_to(values, (*values.shape[:2], samples, samples))

    field = sampled(0)
    scale = max(float(np.abs(field).max()), 1e-300)
    harmonics = np.fft.fft2(field, norm="forward")
    half = samples // 2
    beyond = max(np.abs(harmonics[:, :, half]).max(), np.abs(harmonics[..., half]).max())
    if max(float(np.abs(sampled(1) - field).max()), float(beyond)) > 1e-12 * scale:
        raise MeasurementError(
            f"reference magnetic_cell: expected H with the zone's period and harmonics below {half}"
        )
    large = np.argwhere(np.abs(harmonics).max(axis=(0, 1)) > _NO_HOP * scale)
    signed = np.where(large > half, large - samples, large)
    return {(int(m), int(n)): harmonics[:, :, i, j] for (m, n), (i, j) in zip(signed, large, strict=True)}


def _bands(hops: dict[tuple[int, int], np.ndarray], flux: Fraction, twists: np.ndarray) -> np.ndarray:
    """Energies at every pair of Bloch phases, shape (twists, twists, q·N), ascending."""
    sites, bands = flux.denominator, len(next(iter(hops.values())))
    theta = 2 * np.pi * float(flux)
    x = np.arange(sites)
    alpha, beta = twists[:, None, None, None], twists[None, :, None, None]
    cell = np.zeros((len(twists), len(twists), sites, bands, sites, bands), dtype=complex)
    for (m, n), hop in hops.items():
        peierls = np.exp(-1j * theta * n * (x + m / 2))
        bloch = np.exp(1j * (alpha * m + beta * n))
        for site in x:
            cell[:, :, site, :, (site + m) % sites, :] += peierls[site] * bloch * hop
    return np.linalg.eigvalsh(cell.reshape(len(twists), len(twists), sites * bands, sites * bands))
