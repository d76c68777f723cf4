"""Exact motion of a band's density by dense operators: what band-projected kinetics is compared with."""

import numpy as np
from problems import hamiltonian

from wigner.algebra import Axis, PhaseSpace
from wigner.algebra.weyl import WeylTransform


def torus(points, hbar=None):
    """(x, k) on 2π × 2π, matched unless ħ is given."""
    axes = (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points))
    return PhaseSpace(axes, 4 * np.pi / points if hbar is None else hbar)


def profile(space):
    """A smooth scalar symbol with no symmetry."""
    x, k = space.coordinate("x"), space.coordinate("k")
    return 1 + 0.4 * np.cos(x) * np.cos(k) + 0.3 * np.sin(x + k)


class DenseBand:
    """States P ⋆ φ ⋆ P of one band of H(0), whose levels lie in `window`, as matrices on a matched grid."""

    def __init__(self, spec, points, window):
        self.h = hamiltonian(torus(points), spec)
        self.space, self.weyl = self.h.space, WeylTransform(self.h.space)
        self.levels, self.vectors = np.linalg.eigh(self.operator(0.0))
        inside = (self.levels > window[0]) & (self.levels < window[1])
        self.projector = (self.vectors * inside[:, None, :]) @ dagger(self.vectors)
        one = np.eye(self.h.bands)[..., None, None]
        self.state = self.projector @ self.weyl.operators(one * profile(self.space)) @ self.projector

    def operator(self, t):
        return self.weyl.operators(self.h.values(t))

    def symbol(self, operators):
        return self.weyl.symbol(operators)

    def density(self, state):
        """tr F on the grid."""
        return np.einsum("aa...->...", self.weyl.symbol(state)).real

    def after(self, t):
        """The state at time t under a static H."""
        inside = dagger(self.vectors) @ self.state @ self.vectors
        phases = np.exp(-1j * self.levels * t / self.space.hbar)
        return (
            self.vectors
            @ (inside * phases[..., :, None] * phases[..., None, :].conj())
            @ dagger(self.vectors)
        )

    def driven(self, t, steps):
        """The state at time t under H(t): Magnus' expansion of order 4, free of commutators.

        Source: Blanes and Moan, Appl. Numer. Math. 56, 1519 (2006).
        """
        dt, root = t / steps, np.sqrt(3)
        near, far = 0.25 + root / 6, 0.25 - root / 6
        state = self.state
        for step in range(steps):
            first, second = (self.operator((step + 0.5 + s * root / 6) * dt) for s in (-1, 1))
            for generator in (near * first + far * second, far * first + near * second):
                levels, vectors = np.linalg.eigh(generator)
                turn = (vectors * np.exp(-1j * levels * dt / self.space.hbar)[..., None, :]) @ dagger(vectors)
                state = turn @ state @ dagger(turn)
        return state


def dagger(operators):
    return operators.conj().swapaxes(-1, -2)


def slopes(errors, hbars):
    """d log error / d log ħ between neighbours."""
    return np.diff(np.log(errors), axis=0) / np.diff(np.log(hbars)).reshape(-1, *[1] * (np.ndim(errors) - 1))
