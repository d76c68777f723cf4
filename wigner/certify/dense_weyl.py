"""Wave functions under any static Hamiltonian symbol in one dimension, by its dense Weyl-quantised matrix."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..algebra.formula import MatrixFormula
from ..algebra.phase_space import PhaseSpace
from ..errors import MeasurementError
from ..models import Hamiltonian
from .problem import Packet, ReferenceProblem, momentum_amplitude

__all__ = ["dense_weyl"]


def dense_weyl(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""A quantity of the run from a wave function moved by one dense matrix, for static H(x, k) that does not separate.

    .. math:: ⟨x|\hat H|x'⟩ = ∫ \frac{dk}{2πħ} e^{ik(x−x')/ħ} H\big(\tfrac{x+x'}{2}, k\big), \qquad
              ψ(t) = e^{−i\hat Ht/ħ} ψ(0)

    Parameters
    ----------
    problem : one position in a box, static H; its packet is the initial wave function.
    quantity : ``density``, ``mean_x``, ``mean_x_squared``, ``mean_k``, ``mean_k_squared``, or an observable of the run that
        depends on x only, on k only, or on neither.

    Other Parameters
    ----------------
    refine : option; sites a grid spacing, default 1: on the run's own sites x_n, all of them, where the run has two
    sublattices
        of every second one.

    Returns
    -------
    Array over times, for ``density`` (times, points).

    Raises
    ------
    MeasurementError : if the problem or the quantity is not of this kind.
    """
    space, hamiltonian = problem.hamiltonian.space, problem.hamiltonian
    if len(space.positions) != 1 or len(space.momenta) != 1 or space.positions[0].kind != "box":
        raise MeasurementError("reference dense_weyl: expected one position in a box and its momentum")
    if "t" in hamiltonian.symbol.variables:
        raise MeasurementError("reference dense_weyl: expected a static Hamiltonian, got one with t")
    x_axis, k_name = space.positions[0], space.momenta[0].name
    refine = int(problem.option("refine", 1))
    x, k = _grid(space, refine)
    psi = _solve(hamiltonian, problem.packet, tuple(problem.times.tolist()), refine)
    step = x[1] - x[0]
    if quantity == "density":
        return np.asarray(np.sum(np.abs(psi) ** 2, axis=1)[:, ::refine])
    waves = np.fft.fft(psi, axis=2) / np.sqrt(len(x))
    texts = {
        f"mean_{x_axis.name}": x_axis.name,
        f"mean_{x_axis.name}_squared": f"{x_axis.name}**2",
        f"mean_{k_name}": k_name,
        f"mean_{k_name}_squared": f"{k_name}**2",
    }
    observables = problem.option("observables", {})
    if quantity in texts:
        formula = MatrixFormula.parse(texts[quantity], variables=space.names)
    elif quantity in observables:
        spec = observables[quantity]
        formula = (
            spec if isinstance(spec, MatrixFormula) else MatrixFormula.parse(spec, variables=space.names)
        )
    else:
        raise MeasurementError(f"reference dense_weyl: cannot give {quantity!r}")
    if len(formula.variables & set(space.names)) > 1:
        raise MeasurementError(f"reference dense_weyl: expected {quantity!r} in x only or in k only")
    in_k = k_name in formula.variables
    field, values = (waves, formula(**{k_name: k})) if in_k else (psi, formula(**{x_axis.name: x}))
    matrix = np.broadcast_to(
        values.reshape(formula.size, formula.size, -1), (formula.size, formula.size, len(x))
    )
    if formula.size == 1:
        return np.asarray(np.einsum("tax,x->t", np.abs(field) ** 2, matrix[0, 0].real) * step)
    return np.asarray(np.einsum("tax,abx,tbx->t", field.conj(), matrix, field, optimize=True).real * step)


@lru_cache(maxsize=4)
def _solve(hamiltonian: Hamiltonian, packet: Packet, times: tuple[float, ...], refine: int) -> np.ndarray:
    """ψ at `times`, shape (times, N, points), ∫|ψ|² = 1."""
    space = hamiltonian.space
    x, k = _grid(space, refine)
    bands, points = hamiltonian.bands, len(x)
    step = x[1] - x[0]
    # Elements depend on the midpoint, 2·points − 1 of them, and on the distance: a table of Σ_k e^{ikd/ħ} H(middle, k).
    middle = x[0] + step / 2 * np.arange(2 * points - 1)
    distance = step * np.arange(-points + 1, points)
    local = hamiltonian.symbol(**{space.names[0]: middle[:, None], space.names[1]: k[None, :]})
    local = np.broadcast_to(local, (bands, bands, 2 * points - 1, points))
    table = local @ np.exp(1j * np.multiply.outer(k, distance) / space.hbar) / points
    row, column = np.indices((points, points))
    dense = table[:, :, row + column, row - column + points - 1].transpose(0, 2, 1, 3)
    dense = dense.reshape(bands * points, bands * points)
    levels, vectors = np.linalg.eigh((dense + dense.conj().T) / 2)
    amplitude = momentum_amplitude(hamiltonian, packet, [k], times[0])
    # Σ over the momenta of the grid; the phase places the grid's first site at x[0].
    psi = np.fft.ifft(amplitude * np.exp(1j * k * x[0] / space.hbar), axis=1).reshape(-1)
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2) * step)
    inside = vectors.conj().T @ psi
    phases = np.exp(-1j * np.multiply.outer(np.array(times) - times[0], levels) / space.hbar)
    return ((phases * inside) @ vectors.T).reshape(len(times), bands, points)


def _grid(space: PhaseSpace, refine: int) -> tuple[np.ndarray, np.ndarray]:
    """Sites and their momenta, in FFT order."""
    axis = space.positions[0]
    points = axis.points * refine
    x = axis.start + axis.extent / points * np.arange(points)
    return x, space.hbar * 2 * np.pi * np.fft.fftfreq(points, axis.extent / points)
