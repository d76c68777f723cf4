"""The loop, its time base and its guards."""

from .evolve import Observer, Outcome, Stepper, Tick, evolve
from .guards import EdgeGuard, GuardReport
from .method import METHODS, MethodChoice, choose_method
from .schedule import Schedule, make_schedule

__all__ = [
    "METHODS",
    "EdgeGuard",
    "GuardReport",
    "MethodChoice",
    "Observer",
    "Outcome",
    "Schedule",
    "Stepper",
    "Tick",
    "choose_method",
    "evolve",
    "make_schedule",
]
