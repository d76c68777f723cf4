r"""The exact star product of sampled matrix symbols, for any constant Poisson tensor. Slow and obvious: the reference."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations_with_replacement

import numpy as np

from .constancy import stored_once
from .derivatives import spectral_derivative
from .phase_space import PhaseSpace

__all__ = ["moyal_bracket", "moyal_product", "star_term", "star_trace"]

# Harmonics below this share of the largest are rounding of the transform, and each would cost a transform.
_NOISE = 1e-14
# Points of a block of products, which the caches hold.
_BLOCK = 2**14


def moyal_product(a: np.ndarray, b: np.ndarray, space: PhaseSpace, *, order: int | None = None) -> np.ndarray:
    r"""A ⋆ B of two matrix fields on the grid, exact or through order ħⁿ.

    .. math:: A ⋆ B = A \exp\Big[\frac{iħ}{2} \overleftarrow{∂_i} J^{ij} \overrightarrow{∂_j}\Big] B
              = \sum_w \hat A_w e^{iw·z} B\big(z + \tfrac{ħ}{2} J w\big)

    Every harmonic of A shifts B rigidly; the shift is exact for periodic, band-limited B. Through order n the shift is its
    Taylor polynomial, which is the bidifferential series cut after j = n.

    Parameters
    ----------
    a, b : complex, shape (N, N, *grid). Harmonics on Nyquist lines have no definite sign and should be empty.
    space : the phase space, any Poisson tensor.
    order : n ≥ 0, or None for the exact product; 0 is the matrix product, 1 adds the Poisson bracket.

    Returns
    -------
    Complex array (N, N, *grid). Cost: one inverse transform of B for each harmonic of A above rounding.
    """
    axes = tuple(range(2, a.ndim))
    spectrum_a = np.fft.fftn(a, axes=axes, norm="forward")
    spectrum_b = np.fft.fftn(b, axes=axes, norm="forward")
    size = np.abs(spectrum_a).max(axis=(0, 1))
    harmonics = np.argwhere(size > _NOISE * size.max(initial=0.0))
    waves = [axis.frequencies for axis in space.axes]
    mesh = np.meshgrid(*waves, indexing="ij", sparse=True)
    product = np.zeros(np.broadcast_shapes(a.shape, b.shape), dtype=complex)
    for harmonic in harmonics:
        w = np.array([wave[m] for wave, m in zip(waves, harmonic, strict=True)])
        shift = 0.5 * space.hbar * space.poisson_tensor @ w
        phase = sum(u * s for u, s in zip(mesh, shift, strict=True))
        factor = np.exp(1j * phase) if order is None else _truncated_exponential(1j * phase, order)
        shifted = np.fft.ifftn(spectrum_b * factor, axes=axes, norm="forward")
        wave = sum(component * space.coordinate(name) for component, name in zip(w, space.names, strict=True))
        origin = sum(component * axis.start for component, axis in zip(w, space.axes, strict=True))
        coefficient = spectrum_a[(slice(None), slice(None), *harmonic)]
        product += np.einsum("ab,bc...->ac...", coefficient, shifted) * np.exp(1j * (wave - origin))
    return product


def _truncated_exponential(z: np.ndarray, order: int) -> np.ndarray:
    """Σ_{j ≤ order} z^j/j!."""
    total = np.ones_like(z)
    for j in range(order, 0, -1):
        total = 1 + z / j * total
    return total


def moyal_bracket(a: np.ndarray, b: np.ndarray, space: PhaseSpace, *, order: int | None = None) -> np.ndarray:
    """(A ⋆ B − B ⋆ A)/iħ, which moves B under A; for scalars it tends to {A, B} as ħ → 0. `order` as in `moyal_product`."""
    forward, backward = moyal_product(a, b, space, order=order), moyal_product(b, a, space, order=order)
    return (forward - backward) / (1j * space.hbar)


def star_term(a: np.ndarray, b: np.ndarray, space: PhaseSpace, order: int) -> np.ndarray:
    r"""The term of order ħʲ of the star product, without its factor ħʲ, by spectral derivatives.

    .. math:: S_j(A, B) = \frac{1}{j!} \Big(\frac{i}{2}\Big)^j J^{i_1 l_1} \cdots J^{i_j l_j}
              (∂_{i_1} \cdots ∂_{i_j} A)(∂_{l_1} \cdots ∂_{l_j} B), \qquad A ⋆ B = \sum_j ħ^j S_j(A, B)

    Parameters
    ----------
    a, b : shape (N, N, *broadcastable grid), or (1, 1, …) for a multiple of the identity; periodic on the grid.
    space : the phase space, any Poisson tensor; ħ does not enter.
    order : j ≥ 0; 0 is the matrix product.

    Returns
    -------
    Complex array (N, N, *broadcastable grid), of length 1 along the axes where neither field varies. Cost: two transforms
    along one axis for each derivative, but for those along axes on which a field has length 1 or is spread by `on_grid`;
    rounding grows with the j-th power of the highest wave number.
    """
    a, b = stored_once(a, space), stored_once(b, space)
    shape = np.broadcast_shapes(a.shape, b.shape)
    total = np.zeros(shape, dtype=complex)
    scratch = np.empty((*shape[:2], *_block_shape(shape)), dtype=complex)
    for left, right in _derivatives(a, b, space, order):
        for one, two, into in _blocks(left, right, total):
            part = scratch[:, :, : into.shape[2]]
            if 1 in (len(left), len(right)):
                into += np.multiply(one, two, out=part)
                continue
            for inner in range(len(right)):
                # Outer products over whole grids are several times faster than an einsum of small matrices.
                into += np.multiply(one[:, inner, None], two[inner], out=part)
    return total


def star_trace(a: np.ndarray, b: np.ndarray, space: PhaseSpace, order: int) -> np.ndarray:
    """The trace of `star_term`, complex (*broadcastable grid), at 1/N of its cost in products."""
    a, b = stored_once(a, space), stored_once(b, space)
    shape = np.broadcast_shapes(a.shape, b.shape)
    total = np.zeros((1, 1, *shape[2:]), dtype=complex)
    scratch = np.empty((1, 1, *_block_shape(shape)), dtype=complex)
    for left, right in _derivatives(a, b, space, order):
        for one, two, into in _blocks(left, right, total):
            part = scratch[0, 0, : into.shape[2]]
            for row in range(shape[0]):
                # Of a multiple of the identity one entry stands for the diagonal.
                for column in range(shape[0]) if len(one) == len(two) else (row,):
                    ends = [(n % len(f), m % len(f)) for f, n, m in ((one, row, column), (two, column, row))]
                    into[0, 0] += np.multiply(one[ends[0]], two[ends[1]], out=part)
    return total[0, 0]


def _derivatives(
    a: np.ndarray, b: np.ndarray, space: PhaseSpace, order: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A derivative of A and one of B for every term of S_j that does not vanish; the smaller of them is weighted."""
    known: tuple[dict[tuple[int, ...], np.ndarray], ...] = ({(): a}, {(): b})
    tensor = space.poisson_tensor
    pairs = [(int(i), int(l)) for i, l in np.argwhere(tensor) if a.shape[2 + i] > 1 and b.shape[2 + l] > 1]
    for chosen in combinations_with_replacement(pairs, order):
        repeats = math.prod(math.factorial(chosen.count(pair)) for pair in set(chosen))
        weight = (0.5j) ** order / repeats * math.prod(tensor[pair] for pair in chosen)
        left, right = (
            _derived(fields, tuple(sorted(pair[side] for pair in chosen)), space)
            for side, fields in enumerate(known)
        )
        if order == 0:
            yield left, right
        elif left.size <= right.size:
            yield weight * left, right
        else:
            yield left, weight * right


def _derived(
    known: dict[tuple[int, ...], np.ndarray], along: tuple[int, ...], space: PhaseSpace
) -> np.ndarray:
    """The derivative of ``known[()]`` along several axes; it and those on the way are kept."""
    if along not in known:
        known[along] = spectral_derivative(_derived(known, along[:-1], space), space, along[-1])
    return known[along]


def _block_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape on the grid of a block of slices of the first axis, of a field (N, N, *grid)."""
    return (max(1, min(shape[2], _BLOCK // math.prod(shape[3:]))), *shape[3:])


def _blocks(
    left: np.ndarray, right: np.ndarray, total: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Left, right and total in blocks of slices of the first axis of the grid."""
    step = _block_shape(total.shape)[0]
    for start in range(0, total.shape[2], step):
        part = slice(start, start + step)
        one, two = (f if f.shape[2] == 1 else f[:, :, part] for f in (left, right))
        yield one, two, total[:, :, part]
