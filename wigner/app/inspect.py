"""What `wigner check` and `info` have to say, as titled label–value pairs."""

from __future__ import annotations

import json
import shlex
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft

from ..equations.schrodinger import WaveFlow
from ..models import Hamiltonian
from ..records import is_being_written, open_run
from ..steppers import Chebyshev, RungeKutta, Spectral, WaveFunctions
from .assembly import Assembly, assemble
from .config import RunConfig
from .console import format_pair
from .listing import first_line

__all__ = ["Section", "check_sections", "info_sections"]

Section = tuple[str, list[tuple[str, str]]]

# A formula of more characters than this is cut; the run file has it whole.
_LONGEST = 160


# --- check --------------------------------------------------------------------------------------------------


def check_sections(config: RunConfig) -> list[Section]:
    """Grid, Hamiltonian, cost and step bound of a run file; times two single steps and moves nothing else."""
    assembly = assemble(config)
    return [
        ("grid", _grid(assembly)),
        ("motion", _motion(assembly)),
        ("cost", _cost(assembly)),
        *_sweeps(config),
        ("verdict", [("run file", f"{config.path} is valid; {_counted(len(config.claims), 'claim')}")]),
    ]


def _grid(assembly: Assembly) -> list[tuple[str, str]]:
    space, fields = assembly.setup.space, assembly.setup.hamiltonian.fields
    rows = [("ħ", f"{space.hbar:g}")]
    for axis in space.axes:
        reach = np.pi * space.hbar / axis.spacing
        text = (
            f"{axis.kind}, {axis.points} points, {axis.start:.6g} … {axis.stop:.6g}, step {axis.spacing:.4g}; "
            f"conjugate ±{reach:.4g}, step {2 * np.pi * space.hbar / axis.extent:.4g}"
        )
        transformed = fields is not None or space.conjugates((axis.name,))
        if transformed and scipy.fft.next_fast_len(axis.points, real=True) != axis.points:
            text += f"; slow length, use {scipy.fft.next_fast_len(axis.points, real=True)}"
        rows.append((axis.name, text))
    for position in space.positions:
        partner = space.axis(str(space.partner(position.name)))
        cells = position.extent * partner.extent / (2 * np.pi * space.hbar)
        # A state that resolves both axes to their ends needs Δr·Δk ≤ πħ/N.
        ratio = (
            position.spacing * partner.spacing / (np.pi * space.hbar / max(position.points, partner.points))
        )
        matched = "matched (Δr·Δk = πħ/N)" if abs(ratio - 1) < 1e-9 else f"Δr·Δk = {ratio:.3g} πħ/N"
        rows.append((f"{position.name}, {partner.name}", f"{cells:.4g} cells of 2πħ; {matched}"))
    return rows


def _motion(assembly: Assembly) -> list[tuple[str, str]]:
    hamiltonian = assembly.setup.hamiltonian
    rows = [("bands", str(hamiltonian.bands))]
    for term in hamiltonian.parts:
        time_word = "" if term.is_static else ", time-dependent"
        rows.append((f"term in {', '.join(term.coordinates)}", f"{_cut(term.symbol)}{time_word}"))
    for name, text in _fields(hamiltonian):
        rows.append((name, text))
    trace, purity = assembly.state.trace(), assembly.state.purity()
    rows.append(("initial state", f"trace {trace:.9g}, purity {purity:.9g}"))
    return rows


def _cut(formula: object) -> str:
    """A formula on one line of bearable length."""
    text = str(formula)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _fields(hamiltonian: Hamiltonian) -> list[tuple[str, str]]:
    """Brackets among the momenta, those that change, and the force."""
    space, fields = hamiltonian.space, hamiltonian.fields
    rows = [(f"{{{a}, {b}}}", f"{value:g}") for a, b, value in space.brackets]
    if fields is None:
        return rows
    rows += [
        (f"{{{a}, {b}}}", f"{_cut(formula)}, time-dependent") for a, b, formula in fields.brackets(space)
    ]
    for axis, formula in zip(space.momenta, fields.force, strict=True):
        if not formula.is_zero:
            rows.append(
                (
                    f"force on {axis.name}",
                    f"{_cut(formula)}{', time-dependent' if 't' in formula.variables else ''}",
                )
            )
    return rows


def _cost(assembly: Assembly) -> list[tuple[str, str]]:
    config, space = assembly.config, assembly.setup.space
    rows = [
        ("method", f"{assembly.choice.method}: {assembly.choice.reason}"),
        (
            "memory",
            f"{_size(assembly.nbytes)} stepping, {assembly.nbytes / space.points:.0f} bytes per grid point",
        ),
    ]
    evolution, stepper = config.evolution, assembly.stepper
    span = evolution.t_end - evolution.t_start
    if isinstance(stepper, Spectral):
        return [*rows, ("dt", "no error in time: one step from record to record")]
    if isinstance(stepper, RungeKutta):
        wanted = (
            f"{evolution.dt:g}" if evolution.dt else f"chosen for error_target = {evolution.error_target:g}"
        )
        longest = stepper.longest_step(evolution.t_start)
        rows.insert(0, ("equation", f"{evolution.equation}: {first_line(type(stepper.equation))}"))
        return [*rows, ("dt", f"order 4, dt {wanted}; stable up to {longest:.3g}")]
    if isinstance(stepper, Chebyshev):
        wanted = (
            f"{evolution.dt:g}" if evolution.dt else f"chosen for error_target = {evolution.error_target:g}"
        )
        exact = "no error in time: one step from record to record"
        rows.append(("numbers moved", f"{stepper.moving.size // 2} complex"))
        return [*rows, ("dt", exact if stepper.is_exact else f"order 4, dt {wanted}")]
    width = max((flow.spectral_width(evolution.t_start) for flow in assembly.flows), default=0.0)
    bound = np.pi * space.hbar / width if width > 0 else span
    # Forward and back again: times within the run, and no copy of the state.
    per_step = []
    dt = evolution.dt or min(bound, span)
    for t, step in ((evolution.t_start, dt), (evolution.t_start + dt, -dt)):
        stepper.prepare(step)
        begin = time.perf_counter()
        stepper.advance(t, step)
        per_step.append(time.perf_counter() - begin)
    seconds = statistics.mean(per_step)
    flows = len(stepper.program(64)) / 64
    rows.append(("steps", f"{stepper.composition.name}, order {stepper.order}, {flows:.1f} flows a step"))
    if isinstance(stepper, WaveFunctions):
        rows.append(("columns", f"rank {stepper.factor.rank}, {stepper.factor.columns.size} numbers move"))
    else:
        products = [flow.product for flow in assembly.flows if not isinstance(flow, WaveFlow)]
        transforms = sum(products[flow].transforms_per_sweep for flow, _, _ in stepper.program(64)) / 64
        if transforms:
            told = f"{transforms:.0f} real transforms of {space.points} points over the conjugate axes"
            rows.append(("transforms a step", told))
    rows.append(
        (
            "dt bound",
            f"{bound:.4g}, half a turn of the fastest phase on the grid (ΔH = {width:.4g}); longer steps can still "
            "be accurate where the state is not",
        )
    )
    if evolution.dt is None:
        rows.append(("dt", f"chosen at the start of the run for error_target = {evolution.error_target:g}"))
        steps = span / bound
        rows.append(
            ("time", f"{seconds * 1e3:.2f} ms a step; about {_duration(steps * seconds)} at the dt bound")
        )
    else:
        steps = span / evolution.dt
        rows.append(("dt", f"{evolution.dt:g}, {steps:.0f} steps"))
        rows.append(("time", f"{seconds * 1e3:.2f} ms a step; about {_duration(steps * seconds)}"))
    return rows


def _sweeps(config: RunConfig) -> list[Section]:
    """What is measured once the run has ended, which `_cost` does not count."""
    rows = []
    if config.compare is not None:
        values = ", ".join(f"{value:g}" for value in config.compare.values)
        told = f"{_counted(len(config.compare.equations), 'equation')} beside exact dynamics"
        rows.append(("compare", f"{told} at {_swept(config.compare.parameter)} = {values}"))
    if config.audit is not None:
        values = ", ".join(f"{value:g}" for value in config.audit.hbar)
        rows.append(("audit", f"{', '.join(config.audit.equations)} at ħ = {values}"))
    return [("sweeps, not in the cost", rows)] if rows else []


def _swept(parameter: str) -> str:
    return "ħ" if parameter == "hbar" else parameter


def _size(nbytes: int) -> str:
    return f"{nbytes / 2**20:.1f} MiB" if nbytes >= 2**20 / 10 else f"{nbytes / 2**10:.1f} KiB"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


# --- info ---------------------------------------------------------------------------------------------------


def info_sections(folder: Path) -> list[Section]:
    """What a run folder holds, whether the run ended or not."""
    with open_run(folder) as recorded:
        sections: list[Section] = [
            (
                str(recorded.attrs.get("title", folder)),
                [
                    (
                        "records",
                        f"{recorded.sizes['t']}, t = {recorded['t'].values[0]:g} … {recorded['t'].values[-1]:g}",
                    ),
                    ("snapshots", str(recorded.sizes.get("t_snapshot", 0))),
                    ("written by", f"wigner {recorded.attrs.get('wigner_version', '?')}"),
                ],
            ),
            (
                "recorded",
                [
                    (
                        str(name),
                        f"({', '.join(map(str, v.dims))})  {v.attrs.get('long_name', '')} [{v.attrs.get('units', '')}]",
                    )
                    for name, v in recorded.data_vars.items()
                ],
            ),
        ]
        summary = (
            json.loads(str(recorded.attrs["summary_json"])) if "summary_json" in recorded.attrs else None
        )
    if is_being_written(folder):
        return [*sections, ("state", [("running", "not ended yet")])]
    again = f"go on with: wigner resume {shlex.quote(str(folder))}"
    if summary is None:
        return [*sections, ("state", [("not ended", f"killed or failed; {again}")])]
    sections.append(
        (
            "end",
            [
                (
                    "stopped",
                    f"{summary['stop_reason']} at t = {summary['t']:g}, {summary['steps']} steps of {summary['dt']:.6g}",
                ),
                ("method", f"{summary['method']}: {summary.get('method_reason', '')}"),
                *([("resume", again)] if summary["stop_reason"] == "interrupted" else []),
                ("drifts", ", ".join(f"{name} {value:.1e}" for name, value in summary["drift"].items())),
                ("seconds", ", ".join(f"{name} {value:.2f}" for name, value in summary["seconds"].items())),
                *[("warning", text) for text in summary["warnings"]],
                *[("claim", _claim(claim)) for claim in summary["claims"]],
            ],
        )
    )
    return sections


def _claim(claim: Mapping[str, Any]) -> str:
    if claim["measured"] is None or claim["expected"] is None:  # not a number, which JSON has not
        return f"FAILS: {claim['quantity']} {claim['source']}"
    measured, expected = format_pair(claim["measured"], claim["expected"], claim["tolerance"])
    verdict = "holds" if claim["passed"] else "FAILS"
    return f"{verdict}: {claim['quantity']} = {measured}, expected {expected} ± {claim['tolerance']:.1e}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
