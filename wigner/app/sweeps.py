"""The sweeps that a run file asks for in [compare] and [audit], made once the run has ended."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..certify.audit import AuditRow
from ..errors import WignerError
from .audit import audit_equation
from .compare import Comparison, compare
from .compare_report import draw
from .config import RunConfig
from .sweep import contenders

__all__ = ["Sweeps", "claimed_quantities", "make_sweeps", "rows_of", "write_sweeps"]


@dataclass(frozen=True)
class Sweeps:
    """What was measured: a comparison, audits by the name of the equation, or why nothing was."""

    comparison: Comparison | None = None
    audits: Mapping[str, Sequence[AuditRow]] = field(default_factory=dict)
    failure: str = ""


def make_sweeps(config: RunConfig, say: Callable[[str], None]) -> Sweeps:
    """Compare and audit as the run file asks; what cannot be measured is said in `failure`, for the run itself stands."""
    try:
        return _measured(config, say)
    except WignerError as error:
        return Sweeps(failure=str(error))


def _measured(config: RunConfig, say: Callable[[str], None]) -> Sweeps:
    comparison = None
    if config.compare is not None:
        chosen, swept = contenders(config.compare.equations), config.compare.parameter
        wanted = claimed_quantities(config)
        comparison = compare(
            config, config.compare.values, chosen, parameter=swept, quantities=wanted, say=say
        )
    audits: dict[str, Sequence[AuditRow]] = {}
    if config.audit is not None:
        for equation in contenders(config.audit.equations):
            say(f"audit of {equation.name} …")
            audits[equation.name] = audit_equation(config, equation, config.audit.hbar).rows
    return Sweeps(comparison, audits)


def claimed_quantities(config: RunConfig) -> frozenset[str]:
    """The quantities whose orders and errors the run file claims."""
    swept = (claim for claim in config.claims if claim.quantity in ("order", "error"))
    return frozenset(claim.of or "bands" for claim in swept)


def rows_of(sweeps: Sweeps) -> dict[str, Any]:
    """Both as plain JSON types; what is not a number is null."""
    out: dict[str, Any] = {}
    if sweeps.comparison is not None:
        out["comparison"] = [_plain(vars(row)) for row in sweeps.comparison.rows]
        out["left_out"] = sweeps.comparison.left_out
    for name, rows in sweeps.audits.items():
        out.setdefault("audit", {})[name] = [_plain(vars(row)) for row in rows]
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_sweeps(config: RunConfig, sweeps: Sweeps, folder: Path) -> list[Path]:
    """Write ``sweeps.json`` and the figures of a comparison; the files made."""
    rows = rows_of(sweeps)
    if not rows:
        return []
    path = folder / "sweeps.json"
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [path, *([] if sweeps.comparison is None else draw(config, sweeps.comparison, folder / "figures"))]
