"""SIGINT and SIGTERM: asked once, a run stops where it can go on from; asked twice, at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Interruption"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Turn both signals into KeyboardInterrupt, or inside `deferred` the first of them into a wish to stop.

    Used in ``with``, which puts the previous handlers back; does nothing outside the main thread, where no signals come.
    """

    def __init__(self) -> None:
        self._previous: dict[int, Any] = {}
        self._deferring = False
        self._asked = False

    @contextmanager
    def deferred(self) -> Iterator[Callable[[], bool]]:
        """While the block runs, the first signal only makes the given function true."""
        self._deferring = True
        try:
            yield lambda: self._asked
        finally:
            self._deferring = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._deferring and not self._asked:
            self._asked = True
            return
        raise KeyboardInterrupt

    def __enter__(self) -> Interruption:
        try:
            for number in _SIGNALS:
                self._previous[number] = signal.signal(number, self._handle)
        except ValueError:  # not the main thread
            self._previous.clear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
