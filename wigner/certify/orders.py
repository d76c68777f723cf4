"""At which order in ħ an expanded equation is right: slopes of its error, and whether the expansion holds at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from ..algebra.constancy import varying_part
from ..bands.star_projector_series import split_symbol
from ..equations import KINETIC
from ..models.hamiltonian import Hamiltonian

__all__ = [
    "BANDS",
    "COMPARED",
    "FITTED",
    "LEVEL",
    "OrderRow",
    "expansion_parameter",
    "fit_order",
    "judge_order",
    "largest_expansion",
    "transition_probability",
]

#: What every equation has a row of, whatever its variable is called.
BANDS = "bands"
#: Levels are not moved, and nothing crosses between them.
LEVEL = "level"
_VARIABLES = {equation.variable for equation in KINETIC}
#: Names of quantities that sweeps give themselves, beside those that runs record.
COMPARED = {BANDS, "F", "current", LEVEL, *_VARIABLES}
#: Values that a slope is fitted to, the smallest of a sweep.
FITTED = 3
# How far from the claimed slope still counts as it.
_TOLERANCE = 0.2
# Errors below this are those of the grid and of rounding; expansion parameters above this are not small.
_FLOOR = 1e-9
_SMALL = 0.5
_SEEN = 1e-4
_LOOKED_AT = 33
# Transitions between bands count from this share of an error; what holds coherences sees their amplitude.
_SHARE = 0.1
_COHERENT = ("F", "current")


@dataclass(frozen=True)
class OrderRow:
    """One quantity of one equation against exact dynamics.

    Parameters
    ----------
    equation, quantity : what was compared.
    claimed : order of the error in ħ that the equation claims, n + 1, or without one of its terms the power of that term;
        not-a-number in another parameter.
    parameter, values : what is swept, ``hbar`` or a number of the model, and its values.
    errors : root-mean-square, relative to the quantity, at each of them; of ``level`` an energy.
    slope, uncertainty : exponent of error ∝ parameter^slope over the smallest three values, and half the spread of the
        slopes between neighbours; not-a-number where nothing is fitted.
    verdict : ``holds``, ``better``, ``fails``, ``exact``, ``measured`` where no slope is claimed, or why there is none.
    """

    equation: str
    quantity: str
    claimed: float
    parameter: str
    values: tuple[float, ...]
    errors: tuple[float, ...]
    slope: float
    uncertainty: float
    verdict: str

    def is_of(self, quantity: str) -> bool:
        """True if the row has this name; ``bands`` stands for the equation's own variable, ``n_s`` or ``f_n``."""
        return quantity == self.quantity or (quantity == BANDS and self.quantity in _VARIABLES)


def fit_order(values: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """Slope of log error against log value over the smallest three, and half the spread of its two local slopes."""
    order = np.argsort(values)[:FITTED]
    x, y = np.log(np.asarray(values)[order]), np.log(np.asarray(errors)[order])
    local = np.diff(y) / np.diff(x)
    return float(np.polyfit(x, y, 1)[0]), float(np.ptp(local) / 2)


def judge_order(
    equation: str,
    quantity: str,
    claimed: float,
    values: Sequence[float],
    errors: Sequence[float],
    parameters: Sequence[float],
    *,
    parameter: str = "hbar",
    filtered: float = 0.0,
    fewest: int = FITTED,
) -> OrderRow:
    """The row of a sweep; nothing is fitted to fewer values than `fewest`, where the expansion parameter is not small,
    or the errors are rounding, or follow no power of it and may be those of transitions between bands.

    Parameters
    ----------
    parameters : `expansion_parameter` at each value.
    filtered : largest amplitude that the equation's filter took out of what moves, relative; a slope that fails while it is
        seen may be the grid's fault.
    fewest : values, two or more, of which a slope may be told; of two it has no uncertainty.
    """
    used = np.argsort(values)[:FITTED]
    worst = max(np.asarray(parameters)[used])
    swept = "ħ" if parameter == "hbar" else parameter
    slope, uncertainty = np.nan, np.nan
    if worst > _SMALL:
        verdict = f"no fit: ħ|∂H||∂P|/gap reaches {worst:.2g}; choose a smaller {swept}"
    elif max(np.asarray(errors)[used]) <= _FLOOR:
        verdict = "exact"
    elif len(set(values)) < fewest:
        verdict = "measured"
    else:
        slope, uncertainty = fit_order(values, errors)
        verdict = _verdict(slope, claimed)
        straight = uncertainty <= _TOLERANCE
        if not straight and quantity != LEVEL and _crosses(quantity, parameters, errors, used):
            slope, uncertainty = np.nan, np.nan
            verdict = (
                f"no fit: Landau–Zener transitions reach {transition_probability(worst):.1e}, which no power of ħ "
                f"holds; choose a smaller {swept}"
            )
        elif verdict == "fails" and filtered > _SEEN:
            verdict = f"unclear: the grid does not hold {filtered:.1e} of what moves; use more points"
        elif verdict != "measured" and not straight:
            verdict = (
                f"unclear: no one power of {swept}; use more points if small values bend it, "
                "smaller values if large ones do"
            )
    at, found = tuple(map(float, values)), tuple(map(float, errors))
    return OrderRow(equation, quantity, claimed, parameter, at, found, slope, uncertainty, verdict)


def _crosses(
    quantity: str, parameters: Sequence[float], errors: Sequence[float], used: Sequence[int] | np.ndarray
) -> bool:
    """True if transitions between bands may be what an error is, at one of the values used."""
    power = 0.5 if quantity in _COHERENT else 1.0
    return any(transition_probability(parameters[n]) ** power > _SHARE * errors[n] for n in used)


def _verdict(slope: float, claimed: float) -> str:
    if np.isnan(claimed):
        return "measured"
    return "holds" if abs(slope - claimed) <= _TOLERANCE else "better" if slope > claimed else "fails"


def transition_probability(expansion: float) -> float:
    r"""Probability of a Landau–Zener transition where bands come nearest, by what `expansion_parameter` is there.

    .. math:: e^{−π/4p}, \qquad H = vtσ_z + dσ_x: \quad p = \frac{ħv}{(2d)^2}, \quad P = e^{−πd^2/ħv}

    In positions p is a bound, and so is this. Source: Zener, Proc. R. Soc. A 137, 696 (1932).
    """
    return float(np.exp(-np.pi / (4 * expansion))) if expansion > 0 else 0.0


def expansion_parameter(hamiltonian: Hamiltonian, t: float) -> float:
    r"""What a gradient expansion is in, at its largest on the grid; infinite where bands touch.

    .. math:: \max ħ \Big[ \sum_{ij} |J^{ij}| \, \|∂_i H\| \, \frac{|⟨n|∂_j H|m⟩|}{(ε_n − ε_m)^2}
              + \frac{|⟨n|∂_t H|m⟩|}{(ε_n − ε_m)^2} \Big]

    Bands that are degenerate everywhere are not told apart from bands that touch.
    """
    space, coordinates = hamiltonian.space, hamiltonian.space.coordinates()
    if hamiltonian.bands == 1:
        return 0.0
    # What commutes with all bands does not mix them, and the rest varies along fewer axes.
    mean, rest = split_symbol(hamiltonian.values(t), space)
    levels, vectors = np.linalg.eigh(_last(rest))
    gaps = np.abs(levels[..., :, None] - levels[..., None, :])
    gaps[..., np.arange(hamiltonian.bands), np.arange(hamiltonian.bands)] = np.inf
    if np.min(gaps) <= 1e-12 * (np.max(np.abs(mean)) + np.max(np.abs(levels))):
        return float("inf")
    names = (*space.names, *(["t"] if "t" in hamiltonian.symbol.variables else []))
    derivatives = (hamiltonian.symbol.derivative(name)(t=t, **coordinates) for name in names)
    slopes = [_last(varying_part(slope, space)) for slope in derivatives]
    norms = [np.linalg.norm(slope, 2, axis=(-2, -1)) for slope in slopes]
    mixing = [
        np.max(np.abs(vectors.conj().swapaxes(-1, -2) @ slope @ vectors) / gaps**2, axis=(-2, -1))
        for slope in slopes
    ]
    tensor = np.abs(space.poisson_tensor)
    axes = range(len(space.names))
    total = sum(tensor[i, j] * norms[i] * mixing[j] for i in axes for j in axes if tensor[i, j])
    total = total + sum(mixing[len(axes) :])
    return float(space.hbar * np.max(total))


def _last(matrix: np.ndarray) -> np.ndarray:
    return np.moveaxis(matrix, (0, 1), (-2, -1))


def largest_expansion(hamiltonian: Hamiltonian, start: float, end: float) -> float:
    """The largest `expansion_parameter` between two times, looked for once more about the worst of a first look."""
    if "t" not in hamiltonian.symbol.variables:
        return expansion_parameter(hamiltonian, start)
    times = np.linspace(start, end, _LOOKED_AT)
    found = [expansion_parameter(hamiltonian, t) for t in times]
    worst = int(np.argmax(found))
    if not np.isfinite(found[worst]):
        return found[worst]
    near = times[max(worst - 1, 0)], times[min(worst + 1, _LOOKED_AT - 1)]
    peak = minimize_scalar(
        lambda t: -expansion_parameter(hamiltonian, t),
        bounds=near,
        method="bounded",
        options={"xatol": 1e-3 * (near[1] - near[0])},
    )
    return max(found[worst], float(-peak.fun))
