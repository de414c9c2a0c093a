"""Real files of instruments are not ours to ship: they are read beside the checkout, if there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("FARADAIC_VENDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
"""One folder for each maker."""

needs_vendor_files = pytest.mark.skipif(
    not DATA.is_dir(), reason="the vendors' files are not beside this checkout"
)
