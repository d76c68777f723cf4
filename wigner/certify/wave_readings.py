"""What is read off a wave function: moments, energy, density, current, bands, negativity, observables."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import scipy.fft

from ..algebra.formula import MatrixFormula
from ..errors import MeasurementError, did_you_mean
from .problem import ReferenceProblem, band_projectors
from .wave_function import WaveSolution, solve_wave_function

__all__ = ["wave_function"]


def wave_function(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    r"""A quantity of the run, read from an independent wave-function solution (`solve_wave_function`).

    .. math:: iħ ∂_tψ = H(r, −iħ∂_r, t) ψ

    Parameters
    ----------
    problem : the problem; its `options` are those of `solve_wave_function`.
    quantity : ``mean_<axis>``, ``mean_<axis>_squared``, ``energy``, ``density`` and ``momentum_density`` (on
        the run's grid), ``current_x`` (1-D, from the continuity equation), ``band_population`` (scalar
        potential only), ``negativity`` (1-D, ∫|tr W| − 1), or a name in the option ``observables``.

    Other Parameters
    ----------------
    observables : option; formula (text, nested list or `MatrixFormula`) by name, a sum of functions of
        positions, functions of momenta, and products of one position with a function of momenta. A 1×1
        formula acts as itself times the identity.

    Returns
    -------
    Array over times: (times,), for profiles (times, *grid), for ``band_population`` (times, N).

    Raises
    ------
    MeasurementError : if the quantity is unknown or undefined here, or the solution fails its own checks.

    Notes
    -----
    Accuracy 1e-9 or better where the density vanishes at the ends of the box; ``negativity`` about 1e-5, as
    |W| has kinks.
    """
    space = problem.hamiltonian.space
    moment = re.fullmatch(r"mean_([a-z]+?)(_squared)?", quantity)
    if quantity in problem.option("observables", {}):
        return _observable(problem, quantity)
    if moment and moment[1] in space.names:
        return _moment(problem, moment[1], 2 if moment[2] else 1)
    readings: dict[str, Callable[[ReferenceProblem], np.ndarray]] = {
        "energy": _energy,
        "density": _density,
        "momentum_density": _momentum_density,
        "current_x": _current,
        "band_population": _band_population,
        "negativity": _negativity,
    }
    if quantity not in readings:
        known = [*readings, *(f"mean_{n}" for n in space.names), *problem.option("observables", {})]
        raise MeasurementError(
            f"reference wave_function: no quantity {quantity!r}{did_you_mean(quantity, known)}"
        )
    return readings[quantity](problem)


def _moment(problem: ReferenceProblem, name: str, power: int) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    axis = space.axis(name)
    number = space.index(name) if axis.is_position else space.index(str(space.partner(name)))
    values = (solution.positions if axis.is_position else solution.momenta)[number]
    if axis.is_periodic:
        values = axis.start + np.mod(values - axis.start, axis.extent)
    weights = []
    for index, psi in enumerate(solution.psi):
        field = psi if axis.is_position else solution.fourier(index)
        others = tuple(a for a in range(field.ndim) if a != number + 1)
        weights.append(np.sum(np.abs(field) ** 2, axis=others))
    return np.array(weights) @ values**power * solution.cell


def _part_expectation(
    problem: ReferenceProblem, index: int, names: tuple[str, ...], symbol: MatrixFormula
) -> float:
    """⟨A⟩ at one time for a function of commuting coordinates, or a position times a function of momenta."""
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    positions = [axis.name for axis in space.positions]
    partners = [str(space.partner(name)) for name in positions]
    factor: np.ndarray | float = 1.0
    for name, partner, x in zip(positions, partners, solution.broadcast(solution.positions), strict=True):
        if name in names and partner in names:
            # Linear in x, the Weyl symbol x g(k) is (x g + g x)/2, whose mean is Re⟨xψ|gψ⟩.
            names = tuple(n for n in names if n != name)
            slope, factor = symbol.derivative(name), x
            rest = symbol(t=0.3, **{name: 0.0}, **{n: np.linspace(-1.1, 0.9, 5) for n in names})
            if name in slope.variables or np.abs(rest).max() > 1e-12:
                raise MeasurementError(
                    f"reference wave_function: expected at most {name}*g({partner}) in a formula"
                )
            symbol = slope
            break
    if any(name in names and partner in names for name, partner in zip(positions, partners, strict=True)):
        raise MeasurementError(
            "reference wave_function: expected at most one product x*g(k) in a formula's term"
        )
    values = dict(zip(positions, solution.broadcast(solution.positions), strict=True))
    values |= dict(zip(partners, solution.broadcast(solution.momenta), strict=True))
    axes = tuple(n + 1 for n, partner in enumerate(partners) if partner in names)
    psi = solution.psi[index]
    field = scipy.fft.fftn(psi, axes=axes, norm="ortho") if axes else psi
    left = field if isinstance(factor, float) else scipy.fft.fftn(factor * psi, axes=axes, norm="ortho")
    matrix = symbol(t=float(solution.times[index]), **{name: values[name] for name in names})
    matrix = matrix.reshape(*matrix.shape[:2], *(matrix.shape[2:] or [1] * len(positions)))
    if len(matrix) not in (1, len(psi)):
        raise MeasurementError(
            f"reference wave_function: expected a {len(psi)}×{len(psi)} formula, got size {len(matrix)}"
        )
    image = matrix[0, 0] * field if len(matrix) == 1 else np.sum(matrix * field, axis=1)
    return float(np.sum(left.conj() * image).real * solution.cell)


def _observable(problem: ReferenceProblem, quantity: str) -> np.ndarray:
    spec, space = problem.options["observables"][quantity], problem.hamiltonian.space
    if not isinstance(spec, MatrixFormula):
        spec = MatrixFormula.parse(spec, variables=(*space.names, "t"), parameters=dict(problem.parameters))
    parts = [
        (tuple(n for n in space.names if n in names), part) for names, part in spec.additive_parts().items()
    ]
    return np.array(
        [
            sum(_part_expectation(problem, i, names, part) for names, part in parts)
            for i in range(len(problem.times))
        ]
    )


def _energy(problem: ReferenceProblem) -> np.ndarray:
    terms = [(term.coordinates, term.symbol) for term in problem.hamiltonian.terms]
    return np.array(
        [
            sum(_part_expectation(problem, i, names, part) for names, part in terms)
            for i in range(len(problem.times))
        ]
    )


def _density(problem: ReferenceProblem) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    field = solution.psi
    for number, axis in enumerate(space.positions):
        field = _interpolate(field, number + 2, solution.positions[number], axis.values)
    return np.asarray(np.sum(np.abs(field) ** 2, axis=1))


def _momentum_density(problem: ReferenceProblem) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    field = solution.psi
    for number, position in enumerate(space.positions):
        axis, x = space.axis(str(space.partner(position.name))), solution.positions[number]
        # A zone collects all momenta that differ by whole zones.
        reach = (
            int(np.ceil(np.abs(solution.momenta[number]).max() / axis.extent)) if axis.kind == "zone" else 0
        )
        wanted = np.concatenate([axis.values + image * axis.extent for image in range(-reach, reach + 1)])
        wanted[np.abs(wanted) > np.abs(solution.momenta[number]).max()] = np.nan
        waves = np.exp(-1j * np.multiply.outer(wanted, x) / solution.hbar) * (x[1] - x[0])
        waves = np.nan_to_num(waves / np.sqrt(2 * np.pi * solution.hbar))
        field = np.moveaxis(np.tensordot(waves, field, axes=(1, number + 2)), 0, number + 2)
    density = np.sum(np.abs(field) ** 2, axis=1)
    for number, position in enumerate(space.positions):
        points = space.axis(str(space.partner(position.name))).points
        shape = (*density.shape[: number + 1], -1, points, *density.shape[number + 2 :])
        density = density.reshape(shape).sum(axis=number + 1)
    return np.asarray(density)


def _interpolate(field: np.ndarray, axis: int, own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Values of the band-limited periodic `field` at other points of one axis; zero outside its grid."""
    count, spacing = len(own), own[1] - own[0]
    modes = 2 * np.pi * np.fft.fftfreq(count, spacing)
    matrix = np.exp(1j * np.multiply.outer(wanted - own[0], modes)) / count
    slack = 1e-9 * spacing
    matrix[(wanted < own[0] - slack) | (wanted > own[0] + count * spacing + slack)] = 0
    coefficients = scipy.fft.fft(field, axis=axis)
    return np.moveaxis(np.tensordot(matrix, coefficients, axes=(1, axis)), 0, axis)


def _current(problem: ReferenceProblem) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    if len(space.positions) != 1 or space.positions[0].kind != "box":
        raise MeasurementError(
            "reference wave_function: expected one box axis for current_x, where no current enters"
        )
    x = solution.positions[0]
    modes = 2 * np.pi * np.fft.fftfreq(len(x), x[1] - x[0])
    currents = []
    for index, psi in enumerate(solution.psi):
        change = np.zeros_like(psi)
        for term in problem.hamiltonian.terms:
            at = {name: x if name == space.names[0] else solution.momenta[0] for name in term.coordinates}
            matrix = term.symbol(t=float(solution.times[index]), **at)
            moves = space.names[1] in term.coordinates
            product = np.sum(matrix * (scipy.fft.fft(psi) if moves else psi), axis=1)
            change += scipy.fft.ifft(product) if moves else product
        rate = 2 / solution.hbar * np.sum(psi.conj() * change, axis=0).imag
        integral = np.divide(
            scipy.fft.fft(rate), 1j * modes, out=np.zeros(len(x), dtype=complex), where=modes != 0
        )
        flow = -scipy.fft.ifft(integral)
        currents.append(flow - flow[0])
    return _interpolate(np.array(currents), 1, x, space.positions[0].values).real


def _band_population(problem: ReferenceProblem) -> np.ndarray:
    solution, space = solve_wave_function(problem), problem.hamiltonian.space
    bands, series = problem.hamiltonian.bands, []
    grid = solution.broadcast(solution.momenta)
    values = dict(zip([str(space.partner(a.name)) for a in space.positions], grid, strict=True))
    for index, t in enumerate(solution.times):
        kinetic = np.zeros((bands, bands), dtype=complex).reshape(bands, bands, *[1] * len(grid))
        for term in problem.hamiltonian.terms:
            if set(term.coordinates) <= set(values):
                kinetic = kinetic + term.symbol(
                    t=float(t), **{name: values[name] for name in term.coordinates}
                )
            elif not term.symbol.is_scalar:
                raise MeasurementError(
                    "reference wave_function: expected a scalar potential for band_population"
                )
        field = solution.fourier(index)
        projected = np.einsum("nab...,b...->na...", band_projectors(kinetic), field)
        series.append(np.sum(np.abs(projected) ** 2, axis=tuple(range(1, projected.ndim))) * solution.cell)
    return np.array(series)


def _negativity(problem: ReferenceProblem) -> np.ndarray:
    solution = solve_wave_function(problem)
    if len(solution.positions) != 1:
        raise MeasurementError("reference wave_function: expected one position axis for negativity")
    # Trapezoid sums of |W| err as the square of the spacing (kinks): refine until two of them agree.
    result = []
    for index in range(len(solution.times)):
        for refinement in (2, 4, 8, 16):
            value, change = _signed_volume(solution, index, refinement)
            if change <= 6e-5:
                break
        else:
            raise MeasurementError(
                f"reference wave_function: negativity is uncertain by {change:.0e}; "
                "raise reference_options.points"
            )
        result.append(value)
    return np.array(result)


def _signed_volume(solution: WaveSolution, index: int, refinement: int) -> tuple[float, float]:
    r"""∫|tr W| dx dk/2πħ − 1, and how far the sum over every second x and k is from it.

    .. math:: W(x, k) = 2 ∫ du\, e^{−2iku/ħ} ψ^†(x−u) ψ(x+u)

    x is sampled at Δx/refinement and u at Δx/2, which resolves the products of a band-limited ψ; zeros
    beyond |u| = L/2 make the samples of k finer. Outside the box ψ = 0.
    """
    x, psi = solution.positions[0], solution.psi[index]
    count, spacing = refinement * len(x), (x[1] - x[0]) / refinement
    fine = np.pad(_interpolate(psi, 1, x, x[0] + spacing * np.arange(count)), ((0, 0), (count, count)))
    shift = refinement // 2 * (np.arange(2 * len(x)) - len(x))
    negligible = 1e-12 * np.abs(fine).max() ** 2
    volume = np.zeros(2)
    for row in range(count):
        product = np.sum(fine[:, count + row + shift] * fine[:, count + row - shift].conj(), axis=0)
        if np.abs(product).max() < negligible:
            continue
        values = np.abs(scipy.fft.fft(product, n=2 * count))
        volume += values.sum(), 4 * values[::2].sum() * (row % 2 == 0)
    # With Δk = πħ/(2 count Δu), W Δx Δk/2πħ weighs the transform by the spacing of x over the samples of k.
    first, second = volume * spacing / (2 * count)
    return float(first - 1), abs(float(first - second))
