r"""The exact star product of sampled matrix symbols, for any constant Poisson tensor. Slow and obvious: the reference."""

from __future__ import annotations

import math
from itertools import combinations_with_replacement

import numpy as np
import scipy.fft

from .phase_space import PhaseSpace

__all__ = ["moyal_bracket", "moyal_product", "star_term"]

# Harmonics below this share of the largest are rounding of the transform, and each would cost a transform.
_NOISE = 1e-14


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
    a, b : complex, shape (N, N, *grid), periodic on the grid.
    space : the phase space, any Poisson tensor; ħ does not enter.
    order : j ≥ 0; 0 is the matrix product.

    Returns
    -------
    Complex array (N, N, *grid). Cost: a transform for each derivative of order j, but for those along axes on which a field
    does not depend; rounding grows with the j-th power of the highest wave number.
    """
    axes = tuple(range(2, 2 + len(space.axes)))
    fields = tuple(np.broadcast_to(f, (*f.shape[:2], *space.shape)) for f in (a, b))
    # Without derivatives there is nothing to transform.
    spectra = tuple(scipy.fft.fftn(f, axes=axes) for f in fields) if order > 0 else ()
    # The wave at the Nyquist line has no sign, and no odd derivative.
    waves = []
    for number, axis in enumerate(space.axes):
        w = np.where(2 * np.arange(axis.points) == axis.points, 0.0, axis.frequencies)
        waves.append(1j * w.reshape([-1 if n == number else 1 for n in range(len(axes))]))
    cache: dict[tuple[int, tuple[int, ...]], np.ndarray] = {}

    def derivative(which: int, along: tuple[int, ...]) -> np.ndarray:
        if not along:
            return fields[which]
        key = which, tuple(sorted(along))
        if key not in cache:
            waved = spectra[which] * math.prod(waves[i] for i in along)
            cache[key] = scipy.fft.ifftn(waved, axes=axes, overwrite_x=True)
        return cache[key]

    tensor = space.poisson_tensor
    varies = [[_varies(spectrum, axis) for axis in axes] for spectrum in spectra]
    pairs = [
        (int(i), int(l)) for i, l in np.argwhere(tensor) if order == 0 or (varies[0][i] and varies[1][l])
    ]
    total = np.zeros((len(a), len(a), *space.shape), dtype=complex)
    for chosen in combinations_with_replacement(pairs, order):
        repeats = math.prod(math.factorial(chosen.count(pair)) for pair in set(chosen))
        weight = (0.5j) ** order / repeats * math.prod(tensor[pair] for pair in chosen)
        left, right = (derivative(side, tuple(pair[side] for pair in chosen)) for side in (0, 1))
        for inner in range(len(a)):
            # Outer products over whole grids are several times faster than an einsum of small matrices.
            total += (weight * left[:, inner, None]) * right[inner]
    return total


def _varies(spectrum: np.ndarray, axis: int) -> bool:
    """True if a field has waves along an axis above rounding."""
    sizes = np.abs(np.moveaxis(spectrum, axis, 0))
    return bool(sizes[1:].max(initial=0.0) > _NOISE * sizes.max(initial=0.0))
