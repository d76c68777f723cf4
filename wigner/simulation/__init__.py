"""The loop, its time base and its guards."""

from .evolve import Observer, Outcome, Stepper, Tick, evolve
from .guards import EdgeGuard, GuardReport
from .schedule import Schedule, make_schedule

__all__ = [
    "EdgeGuard",
    "GuardReport",
    "Observer",
    "Outcome",
    "Schedule",
    "Stepper",
    "Tick",
    "evolve",
    "make_schedule",
]
