"""What stops a run, or makes it speak up: states that leave the grid or the finite numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

__all__ = ["EdgeGuard", "GuardReport", "not_finite"]


@dataclass(frozen=True)
class GuardReport:
    """One crossing: what, when, how much, and whether the run must stop."""

    quantity: str
    t: float
    value: float
    threshold: float
    stop: bool

    def __str__(self) -> str:
        axis = self.quantity.rsplit("_", 1)[-1]
        if self.quantity.startswith("conjugate"):
            what, remedy = f"the highest wave numbers of {axis}", "more points on that axis"
        else:
            what, remedy = f"the edge of {axis}", "a wider axis"
        return (
            f"t = {self.t:.6g}: the state reaches {what}: weight {self.value:.2e}, limit {self.threshold:.0e}; "
            f"it will wrap around; use {remedy}"
        )


@dataclass
class EdgeGuard:
    """Watch the edge weights that a diagnostic measured; report each axis the first time it crosses.

    Parameters
    ----------
    threshold : largest weight that passes in silence.
    action : ``warn``, ``stop`` or ``ignore``.
    """

    threshold: float = 1e-10
    action: Literal["warn", "stop", "ignore"] = "warn"
    seen: set[str] = field(default_factory=set)

    def inspect(self, t: float, values: Mapping[str, object]) -> list[GuardReport]:
        """Reports of the axes that cross for the first time at `t`."""
        reports: list[GuardReport] = []
        if self.action == "ignore":
            return reports
        for name, value in values.items():
            if (
                "edge_weight_" in name
                and name not in self.seen
                and isinstance(value, float)
                and value > self.threshold
            ):
                self.seen.add(name)
                reports.append(GuardReport(name, t, value, self.threshold, self.action == "stop"))
        return reports


def not_finite(values: Mapping[str, np.ndarray | float]) -> list[str]:
    """Names of the measured quantities that are infinite or not a number somewhere."""
    return [name for name, value in values.items() if not np.all(np.isfinite(value))]
