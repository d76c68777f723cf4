r"""Rigid shifts of a state along its axes, by amounts that may grow linearly along the axes left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .block_sweep import BlockSweep
from .fourier import FFTLibrary
from .phase_space import PhaseSpace

__all__ = ["Shift"]


class Shift:
    r"""Plan of F(z) → F(z − δ) along several axes at once, exact for every Fourier component of the grid.

    .. math:: \tilde F(w) → e^{−i w·δ} \tilde F(w), \qquad δ_a = c_a + \sum_b M_{ab} (z_b − o_b)

    On the Nyquist line of an axis ±w are one wave, and the mean of the two generators w·δ moves it along the other axes
    only: the shift stays real and unitary, shifts add up, and nothing is absorbed there.

    Parameters
    ----------
    space : the phase space; its Poisson tensor plays no part.
    moved : names of the axes a to shift along, in grid order.
    bands : N, the size of the matrices.

    Other parameters
    ----------------
    origin : o_b by name, for the axes b among those left alone on which δ may depend; none unless given.
    threads : worker threads; every result is the same to the last bit for any number.
    library : transform library, see `fourier.block_transform`.

    Notes
    -----
    Cost: N² real transforms of the moved axes and back, and one multiplication for each moved axis. Memory beside the state:
    `nbytes`, block buffers and the coordinates of every row.
    """

    def __init__(
        self,
        space: PhaseSpace,
        moved: Sequence[str],
        bands: int,
        *,
        origin: Mapping[str, float] | None = None,
        threads: int = 1,
        library: FFTLibrary = "auto",
    ) -> None:
        self.moved = tuple(moved)
        self.bands = bands
        self._sweep = BlockSweep(space, self.moved, bands, threads=threads, library=library)
        points = [space.axis(name).points for name in self._sweep.others]
        others = [space.axis(name).values - centre for name, centre in (origin or {}).items()]
        numbers = [self._sweep.others.index(name) for name in origin or {}]
        rows = np.indices(points, sparse=True)
        self._distances = np.array(
            [np.broadcast_to(z[rows[n]], points).ravel() for z, n in zip(others, numbers, strict=True)]
        )
        waves = [_moving_waves(space.axis(name).frequencies) for name in self.moved]
        waves[-1] = waves[-1][: len(waves[-1]) // 2 + 1]
        self._generators = [-1j * wave for wave in waves]
        self._lengths = [len(wave) for wave in waves]
        room = self._sweep.block_rows
        self._phases = [
            [np.empty((room, length), dtype=complex) for length in self._lengths]
            for _ in range(self._sweep.threads)
        ]

    @property
    def transforms_per_sweep(self) -> int:
        """Real transforms of the moved axes in one application, forward and backward, counted per component."""
        return 2 * self.bands**2

    @property
    def nbytes(self) -> int:
        """Bytes held beside the state."""
        phases = sum(phase.nbytes for worker in self._phases for phase in worker)
        return self._sweep.nbytes + self._distances.nbytes + phases

    def apply(self, data: np.ndarray, uniform: np.ndarray, tilt: np.ndarray | None = None) -> None:
        """Shift `data` in place.

        Parameters
        ----------
        data : float64 (N², *grid), C order; overwritten.
        uniform : c, shape (axes moved,).
        tilt : M, shape (axes moved, axes of `origin`); None for a shift that is the same everywhere.
        """
        shape = (-1, self._sweep.block_rows, *self._lengths)

        def turn(half: np.ndarray, first: int, rows: int, worker: int) -> None:
            block = half.reshape(shape)[:, :rows]
            for number, (generator, buffer) in enumerate(
                zip(self._generators, self._phases[worker], strict=True)
            ):
                phase = buffer[: 1 if tilt is None else rows]
                amount: np.ndarray = uniform[number : number + 1]
                if tilt is not None:
                    amount = amount + tilt[number] @ self._distances[:, first : first + rows]
                np.multiply(amount[:, None], generator, out=phase)
                np.exp(phase, out=phase)
                along = [1] * len(self._lengths)
                along[number] = -1
                np.multiply(block, phase.reshape(len(phase), *along), out=block)

        self._sweep.apply(data, turn)


def _moving_waves(frequencies: np.ndarray) -> np.ndarray:
    """Wave numbers in FFT order, that of an unpaired Nyquist line replaced by the mean of ±w."""
    waves = frequencies.copy()
    if len(waves) % 2 == 0:
        waves[len(waves) // 2] = 0.0
    return waves
