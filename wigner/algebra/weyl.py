r"""Symbols as operators: on a matched grid the star product is a product of matrices.

With Δz₁ Δz₂ = πħ|c|/N for two axes of N points and {z₁, z₂} = c, harmonics of the grid multiply like those of a
quantum torus with
N/2 sites. Its N² symbols are four independent sets of (N/2)² matrix elements: two sublattices of sites (even and odd points
of z₁), each closed into a ring with periodic and with antiperiodic ends. On a box the rings stay open, two sets are
left, and a state that keeps clear of the ends is the same in both.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import PhaseSpaceError
from .phase_space import PhaseSpace

__all__ = ["WeylTransform"]


class WeylTransform:
    r"""The map between symbols on a matched grid of two conjugate axes and their operators.

    .. math:: \hat A = \sum_{i,j} \tilde A(z_i, y_j) \, |z_i + y_j/2⟩⟨z_i − y_j/2|, \qquad
              \widehat{A ⋆ B} = \hat A \hat B, \qquad \widehat{A^†} = \hat A^†

    Parameters
    ----------
    space : exactly two axes that do not commute, with equal even numbers of points and Δz₁ Δz₂ = πħ|c|/N.

    Notes
    -----
    Cost: a Fourier transform for a map, O((bands·N/2)³) for a product, function or eigendecomposition of operators.
    The product
    is exact for all harmonics of a periodic grid, the Nyquist lines included, and for symbols of local operators on a box.

    Raises
    ------
    PhaseSpaceError : if the grid is not matched.
    """

    def __init__(self, space: PhaseSpace) -> None:
        if len(space.axes) != 2 or space.poisson_tensor[0, 1] == 0:
            raise PhaseSpaceError(
                f"expected two axes that do not commute, got {', '.join(space.names)}; the operator form needs one pair"
            )
        first, second = space.axes
        bracket = float(space.poisson_tensor[0, 1])
        points = first.points
        wanted = np.pi * space.hbar * abs(bracket) / points
        if second.points != points or points % 2 or abs(first.spacing * second.spacing / wanted - 1) > 1e-9:
            raise PhaseSpaceError(
                f"expected a matched grid, equal even points and Δ{first.name} Δ{second.name} = πħ/N = {wanted:.6g}, got "
                f"{points} and {second.points} points and {first.spacing * second.spacing:.6g}; "
                f"leave out min and max of {second.name}"
            )
        self.space = space
        self.points = points
        self.sites = points // 2
        # y_j = −c·ħ·(dual of z₂): with c < 0 left and right exchange, which is a reflection of j.
        frequency = np.rint(np.fft.fftfreq(points) * points).astype(int)
        i = np.arange(points)[:, None]
        j = frequency[None, :] * (1 if bracket > 0 else -1)
        left, right = i + j, i - j
        self._lattice = left % 2
        self._row = (left % points) // 2
        self._column = (right % points) // 2
        # What a pair of sites is multiplied by: with periodic and antiperiodic ends, or once where it lies in an open box.
        wound = (left // points + right // points) % 2
        inside = (left // points == 0) & (right // points == 0)
        self._weights = [1.0 - 0.0 * wound, 1.0 - 2.0 * wound] if first.is_periodic else [1.0 * inside]
        # The origin of z₂ gives each y_j a phase.
        self._origin = np.exp(2j * np.pi * frequency * second.start / second.extent)[None, :]

    def operators(self, symbol: np.ndarray) -> np.ndarray:
        """Operators of a symbol (N, N, points, points): shape (2, 2 or 1, N·sites, N·sites), sublattice and ends first."""
        bands = len(symbol)
        full = np.broadcast_to(symbol, (bands, bands, self.points, self.points))
        # Σ_k A(z, k) e^{+iky/ħ}/points, the amplitude to hop by y.
        hops = np.fft.ifft(full, axis=3) * self._origin
        blocks = np.zeros((2, len(self._weights), bands, self.sites, bands, self.sites), dtype=complex)
        for ends, weight in enumerate(self._weights):
            values = hops * weight
            for a in range(bands):
                for b in range(bands):
                    np.add.at(
                        blocks[:, ends, a, :, b, :], (self._lattice, self._row, self._column), values[a, b]
                    )
        return blocks.reshape(2, len(self._weights), bands * self.sites, bands * self.sites)

    def symbol(self, operators: np.ndarray) -> np.ndarray:
        """Symbol (N, N, points, points) of operators as `operators` gives them."""
        bands = operators.shape[2] // self.sites
        blocks = operators.reshape(2, len(self._weights), bands, self.sites, bands, self.sites)
        hops = np.zeros((bands, bands, self.points, self.points), dtype=complex)
        for ends, weight in enumerate(self._weights):
            for a in range(bands):
                for b in range(bands):
                    elements = blocks[:, ends, a, :, b, :][self._lattice, self._row, self._column]
                    hops[a, b] += weight / len(self._weights) * elements
        return np.fft.fft(hops * self._origin.conj(), axis=3)

    def product(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """A ⋆ B, exact, by four matrix products."""
        return self.symbol(self.operators(a) @ self.operators(b))

    def function(self, symbol: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """f(A)_⋆ of a Hermitian symbol: the star-exponential, a Fermi function, a projector."""
        levels, vectors = np.linalg.eigh(self.operators(symbol))
        return self.symbol((vectors * function(levels)[..., None, :]) @ vectors.conj().swapaxes(-1, -2))

    def spectrum(self, symbol: np.ndarray) -> np.ndarray:
        """Eigenvalues of a Hermitian symbol, ascending, shape (2, 2 or 1, N·sites): sublattice, ends, level."""
        return np.linalg.eigvalsh(self.operators(symbol))
