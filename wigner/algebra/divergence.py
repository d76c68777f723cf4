"""Spectral derivatives and Poisson brackets of real fields, as divergences: their integrals vanish to rounding."""

from __future__ import annotations

import numpy as np

from .fourier import FFTLibrary, block_transform
from .phase_space import PhaseSpace

__all__ = ["SpectralDivergence", "derivative", "poisson_bracket"]


class SpectralDivergence:
    r"""Plan of the divergence of a real flux on the grid.

    .. math:: ∂_i 𝒥^i = \sum_w i w_i \tilde 𝒥^i(w) e^{iw·z}, \qquad |w_i| ≤ \tfrac23 w_{max,i} \text{ where dealiased}

    Parameters
    ----------
    space : the phase space, periodic in every axis; a field in a box must vanish at its ends.

    Other parameters
    ----------------
    dealias : keep the lower two thirds of the wave numbers of every axis, so that the product of two fields of such wave
        numbers makes no error there.
    library : transform library, see `fourier.block_transform`.

    Attributes
    ----------
    flux : float64 (*grid), the buffer to fill before `take`; destroyed there. Higher derivatives of it may be taken too.
    highest : highest wave number kept on each axis.
    filtered : largest share of ∫(∂𝒥)² that a divergence lost to the filter since the plan was made; 0 without `dealias`.

    Notes
    -----
    The component w = 0 is zero and not computed: ∫∂𝒥 = 0 to the rounding of one inverse transform. Waves on the Nyquist line
    have no sign and no derivative. Cost: a transform for every component of the flux and one back.
    """

    def __init__(self, space: PhaseSpace, *, dealias: bool = False, library: FFTLibrary = "auto") -> None:
        self._transform = block_transform((), space.shape, library=library)
        self.flux = self._transform.real
        half = self._transform.half
        self._spectrum = np.zeros_like(half)
        self._waves, self.highest = [], np.zeros(len(space.axes))
        keep = np.ones(half.shape)
        for number, axis in enumerate(space.axes):
            counts = np.rint(np.fft.fftfreq(axis.points) * axis.points)
            waves = np.where(2 * np.abs(counts) == axis.points, 0.0, axis.frequencies)
            low = 3 * np.abs(counts) < axis.points if dealias else np.ones(axis.points, dtype=bool)
            self.highest[number] = np.abs(waves[low]).max()
            shape = [1] * len(space.axes)
            shape[number] = half.shape[number]
            self._waves.append((1j * waves[: half.shape[number]]).reshape(shape))
            keep *= low[: half.shape[number]].reshape(shape)
        self._keep = keep if dealias else None
        # In the half spectrum all columns but the first, and the last of an even axis, stand for two waves.
        weight = np.full(half.shape[-1], 2.0)
        weight[0] = 1.0
        if space.shape[-1] % 2 == 0:
            weight[-1] = 1.0
        self._weight = np.sqrt(weight) * (1 - keep), np.sqrt(weight)
        self._scales = self._transform.scales
        self._scale = self._scales[0] * self._scales[1]
        self.filtered = 0.0

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        buffers = (self.flux, self._transform.half, self._spectrum, *self._weight)
        return sum(buffer.nbytes for buffer in buffers)

    def clear(self) -> None:
        """Begin a new divergence."""
        self._spectrum[...] = 0.0

    def take(self, *axes: int) -> None:
        """Add the derivative along all of `axes`, at least one, of what `flux` holds."""
        half = self._transform.half
        self._transform.forward()
        for axis in axes:
            np.multiply(half, self._waves[axis], out=half)
        self._spectrum += half

    def add_to(self, out: np.ndarray) -> None:
        """Add the divergence to `out`, float64 (*grid)."""
        half = self._transform.half
        if self._keep is not None:
            removed, all_of_it = (
                np.vdot(np.multiply(self._spectrum, weight, out=half), half).real for weight in self._weight
            )
            if all_of_it > 0:
                self.filtered = max(self.filtered, float(removed / all_of_it))
            self._spectrum *= self._keep
        np.multiply(self._spectrum, self._scale, out=half)
        self._transform.backward()
        out += self._transform.real

    def truncate(self, field: np.ndarray) -> float:
        """Take the wave numbers that are not kept out of `field`, in place; the share of ∫field² they held."""
        if self._keep is None:
            return 0.0
        before = float(np.vdot(field, field))
        np.multiply(field, self._scales[0], out=self.flux)
        self._transform.forward()
        self._transform.half *= self._keep
        self._transform.backward()
        np.multiply(self.flux, self._scales[1], out=self.flux)
        share = float(np.sum((field - self.flux) ** 2)) / before if before > 0 else 0.0
        field[...] = self.flux
        return share


def derivative(field: np.ndarray, space: PhaseSpace, name: str) -> np.ndarray:
    """∂field/∂name of a real field (*grid), spectral, in a new array."""
    plan, out = SpectralDivergence(space), np.zeros(space.shape)
    plan.flux[...] = field
    plan.take(space.index(name))
    plan.add_to(out)
    return out


def poisson_bracket(a: np.ndarray, b: np.ndarray, space: PhaseSpace, *, dealias: bool = False) -> np.ndarray:
    r"""Poisson bracket of two real fields under any constant tensor, in conservative form.

    .. math:: \{a, b\} = ∂_i a \, J^{ij} ∂_j b = ∂_j (b \, J^{ij} ∂_i a)

    Parameters
    ----------
    a, b : float64 (*grid), periodic on the grid.

    Returns
    -------
    float64 (*grid); its sum vanishes to rounding. The two forms differ by aliasing, nothing else.
    """
    plan, out = SpectralDivergence(space, dealias=dealias), np.zeros(space.shape)
    slopes = np.array([derivative(a, space, name) for name in space.names])
    velocity = np.tensordot(space.poisson_tensor, slopes, axes=(0, 0))
    for number, component in enumerate(velocity):
        np.multiply(component, b, out=plan.flux)
        plan.take(number)
    plan.add_to(out)
    return out
