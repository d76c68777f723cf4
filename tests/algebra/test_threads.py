"""Threads are set in one place."""

import threadpoolctl

from wigner.algebra.threads import limit_linear_algebra, workers


def blas_threads():
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]


def test_the_limit_reaches_the_libraries():
    before = blas_threads()
    try:
        limit_linear_algebra(1)
        assert set(blas_threads()) == {1}
    finally:
        limit_linear_algebra(max(before))
    assert blas_threads() == [max(before)] * len(before)


def test_a_pool_is_made_once():
    assert workers(2) is workers(2)
    assert list(workers(2).map(abs, [-1, 2])) == [1, 2]
