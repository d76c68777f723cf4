"""One right-hand side of second order of one star-projected band: against memory, and by differences at equal error."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from wigner.algebra import Axis, MatrixFormula, PhaseSpace
from wigner.algebra.divergence import SpectralDivergence
from wigner.bands import star_band
from wigner.equations.band_current import band_current

from .finite_differences import Differences
from .row import Row, interleaved, once

__all__ = ["kinetic_floor", "kinetic_rate"]

TARGET = 1e-6
_HBAR = 0.2
_TEXTURE = "sin(k)*sigma_x + 1.3*sigma_z + 0.4*cos(k + x)*sigma_0 + sin(x)*sigma_y"
# The coefficients' waves have fallen to rounding on the first grid, those of the rate on the second.
_BASE, _FINE = 96, 576
_SIZES = (
    48,
    64,
    80,
    96,
    100,
    108,
    112,
    120,
    128,
    144,
    160,
    192,
    216,
    240,
    256,
    288,
    320,
    360,
    384,
    432,
    480,
    512,
    576,
)


class _Rate(NamedTuple):
    """A right-hand side on a grid: the call that forms it, and what it formed."""

    run: Callable[[], None]
    out: np.ndarray


def _space(points: int) -> PhaseSpace:
    axes = (Axis("x", "ring", 0, 2 * np.pi, points), Axis("k", "zone", 0, 2 * np.pi, points))
    return PhaseSpace(axes, _HBAR)


@cache
def _coefficients() -> dict[tuple[int, ...], np.ndarray]:
    """The nine fields of the lower band of a texture, all terms in one, on the base grid."""
    space = _space(_BASE)
    symbol = MatrixFormula.parse(_TEXTURE, variables=space.names)
    values = np.broadcast_to(symbol(**space.coordinates()), (2, 2, *space.shape))
    total: dict[tuple[int, ...], np.ndarray] = {}
    for fields in band_current(star_band([values], space, 0, 2), space, 2, static=True).values():
        for along, c in fields.items():
            total[along] = total.get(along, 0.0) + c
    return total


def _resampled(field: np.ndarray, points: int) -> np.ndarray:
    """A periodic field on another grid, by its waves."""
    old = len(field)
    spectrum = np.fft.fftshift(np.fft.fft2(field, norm="forward"))
    both = (min(old, points) - 1) // 2
    kept = np.zeros((points, points), dtype=complex)
    there, here = points // 2, old // 2
    kept[there - both : there + both + 1, there - both : there + both + 1] = spectrum[
        here - both : here + both + 1, here - both : here + both + 1
    ]
    return np.fft.ifft2(np.fft.ifftshift(kept), norm="forward").real.copy()


def _state(space: PhaseSpace) -> np.ndarray:
    """A packet of width 1/6 in x and in k: finite differences need about 512² points for it."""
    x, k = space.coordinate("x"), space.coordinate("k")
    return np.exp(36 * (np.cos(x - 2) + np.cos(k - 3) - 2))


def _spectral(points: int, *, dealias: bool = True) -> _Rate:
    """As `StarProjected` does it, with the filter that is its default."""
    space = _space(points)
    plan, out = SpectralDivergence(space, dealias=dealias), np.zeros(space.shape)
    fields = plan.smoothed({along: {0: _resampled(c, points)} for along, c in _coefficients().items()})
    f = _state(space)[None]

    def run() -> None:
        out[...] = 0.0
        plan.add(fields, f, out)

    run()
    return _Rate(run, out)


def _differences(points: int) -> _Rate:
    space = _space(points)
    fields = {along: _resampled(c, points) for along, c in _coefficients().items()}
    spacings = space.axes[0].spacing, space.axes[1].spacing
    plan, f, out = Differences(fields, spacings), _state(space), np.empty(space.shape)

    def run() -> None:
        plan.add(f, out)

    run()
    return _Rate(run, out)


@cache
def _reference() -> np.ndarray:
    return _spectral(_FINE, dealias=False).out


def error(rate: np.ndarray) -> float:
    """Largest difference from the reference, relative to its maximum."""
    wanted = _resampled(_reference(), len(rate))
    return float(np.max(np.abs(rate - wanted)) / np.max(np.abs(wanted)))


def fewest_points(make: Callable[[int], _Rate]) -> tuple[int, float]:
    """Points an axis on the coarsest grid whose error is below the target, and that error.

    Raises
    ------
    SystemExit : if none is fine enough.
    """
    for points in _SIZES:
        found = error(make(points).out)
        if found <= TARGET:
            return points, found
    raise SystemExit(f"expected an error below {TARGET:g} on {_SIZES[-1]}² points, got {found:.1e}")


def kinetic_rate(laps: int = 7) -> Row:
    """Both on the coarsest grids that reach the error."""
    (some, small), (many, other) = fewest_points(_spectral), fewest_points(_differences)
    spectral, differences = _spectral(some), _differences(many)
    times = interleaved({"spectral": spectral.run, "differences": differences.run}, laps, repeats=10)
    return Row(
        "kinetic_rate",
        f"rate of order 2 of a star-projected band to {TARGET:g}, spectral (the default) against finite differences",
        times["differences"] / times["spectral"],
        1,
        "×",
        laps,
        f"spectral {some}² points {1e3 * times['spectral']:.3g} ms (error {small:.1e}), differences of order 8 "
        f"{many}² points {1e3 * times['differences']:.3g} ms (error {other:.1e})",
    )


def kinetic_floor(laps: int = 7, points: int = 512, triad: int = 4_000_000) -> Row:
    """Both on one grid, as multiples of the time in which memory brings f and nine coefficients and takes the rate."""
    compile_seconds = once(lambda: _differences(points))
    spectral, differences = _spectral(points), _differences(points)
    apart = float(np.max(np.abs(spectral.out - differences.out)) / np.max(np.abs(spectral.out)))
    if apart > 2 * TARGET * (512 / points) ** 6:
        raise SystemExit(
            f"the spectral rate and that of differences differ by {apart:.1e}: times mean nothing"
        )
    a, b, c = (np.ones(triad) for _ in range(3))
    steps = {
        "triad": lambda: np.add(a, b, out=c),
        "spectral": spectral.run,
        "differences": differences.run,
    }
    times = interleaved(steps, laps)
    moved = (2 + len(_coefficients())) * points**2 * 8
    bandwidth = 3 * 8 * triad / times["triad"]
    floor = moved / bandwidth
    return Row(
        "kinetic_floor",
        f"the same at {points}², 1 thread, by finite differences, against the bandwidth floor of its 11 arrays",
        times["differences"] / floor,
        2,
        "×",
        laps,
        f"floor {1e3 * floor:.3g} ms at {1e-9 * bandwidth:.3g} GB/s, differences {1e3 * times['differences']:.3g} ms, "
        f"spectral {1e3 * times['spectral']:.3g} ms ({times['spectral'] / floor:.2g}×)",
        at_most=True,
        compile_seconds=compile_seconds,
    )
