"""Instruments of PalmSens that are those of `driver` in another housing.

A MultiEmStat4 has a port for each of its channels, and each is driven as an EmStat4 of its own. The
EmStat4M is a module that answers as an EmStat4 LR or HR, and is driven as that. (What an EmStat4X
or EmStat4T answers to `t` is not known here: neither is driven.)
"""

from __future__ import annotations

from dataclasses import replace

from faradaic.instruments.palmsens.device_models import model
from faradaic.instruments.palmsens.driver import EmStat4HR, EmStat4LR, EmStatPico


class MultiEmStat4LR(EmStat4LR):
    """One channel of a MultiEmStat4 LR: ±3 V, 30 mA."""

    key = "multi_emstat4_lr"
    capabilities = replace(EmStat4LR.capabilities, model=model(key).name)


class MultiEmStat4HR(EmStat4HR):
    """One channel of a MultiEmStat4 HR: ±6 V, 200 mA."""

    key = "multi_emstat4_hr"
    capabilities = replace(EmStat4HR.capabilities, model=model(key).name)


class SensitWearable(EmStatPico):
    """Sensit Wearable: an EmStat Pico, over its serial port or Bluetooth's."""

    key = "sensit_wearable"
    capabilities = replace(EmStatPico.capabilities, model=model(key).name)
