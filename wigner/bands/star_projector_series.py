r"""Star-projectors order by order in ħ: P = P⁰ + ħP¹ + ħ²P² + …, from P ⋆ P = P and [H, P]_⋆ = 0."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import product as iterate
from math import comb

import numpy as np

from ..algebra.constancy import on_grid, varying_part
from ..algebra.phase_space import PhaseSpace
from ..algebra.star import star_term
from ..errors import ModelError
from .gaps import check_gap, smallest_gap

__all__ = [
    "SplitSymbol",
    "driven_projector_series",
    "projector_rows",
    "split_symbol",
    "star_projector_series",
]

#: A symbol as its multiple of the identity (1, 1, …) and what is left (N, N, …), each stored only where it varies.
SplitSymbol = tuple[np.ndarray, np.ndarray]

# Share of the largest harmonic that may stand at the highest wave numbers of an axis: derivatives are spectral.
_UNRESOLVED = 1e-3


def star_projector_series(
    hamiltonian: np.ndarray, space: PhaseSpace, bands: Sequence[int], order: int
) -> list[np.ndarray]:
    r"""Corrections P⁰ … Pⁿ to the projector onto a set of bands that a gap keeps apart from the others.

    .. math:: P^n = −P^0 G_n P^0 + Q^0 G_n Q^0 + X + X^†, \qquad [H, X] = −P^0 C_n Q^0, \qquad Q^0 = 1 − P^0

    .. math:: G_n = \sum_{i+j+l=n,\; i,j<n} S_l(P^i, P^j), \qquad C_n = \sum_{j+l=n,\; l>0} S_l(H, P^j) − S_l(P^j, H)

    S_l is the term of order ħ^l of the star product. Idempotency gives the blocks inside the set and outside it, the
    commutator divided by the gap gives what lies between them; eigenvectors enter only through sums over whole levels.

    Parameters
    ----------
    hamiltonian : Hermitian field (N, N, *grid), free of ħ.
    space : the phase space, any Poisson tensor; only the powers of ħ that the caller adds know ħ.
    bands : numbers of the bands of the set, counted from below at every point; neighbours or not. The band of a scalar
        symbol is all there is, and its projector 1.
    order : n ≥ 0.

    Returns
    -------
    n + 1 Hermitian fields (N, N, *grid), not to be written to, without their factor ħ^j:
    ``sum(hbar**j * p for j, p in enumerate(out))``.

    Notes
    -----
    The error of the sum is O(ħ^{n+1}); the series is asymptotic. Derivatives are spectral, so the symbol must be periodic on
    the grid. Cost: about n³/6 terms S_l, each two transforms for every derivative through order l, on no more of the grid
    than the fields vary on: P⁰ of T(k) + M(r) is found on positions alone.
    Source: Emmrich and Weinstein, Commun. Math. Phys. 176, 701 (1996), for the recursion.

    Raises
    ------
    ModelError : if there are no such bands, the gap closes on the grid, or the grid does not resolve P⁰.
    """
    return [rows[0] for rows in driven_projector_series((hamiltonian,), space, bands, order)]


def driven_projector_series(
    hamiltonian: Sequence[np.ndarray], space: PhaseSpace, bands: Sequence[int], order: int
) -> list[list[np.ndarray]]:
    r"""Corrections to the projector that moves with H(t), and their rates, at one time.

    .. math:: iħ ∂_t P = [H, P]_⋆, \qquad P ⋆ P = P, \qquad P = \sum_n ħ^n P^n

    The recursion of `star_projector_series` with −i∂_tP^{n−1} beside C_n, and differentiated j times by t.

    Parameters
    ----------
    hamiltonian : H, ∂_tH, ∂²_tH, … at that time, Hermitian fields (N, N, *grid); those left out are zero.
    space, bands, order : as for `star_projector_series`.

    Returns
    -------
    ``out[n][j]`` = ∂^j_t Pⁿ for n + j ≤ order; for a static H, with nothing but H given, j = 0 alone.

    Raises
    ------
    ModelError : as for `star_projector_series`.
    """
    rows = projector_rows([split_symbol(field, space) for field in hamiltonian], space, bands, order)
    return [[on_grid(field, space) for field in row] for row in rows]


def split_symbol(field: np.ndarray, space: PhaseSpace) -> SplitSymbol:
    """A Hermitian symbol (N, N, *broadcastable grid) as tr H/N and H − tr H/N, whose bands are the same."""
    size = len(field)
    mean = np.einsum("aa...->...", field).real / size
    rest = field.astype(complex)
    for n in range(size):
        rest[n, n] -= mean
    return varying_part(mean[None, None], space), varying_part(rest, space)


def projector_rows(
    hamiltonian: Sequence[SplitSymbol], space: PhaseSpace, bands: Sequence[int], order: int
) -> list[list[np.ndarray]]:
    """`driven_projector_series` of split symbols, each field (N, N, *broadcastable grid) stored only where it varies."""
    mean, rest = hamiltonian[0]
    size, static = len(rest), len(hamiltonian) == 1
    chosen = sorted(set(bands))
    if not chosen or chosen[0] < 0 or chosen[-1] >= size or len(chosen) == size > 1:
        raise ModelError(
            f"expected some of the bands 0 … {size - 1} and not all, got {', '.join(map(str, chosen)) or 'none'}; "
            "choose the numbers of the bands of the set"
        )
    if size == 1:
        one = np.ones((1, 1, *[1] * len(space.axes)), dtype=complex)
        zeros = [np.zeros_like(one)] * (1 if static else order + 1)
        return [[one, *zeros[1:]], *(zeros[: order + 1 - n] for n in range(1, order + 1))]
    energies, vectors = (np.moveaxis(f, -1, 0) for f in np.linalg.eigh(np.moveaxis(rest, (0, 1), (-2, -1))))
    vectors = np.moveaxis(vectors, -1, 0)
    inside = np.isin(np.arange(size), chosen)
    # ε_a − ε_b for a in the set and b outside.
    between = _along_bands(inside[:, None] & ~inside[None, :], energies)
    gaps = np.where(between, energies[:, None] - energies[None, :], np.inf)
    nearest = on_grid(np.abs(gaps).min(axis=(0, 1)), space)
    check_gap(nearest, float(np.abs(mean).max() + np.abs(energies).max()), space.coordinates(), chosen)
    adjoint = _adjoint(vectors)

    def product(*factors: np.ndarray) -> np.ndarray:
        return reduce(lambda a, b: star_term(a, b, space, 0), factors)

    def correction(idempotency: np.ndarray, commutator: np.ndarray) -> np.ndarray:
        """The field whose blocks in the local basis the two conditions fix."""
        g, x = product(adjoint, idempotency, vectors), -product(adjoint, commutator, vectors) / gaps
        signs = np.where(inside, -1.0, 1.0)
        same = inside[:, None] == inside[None, :]
        local = _along_bands(signs[:, None] * same, energies) * g + x + _adjoint(x)
        return _hermitian(product(vectors, local, adjoint))

    lowest = _hermitian(product(vectors * _along_bands(inside[None, :], energies), adjoint))
    if order > 0:
        _check_resolved(lowest, space, nearest)
    out: list[list[np.ndarray]] = [[lowest]]
    for n in range(order + 1):
        if n > 0:
            out.append([])
        for j in range(len(out[n]), 1 if static else order - n + 1):
            total, left = np.zeros_like(lowest), np.zeros_like(lowest)
            for i, k, a in iterate(range(n + 1), range(n + 1), range(j + 1)):
                if i + k <= n and (i, a) != (n, j) and (k, j - a) != (n, j):
                    total = total + comb(j, a) * star_term(out[i][a], out[k][j - a], space, n - i - k)
            for l, a in iterate(range(n + 1), range(min(j + 1, len(hamiltonian)))):
                # At order 0 a multiple of the identity commutes.
                for part in hamiltonian[a][l == 0 :] if (l, a) != (0, 0) else ():
                    left = left + comb(j, a) * star_term(part, out[n - l][j - a], space, l)
            # S_l(P, H) = S_l(H, P)^†.
            commutator = left - _adjoint(left)
            if n > 0 and not static:
                commutator = commutator - 1j * out[n - 1][j + 1]
            out[n].append(correction(total, commutator))
    return out


def _along_bands(matrix: np.ndarray, energies: np.ndarray) -> np.ndarray:
    """A matrix over the bands as a field that is the same everywhere."""
    return matrix.reshape(*matrix.shape, *[1] * (energies.ndim - 1))


def _adjoint(field: np.ndarray) -> np.ndarray:
    return np.swapaxes(field, 0, 1).conj()


def _hermitian(field: np.ndarray) -> np.ndarray:
    return 0.5 * (field + _adjoint(field))


def _check_resolved(field: np.ndarray, space: PhaseSpace, gaps: np.ndarray) -> None:
    """Refuse a field whose spectrum has not fallen off at the end of some axis."""
    for number, axis in enumerate(space.axes, start=2):
        if field.shape[number] == 1:
            continue
        spectrum = np.abs(np.fft.fft(field, axis=number, norm="forward"))
        middle = axis.points // 2
        highest = np.take(spectrum, [middle - 1, middle, middle + 1], axis=number)
        share = float(highest.max() / spectrum.max())
        if share > _UNRESOLVED:
            gap, where = smallest_gap(gaps, space.coordinates())
            raise ModelError(
                f"expected bands that are smooth and periodic on the grid, got {share:.0e} of their largest harmonic at "
                f"the highest wave numbers of {axis.name}, and a gap of {gap:.2g} at {where}; use more points, a wider "
                "gap, or a period of H for the axis"
            )
