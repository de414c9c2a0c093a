"""Kernels compile where nothing can be written: read-only installations, users without a home."""

import pytest
from numba.core import caching

from faradaic.diagnostics import DiagnosticWarning
from faradaic.simulators import kernel_cache


def test_a_kernel_that_cannot_be_kept_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    kernel_cache._tell.cache_clear()

    def cube(value: float) -> float:
        return value**3

    with pytest.warns(DiagnosticWarning, match="NUMBA_CACHE_DIR"):
        kept = kernel_cache.njit(cache=True)(cube)
    assert kept(3.0) == 27.0
