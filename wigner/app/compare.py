"""Expanded equations beside exact dynamics, from one state, on one time base, over a sweep of ħ."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..certify.orders import OrderRow, expansion_parameter, judge_order
from ..errors import ModelError, WignerError
from ..models import Hamiltonian
from ..simulation import evolve
from ..states import WignerFunction
from .assembly import assemble, fit_schedule
from .config import RunConfig, build
from .sweep import Contender, at_hbar, inside_bands

__all__ = ["Comparison", "compare", "draw", "sections", "write_json"]

_EXACT_TARGET, _EXPANDED_TARGET = 1e-9, 1e-8
_FEWEST = 3


@dataclass(frozen=True)
class Comparison:
    """What a sweep found.

    Parameters
    ----------
    rows : a row for each equation and quantity.
    parameters : expansion parameter at each ħ.
    left_out : equations that do not apply, with the reason.
    fields : tr F at the end, at the largest ħ, by name: ``exact`` and each equation.
    """

    rows: tuple[OrderRow, ...]
    hbars: tuple[float, ...]
    parameters: tuple[float, ...]
    left_out: dict[str, str]
    fields: dict[str, np.ndarray]


def compare(
    config: RunConfig,
    hbars: Sequence[float],
    equations: Sequence[Contender],
    *,
    say: Callable[[str], None] = lambda text: None,
) -> Comparison:
    """Run exact dynamics and every equation at each ħ and fit the orders of their errors.

    The state of the run file is first projected onto its bands, through second order in ħ, so that all start from one F that
    the expansion can hold. Exact values of an equation's variable are read from the exact F at the end, by the definition
    that the equation itself starts from.

    Raises
    ------
    WignerError : if bands touch, no equation applies, or there are fewer than three ħ.
    """
    if len(set(hbars)) < _FEWEST:
        raise WignerError(
            f"--hbar: expected {_FEWEST} different values or more, got {len(set(hbars))}; add some"
        )
    errors: dict[tuple[str, str], list[float]] = {}
    filtered: dict[str, float] = {}
    left_out: dict[str, str] = {}
    parameters: list[float] = []
    fields: dict[str, np.ndarray] = {}
    for hbar in hbars:
        at = at_hbar(config, hbar)
        setup = build(at)
        t_start, t_end = at.evolution.t_start, at.evolution.t_end
        parameters.append(max(expansion_parameter(setup.hamiltonian, t) for t in (t_start, t_end)))
        say(f"ħ = {hbar:g}: exact dynamics …")
        start = inside_bands(
            setup.hamiltonian, setup.state.wigner_function(setup.hamiltonian, t=t_start), t_start
        )
        exact, _ = _run(at, start, {}, equation="moyal", order=None, error_target=_EXACT_TARGET)
        # Four panels show the sweep where its errors can be seen.
        shown = hbar == max(hbars)
        if shown:
            fields["exact"] = exact.scalar()
        for contender in equations:
            if contender.name in left_out:
                continue
            wanted = None
            try:
                if contender.is_kinetic:
                    data = np.empty_like(exact.data)
                    wanted = contender.form(setup.hamiltonian, exact, data, t_end).columns
            except ModelError as error:
                left_out[contender.name] = str(error)
                continue
            say(f"ħ = {hbar:g}: {contender.name} …")
            final, form = _run(
                at, start, contender.options, error_target=_EXPANDED_TARGET, **contender.evolution
            )
            found = {"F": _relative(final.data, exact.data)}
            if wanted is not None:
                filtered[contender.name] = max(filtered.get(contender.name, 0.0), np.sqrt(form.filtered))
                found = {"bands": _relative(form.columns, wanted)} | found
                found |= _errors(setup.hamiltonian, exact, final, t_end)
            for quantity, value in found.items():
                errors.setdefault((contender.name, quantity), []).append(value)
            if shown:
                fields[contender.name] = final.scalar()
    claimed = {contender.name: contender.claimed for contender in equations}
    rows = tuple(
        judge_order(
            name, quantity, claimed[name], hbars, values, parameters, filtered=filtered.get(name, 0.0)
        )
        for (name, quantity), values in errors.items()
    )
    if not rows:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise WignerError(f"expected an equation that applies, got none: {reasons}")
    return Comparison(rows, tuple(hbars), tuple(parameters), left_out, fields)


def _run(
    config: RunConfig, start: WignerFunction, options: Mapping[str, Any], **evolution: Any
) -> tuple[WignerFunction, Any]:
    """The state at t_end, and the equation that moved it, with its variable."""
    changed = dataclasses.replace(config, evolution=dataclasses.replace(config.evolution, **evolution))
    assembly = assemble(changed, wisdom=lambda: None, state=start, options=options)
    schedule, _ = fit_schedule(assembly)
    evolve(assembly.stepper, assembly.state, schedule, [])
    return assembly.state, getattr(assembly.stepper, "equation", None)


def _errors(
    hamiltonian: Hamiltonian, exact: WignerFunction, final: WignerFunction, t: float
) -> dict[str, float]:
    """Errors of what is read from F, relative to exact values, by quantity."""
    out = {}
    if hamiltonian.space.positions:
        out["density"] = _relative(final.density(), exact.density())
    values = hamiltonian.values(t)
    energies = [state.expectation(values) for state in (final, exact)]
    scale = float(np.max(np.abs(np.linalg.eigvalsh(np.moveaxis(values, (0, 1), (-2, -1)))))) * exact.trace()
    return out | {"energy": abs(energies[0] - energies[1]) / abs(scale)}


def _relative(found: np.ndarray, wanted: np.ndarray) -> float:
    """Root-mean-square: what oscillates between the bands makes the largest difference wander."""
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def sections(comparison: Comparison) -> list[tuple[str, list[tuple[str, str]]]]:
    """What was found, as titled label–value pairs: an equation a title, a quantity a line."""
    small = ", ".join(
        f"{p:.2g} at ħ = {h:g}" for h, p in zip(comparison.hbars, comparison.parameters, strict=True)
    )
    out: list[tuple[str, list[tuple[str, str]]]] = [("expansion", [("ħ|∂H||∂P|/gap", small)])]
    for name in dict.fromkeys(row.equation for row in comparison.rows):
        lines = []
        for row in comparison.rows:
            if row.equation != name:
                continue
            errors = " ".join(f"{error:.1e}" for error in row.errors)
            slope = f"slope {row.slope:.3f} ± {row.uncertainty:.3f}, claimed {row.claimed}: "
            lines.append(
                (row.quantity, f"{slope if np.isfinite(row.slope) else ''}{row.verdict}; errors {errors}")
            )
        out.append((name, lines))
    if comparison.left_out:
        out.append(("left out", list(comparison.left_out.items())))
    return out


def draw(config: RunConfig, comparison: Comparison, folder: Path) -> list[Path]:
    """Draw errors against ħ, and on a phase space of two axes the states beside the exact one; the files made.

    Raises
    ------
    WignerError : if the folder cannot be made.
    """
    from ..views.order_figure import draw_orders, draw_panels

    title = config.title or config.path.stem
    figures = {"orders.png": draw_orders(comparison.rows, "bands", title)}
    space = build(at_hbar(config, max(comparison.hbars))).space
    if len(space.axes) == 2:
        first, second = space.axes
        extent = (first.start, first.stop, second.start, second.stop)
        told = f"{title}: ħ = {max(comparison.hbars):g}"
        figures["panels.png"] = draw_panels(comparison.fields, (first.name, second.name), extent, told)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WignerError(
            f"{folder}: expected a folder, got: {error.strerror}; choose another --output"
        ) from None
    for name, figure in figures.items():
        figure.savefig(folder / name, dpi=150)
    return [folder / name for name in figures]


def write_json(path: Path, comparison: Comparison) -> None:
    """Write the rows as a list of objects; what is not a number is null.

    Raises
    ------
    WignerError : if the file cannot be written.
    """
    rows = [
        {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in vars(row).items()}
        for row in comparison.rows
    ]
    try:
        path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise WignerError(
            f"{path}: cannot be written: {error.strerror}; choose another --json file"
        ) from None
