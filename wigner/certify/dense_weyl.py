"""Wave functions under any static Hamiltonian symbol in one dimension, by its dense Weyl-quantised matrix."""

from __future__ import annotations

import numpy as np

from ..algebra.formula import MatrixFormula
from ..errors import MeasurementError
from .problem import ReferenceProblem, momentum_amplitude

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
    x = x_axis.start + x_axis.extent / (x_axis.points * refine) * np.arange(x_axis.points * refine)
    k = space.hbar * 2 * np.pi * np.fft.fftfreq(len(x), x[1] - x[0])
    psi = _solve(problem, x, k, x_axis.name, k_name)
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


def _solve(problem: ReferenceProblem, x: np.ndarray, k: np.ndarray, x_name: str, k_name: str) -> np.ndarray:
    """ψ at the problem's times, shape (times, N, points), ∫|ψ|² = 1."""
    hamiltonian, hbar = problem.hamiltonian, problem.hamiltonian.space.hbar
    bands, points = hamiltonian.bands, len(x)
    middle = (x[:, None] + x[None, :]) / 2
    hops = np.exp(1j * np.multiply.outer(x[:, None] - x[None, :], np.sort(k)) / hbar) / points
    matrix = np.zeros((bands, points, bands, points), dtype=complex)
    for row in range(points):
        local = hamiltonian.symbol(**{x_name: middle[row][:, None], k_name: np.sort(k)[None, :]})
        local = np.broadcast_to(local, (bands, bands, points, points))
        matrix[:, row, :, :] = np.einsum("abjk,jk->abj", local, hops[row])
    dense = matrix.reshape(bands * points, bands * points)
    levels, vectors = np.linalg.eigh((dense + dense.conj().T) / 2)
    amplitude = momentum_amplitude(hamiltonian, problem.packet, [k], float(problem.times[0]))
    # Σ over the momenta of the grid; the phase places the grid's first site at x[0].
    psi = np.fft.ifft(amplitude * np.exp(1j * k * x[0] / hbar), axis=1).reshape(-1)
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2) * (x[1] - x[0]))
    inside = vectors.conj().T @ psi
    phases = np.exp(-1j * np.multiply.outer(problem.times - problem.times[0], levels) / hbar)
    return ((phases * inside) @ vectors.T).reshape(len(problem.times), bands, points)
