"""How many threads work: the pool of the sweeps and the linear algebra of numpy, set here and nowhere else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import threadpool_limits

__all__ = ["limit_linear_algebra", "workers"]

_POOLS: dict[int, ThreadPoolExecutor] = {}


def workers(threads: int) -> ThreadPoolExecutor:
    """The pool of `threads` threads, made once a process; blocks are independent, so results do not depend on it."""
    if threads not in _POOLS:
        _POOLS[threads] = ThreadPoolExecutor(threads, thread_name_prefix="wigner")
    return _POOLS[threads]


def limit_linear_algebra(threads: int) -> None:
    """Let products and eigendecompositions of matrices use at most `threads` threads from now on.

    Compiled kernels and transforms run on one thread each, in `workers`; a library with threads of its own would take the
    cores of the others.
    """
    threadpool_limits(limits=threads, user_api="blas")
