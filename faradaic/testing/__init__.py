"""What a reader or a driver of others is tried with against what is promised of all of them.

`check_reader` takes a reader and whole files of its kind, `check_driver` a driver and an emulator
of its instrument; both raise `AssertionError` with the promise that is broken, so that any test
runner can call them:

    def test_reader():
        check_reader(my_package.reader, {"cv.dat": Path("cv.dat").read_bytes()})

`Rig` is the bench below `check_driver`: a driver, a cable that can be cut, muted or disturbed, an
emulated instrument and a cell that knows what passed through it, on a virtual clock.
"""

from faradaic.testing.drivers import check_driver
from faradaic.testing.readers import check_reader, damaged_copies
from faradaic.testing.rig import DummyCell, FaultyTransport, Rig, drain

__all__ = [
    "DummyCell",
    "FaultyTransport",
    "Rig",
    "check_driver",
    "check_reader",
    "damaged_copies",
    "drain",
]
