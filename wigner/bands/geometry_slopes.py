r"""How energies, metric and T of bands change from place to place, beside what `BandGeometry` holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..algebra.formula import MatrixFormula
from .gaps import check_gap

__all__ = ["GeometrySlopes", "geometry_slopes"]


@dataclass(frozen=True, eq=False)
class GeometrySlopes:
    r"""Derivatives of the bands of a symbol along coordinates i, j, l, each by itself and counted from below.

    Parameters
    ----------
    velocity : ∂_iε, float64 (bands, axes, *grid).
    third : ∂_i∂_j∂_lε, (bands, axes, axes, axes, *grid).
    metric : ∂_l g_ij of `BandGeometry.quantum_metric`, l first.
    t_tensor : ∂_l T_ij of `BandGeometry.t_tensor`, l first.
    """

    velocity: np.ndarray
    third: np.ndarray
    metric: np.ndarray
    t_tensor: np.ndarray


def geometry_slopes(
    symbol: MatrixFormula, coordinates: Mapping[str, np.ndarray], names: Sequence[str]
) -> GeometrySlopes:
    r"""Slopes of the geometry, from analytic derivatives of the symbol through the third.

    .. math:: D_l M = U^†(∂_l M)U + [U^†MU, A_l], \qquad (A_l)_{mn} = \frac{⟨m|∂_lH|n⟩}{ε_n − ε_m}, \quad (A_l)_{nn} = 0

    .. math:: ∂_iε_n = ⟨n|∂_iH|n⟩, \qquad ∂_l∂_j∂_iε_n = (D_l D_j ∂_iH)_{nn}, \qquad
              ∂_l Q^{nm}_{ij} = (D_l∂_iH)_{nm} (∂_jH)_{mn} + (∂_iH)_{nm} (D_l∂_jH)_{mn}

    with Q of `BandGeometry`. No phase of an eigenvector enters.

    Parameters
    ----------
    symbol : Hermitian N×N formula.
    coordinates : value of every variable, real arrays that broadcast.
    names : coordinates to differentiate along.

    Returns
    -------
    `GeometrySlopes`, grid = the broadcast shape. Exact to rounding over powers of the gap. Cost: one eigendecomposition a
    point, and N² products for every three coordinates.

    Raises
    ------
    ModelError : where bands touch, naming the place.
    FormulaError : for a symbol without derivatives.
    """
    d, size = len(names), symbol.size
    shape = np.broadcast_shapes(*(np.shape(v) for v in coordinates.values()))

    def matrix(formula: MatrixFormula) -> np.ndarray:
        full = np.broadcast_to(formula(**coordinates), (size, size, *shape))
        return np.moveaxis(full, (0, 1), (-2, -1))

    energies, vectors = np.linalg.eigh(matrix(symbol))
    adjoint = vectors.conj().swapaxes(-1, -2)
    # ε_n − ε_m at (m, n).
    gaps = energies[..., None, :] - energies[..., :, None]
    gaps[..., range(size), range(size)] = np.inf
    scale = float(np.abs(energies).max(initial=0.0))
    for n in range(size):
        check_gap(np.abs(gaps[..., n]).min(axis=-1), scale, coordinates, (n,))

    formulas = [symbol.derivative(i) for i in names]
    second = [[f.derivative(j) for j in names] for f in formulas]
    one = [adjoint @ matrix(f) @ vectors for f in formulas]
    two = [[adjoint @ matrix(f) @ vectors for f in row] for row in second]
    velocity = np.array([_diagonal(m) for m in one])
    turns = [m / gaps for m in one]
    covariant = [[two[i][l] + _commutator(one[i], turns[l]) for l in range(d)] for i in range(d)]

    third = np.zeros((size, d, d, d, *shape))
    metric, t_tensor = np.zeros_like(third), np.zeros_like(third)
    for i in range(d):
        for j in range(d):
            for l in range(d):
                apart = velocity[l][..., None, :] - velocity[l][..., :, None]
                bent = covariant[j][l] / gaps - one[j] * apart / gaps**2
                whole = (
                    adjoint @ matrix(second[i][j].derivative(names[l])) @ vectors
                    + _commutator(two[i][j], turns[l])
                    + _commutator(covariant[i][l], turns[j])
                    + _commutator(one[i], bent)
                )
                third[:, l, j, i] = np.moveaxis(_diagonal(whole), -1, 0)
                # At (m, n): Re Q^nm_ij and its slope.
                q = (one[i].swapaxes(-1, -2) * one[j]).real
                change = (covariant[i][l].swapaxes(-1, -2) * one[j]).real
                change += (one[i].swapaxes(-1, -2) * covariant[j][l]).real
                for power, factor, out in ((2, 1.0, metric), (3, -2.0, t_tensor)):
                    slope = factor * (change / gaps**power - power * q * apart / gaps ** (power + 1))
                    out[:, l, i, j] = np.moveaxis(slope.sum(axis=-2), -1, 0)
    return GeometrySlopes(np.moveaxis(velocity, -1, 0), third, metric, t_tensor)


def _commutator(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a @ b - b @ a


def _diagonal(matrix: np.ndarray) -> np.ndarray:
    return np.diagonal(matrix, axis1=-2, axis2=-1).real
