"""The same Dirac barrier on a ring of sites, as dense matrices: a reference that shares nothing with the engine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .problems import BARRIER, BARRIER_WIDTH, LENGTH, MASS, PACKET, T_END

__all__ = ["MOMENTUM_SPREAD", "PARTS", "TARGET", "Sites", "density_error"]

# The density error that all contenders are brought to, relative to the density's maximum.
TARGET = 1e-6
# The mixed state: of the upper band at k₀ and of the lower one at −k₀, so that both move to the right, in these parts, each
# with this spread of momenta (a pure packet has 1/(2·width)).
PARTS = (0.7, 0.3)
MOMENTUM_SPREAD = 0.35


@dataclass(frozen=True)
class Sites:
    """Sites −L/2 + jL/n with the Fourier derivative; amplitudes (2, n), operators (2n, 2n)."""

    number: int

    @property
    def x(self) -> np.ndarray:
        return -LENGTH / 2 + LENGTH / self.number * np.arange(self.number)

    @property
    def k(self) -> np.ndarray:
        return 2 * np.pi * np.fft.fftfreq(self.number, LENGTH / self.number)

    @property
    def potential(self) -> np.ndarray:
        return BARRIER * np.exp(-0.5 * (self.x / BARRIER_WIDTH) ** 2)

    @cached_property
    def hamiltonian(self) -> np.ndarray:
        """kσx + mσz + V(x)."""
        momentum = np.fft.ifft(self.k[:, None] * np.fft.fft(np.eye(self.number), axis=0), axis=0)
        momentum = 0.5 * (momentum + momentum.conj().T)
        diagonal = np.diag(self.potential)
        sigma_x, sigma_z = np.array([[0, 1], [1, 0]]), np.diag([1, -1])
        return (
            np.kron(sigma_x, momentum)
            + np.kron(MASS * sigma_z, np.eye(self.number))
            + np.kron(np.eye(2), diagonal)
        )

    def project(self, band: int, amplitudes: np.ndarray) -> np.ndarray:
        """P_n(k) of amplitudes (2, n, …)."""
        up, down = np.fft.fft(amplitudes, axis=1)
        k = self.k.reshape(-1, *[1] * (amplitudes.ndim - 2))
        sign = (2 * band - 1) / np.sqrt(k**2 + MASS**2)
        up, down = up + sign * (MASS * up + k * down), down + sign * (k * up - MASS * down)
        return 0.5 * np.fft.ifft([up, down], axis=1)

    def packet(self) -> np.ndarray:
        """P₊(k) χ ψ̃(k) with χ the spinor of the upper band at k₀, normalised to Σ|ψ|² = 1."""
        x0, k0, width = PACKET["position"], PACKET["momentum"], PACKET["width"]
        angle = 0.5 * np.arctan2(k0, MASS)
        gaussian = np.exp(-((self.x - x0) ** 2) / (4 * width**2) + 1j * k0 * (self.x - x0))
        psi = self.project(1, np.array([np.cos(angle) * gaussian, np.sin(angle) * gaussian]))
        return psi / np.linalg.norm(psi)

    def mixture(self) -> np.ndarray:
        """Σ_n p_n P_n ρ_n P_n, where ρ_n is what has a Gaussian Wigner function, of full rank; trace 1."""
        x0, k0, width = PACKET["position"], PACKET["momentum"], PACKET["width"]
        mean, apart = 0.5 * (self.x[:, None] + self.x[None, :]), self.x[:, None] - self.x[None, :]
        real = np.exp(-((mean - x0) ** 2) / (2 * width**2) - 0.5 * (MOMENTUM_SPREAD * apart) ** 2)
        total = np.zeros((2 * self.number, 2 * self.number), dtype=complex)
        for band, part, centre in ((1, PARTS[0], k0), (0, PARTS[1], -k0)):
            rho = np.kron(np.eye(2), real * np.exp(1j * centre * apart))
            for _ in range(2):
                # P ρ, then P (P ρ)† = P ρ P.
                rho = self.project(band, rho.reshape(2, self.number, -1)).reshape(rho.shape).conj().T
            total += part * rho / np.trace(rho).real
        return total

    def moved(self, state: np.ndarray) -> np.ndarray:
        """Density 1/length at T_END of amplitudes (2, n) or of a density matrix, by one eigendecomposition."""
        levels, vectors = np.linalg.eigh(self.hamiltonian)
        propagator = (vectors * np.exp(-1j * levels * T_END)) @ vectors.conj().T
        if state.shape == (2, self.number):
            return self.density(propagator @ state.ravel())
        return self.density(propagator @ state @ propagator.conj().T)

    def density(self, state: np.ndarray) -> np.ndarray:
        """Density 1/length of amplitudes, of whatever shape, or of a density matrix."""
        if state.size == 2 * self.number:
            weights = np.abs(state.reshape(2, self.number)) ** 2
        else:
            weights = np.diagonal(state).real.reshape(2, self.number)
        return weights.sum(axis=0) * self.number / LENGTH


def density_error(density: np.ndarray, reference: np.ndarray) -> float:
    """Largest difference on the points of `density`, which are some of the reference's, over the reference's maximum."""
    shared = reference[:: len(reference) // len(density)]
    return float(np.max(np.abs(density - shared)) / np.max(reference))
