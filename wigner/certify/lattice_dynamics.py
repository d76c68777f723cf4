"""A chain of sites and orbitals: the density matrix of a mixed state moved by its hopping matrix, in real space."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..algebra.formula import MatrixFormula
from ..errors import MeasurementError
from ..models import Hamiltonian
from .problem import ReferenceProblem, local_part, separated

__all__ = ["lattice_dynamics"]

_HARMONICS = 64
_NO_HOP = 1e-13
_EDGE = 1e-12


def lattice_dynamics(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""A density in space on a tight-binding chain, from microscopic dynamics of its density matrix.

    .. math:: \hat H_{ij} = h_{(x_j − x_i)/a} + V(x_i) δ_{ij}, \qquad H(k) = \sum_m h_m e^{imka/ħ}, \qquad
              \hat ρ(t) = e^{−i\hat Ht/ħ} \hat ρ(0) e^{i\hat Ht/ħ}

    .. math:: \hat ρ_{ij}(0) ∝ ∫_0^{2πħ/a} \frac{a \, dk}{2πħ} e^{ik(x_i − x_j)/ħ} F\big(\tfrac{x_i + x_j}{2}, k\big)

    A lattice of spacing a has its centres (x_i + x_j)/2 on the half-lattice a/2. On a grid of spacing a/2p live 2p such
    lattices, offset from each other, and none knows of the others: each is moved by itself, with open ends.

    Parameters
    ----------
    problem : static H = T(k) + V(x), x in steps of a/2p and k in one zone 2πħ/a; a state given as a formula.
    quantity : ``density``, or a profile of the run that depends on x only.

    Returns
    -------
    Array (times, points).

    Raises
    ------
    MeasurementError : for another problem or quantity, or a state that reaches the ends of the chain.
    """
    space, name = problem.hamiltonian.space, "lattice_dynamics"
    separated(problem, name)
    x_axis, k_axis = space.axes
    pitch = 2 * np.pi * space.hbar / k_axis.extent / x_axis.spacing
    if k_axis.kind != "zone" or round(pitch) % 2 or abs(pitch - round(pitch)) > 1e-9:
        raise MeasurementError(
            f"reference {name}: expected a zone in k and an even number of steps of x in a lattice spacing, "
            f"got {pitch:.6g}"
        )
    profiles = problem.option("profiles", {})
    if quantity != "density" and quantity not in profiles:
        raise MeasurementError(
            f"reference {name}: expected density or a profile of the run, got {quantity!r}"
        )
    state = problem.state
    if getattr(state, "kind", None) != "formula":
        raise MeasurementError(f"reference {name}: expected a state given as a formula")
    times = tuple(float(t) for t in problem.times)
    formula = MatrixFormula.parse(state.matrix, variables=space.names, parameters=state.parameters)
    local = _local(problem.hamiltonian, formula.promoted(problem.hamiltonian.bands), times, round(pitch))
    if state.normalise:
        local = local / (np.einsum("aax->", local[0]).real * x_axis.spacing)
    if quantity == "density":
        return np.asarray(np.einsum("taax->tx", local).real)
    symbol = profiles[quantity]
    if not symbol.variables <= {x_axis.name}:
        raise MeasurementError(f"reference {name}: expected a profile that depends on {x_axis.name} only")
    matrix = symbol(**{x_axis.name: x_axis.values})
    matrix = matrix.reshape(*matrix.shape[:2], -1)
    return np.asarray(np.einsum("bax,tabx->tx", matrix, local).real)


@lru_cache(maxsize=2)
def _local(
    hamiltonian: Hamiltonian, state: MatrixFormula, times: tuple[float, ...], pitch: int
) -> np.ndarray:
    """ρ_ab(x, x), particles per length, (times, N, N, points)."""
    x = hamiltonian.space.positions[0].values
    out = np.empty((len(times), hamiltonian.bands, hamiltonian.bands, len(x)), dtype=complex)
    for offset in range(pitch):
        out[..., offset::pitch] = _chain(hamiltonian, state, times, x[offset::pitch])
    return out


def _chain(
    hamiltonian: Hamiltonian, state: MatrixFormula, times: tuple[float, ...], sites: np.ndarray
) -> np.ndarray:
    """The same on one lattice."""
    space, count, bands = hamiltonian.space, len(sites), hamiltonian.bands
    x_name, k_axis = space.names[0], space.momenta[0]
    hop, potential = _hops(hamiltonian, count), np.moveaxis(local_part(hamiltonian, x_name, sites), -1, 0)
    i, j = np.indices((count, count))
    dense = hop[j - i + count - 1] + potential[:, None] * np.eye(count)[:, :, None, None]
    energies, vectors = np.linalg.eigh(dense.transpose(0, 2, 1, 3).reshape(count * bands, -1))
    # Twice as many samples of the zone as distances between sites.
    k = k_axis.start + k_axis.extent * np.arange(4 * count) / (4 * count)
    centres = (sites[0] + sites[-1]) / 2 + (sites[1] - sites[0]) / 2 * np.arange(1 - count, count)
    waves = np.exp(
        1j * np.multiply.outer(k, (sites[1] - sites[0]) * np.arange(1 - count, count)) / space.hbar
    )
    field = state(**{x_name: centres[:, None], k_axis.name: k[None, :]})
    density = np.broadcast_to(field, (bands, bands, len(centres), len(k))) @ (waves / len(k))
    start = density[:, :, i + j, i - j + count - 1].transpose(2, 0, 3, 1).reshape(count * bands, -1)
    inside = vectors.conj().T @ start @ vectors
    out = np.empty((len(times), bands, bands, count), dtype=complex)
    for number, t in enumerate(times):
        turned = vectors * np.exp(-1j * energies * (t - times[0]) / space.hbar)
        moved = (turned @ inside @ turned.conj().T).reshape(count, bands, count, bands)
        out[number] = np.einsum("iaib->abi", moved)
    weight = np.abs(np.einsum("taai->ti", out))
    if weight[:, [0, -1]].max() > _EDGE * weight.max():
        raise MeasurementError(
            f"reference lattice_dynamics: the state reaches the ends of the chain at x = {sites[0]:g} and "
            f"{sites[-1]:g}; widen the axis {x_name}"
        )
    # ∫dk/2πħ over the zone is a sum over its samples, divided by a.
    return out * k_axis.extent / (2 * np.pi * space.hbar)


def _hops(hamiltonian: Hamiltonian, count: int) -> np.ndarray:
    """h_m for m = 1 − count … count − 1, (2 count − 1, N, N)."""
    axis = hamiltonian.space.momenta[0]
    # In powers of e^{ika/ħ} from k = 0, wherever the axis begins.
    k = axis.extent * np.arange(_HARMONICS) / _HARMONICS
    values, next_zone = (local_part(hamiltonian, axis.name, k + zone) for zone in (0.0, axis.extent))
    harmonics = np.fft.fft(values, norm="forward")
    scale, half = max(float(np.abs(values).max()), 1e-300), _HARMONICS // 2
    beyond = np.abs(harmonics[..., half - 1 : half + 2]).max()
    if max(float(np.abs(next_zone - values).max()), float(beyond)) > _NO_HOP * scale * 10:
        raise MeasurementError(
            f"reference lattice_dynamics: expected T(k) with the zone's period and hops of fewer than {half} cells"
        )
    out = np.zeros((2 * count - 1, *values.shape[:2]), dtype=complex)
    reach = min(half, count)
    for m in range(1 - reach, reach):
        hop = harmonics[..., m]
        out[m + count - 1] = np.where(np.abs(hop) > _NO_HOP * scale, hop, 0)
    return out
