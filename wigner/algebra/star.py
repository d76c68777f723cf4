r"""The exact star product of sampled matrix symbols, for any constant Poisson tensor. Slow and obvious: the reference."""

from __future__ import annotations

import numpy as np

from .phase_space import PhaseSpace

__all__ = ["moyal_bracket", "moyal_product"]


def moyal_product(a: np.ndarray, b: np.ndarray, space: PhaseSpace) -> np.ndarray:
    r"""A ⋆ B of two matrix fields on the grid.

    .. math:: A ⋆ B = A \exp\Big[\frac{iħ}{2} \overleftarrow{∂_i} J^{ij} \overrightarrow{∂_j}\Big] B
              = \sum_w \hat A_w e^{iw·z} B\big(z + \tfrac{ħ}{2} J w\big)

    Every harmonic of A shifts B rigidly; the shift is exact for periodic, band-limited B.

    Parameters
    ----------
    a, b : complex, shape (N, N, *grid). Harmonics on Nyquist lines have no definite sign and should be empty.
    space : the phase space, any Poisson tensor.

    Returns
    -------
    Complex array (N, N, *grid). Cost: one inverse transform of B for each harmonic of A above rounding.
    """
    axes = tuple(range(2, a.ndim))
    spectrum_a = np.fft.fftn(a, axes=axes, norm="forward")
    spectrum_b = np.fft.fftn(b, axes=axes, norm="forward")
    size = np.abs(spectrum_a).max(axis=(0, 1))
    harmonics = np.argwhere(size > 1e-15 * size.max(initial=0.0))
    waves = [axis.frequencies for axis in space.axes]
    mesh = np.meshgrid(*waves, indexing="ij", sparse=True)
    product = np.zeros(np.broadcast_shapes(a.shape, b.shape), dtype=complex)
    for harmonic in harmonics:
        w = np.array([wave[m] for wave, m in zip(waves, harmonic, strict=True)])
        shift = 0.5 * space.hbar * space.poisson_tensor @ w
        phase = sum(u * s for u, s in zip(mesh, shift, strict=True))
        shifted = np.fft.ifftn(spectrum_b * np.exp(1j * phase), axes=axes, norm="forward")
        wave = sum(component * space.coordinate(name) for component, name in zip(w, space.names, strict=True))
        origin = sum(component * axis.start for component, axis in zip(w, space.axes, strict=True))
        coefficient = spectrum_a[(slice(None), slice(None), *harmonic)]
        product += np.einsum("ab,bc...->ac...", coefficient, shifted) * np.exp(1j * (wave - origin))
    return product


def moyal_bracket(a: np.ndarray, b: np.ndarray, space: PhaseSpace) -> np.ndarray:
    """(A ⋆ B − B ⋆ A)/iħ, which moves B's expectation and reduces to {A, B} for commuting symbols as ħ → 0."""
    return (moyal_product(a, b, space) - moyal_product(b, a, space)) / (1j * space.hbar)
