"""The beginning of a protocol, up to its steps, for tests that add their own."""

from __future__ import annotations

HEAD = """\
faradaic: 1
title: a short electrolysis
cell: {type: undivided, gap: 10 mm}
solution:
  volume: 8 mL
  limiting: substrate
  components:
    substrate: {amount: 0.20 mmol, role: substrate}
    Bu4NBF4: {amount: 0.80 mmol, role: electrolyte}
    MeCN: {volume: 8 mL, role: solvent}
electrodes:
  anode: {material: Pt, form: plate, width: 15 mm, length: 15 mm, immersed: 15 mm}
  cathode: {material: Pt, form: plate, width: 15 mm, length: 15 mm, immersed: 15 mm}
reaction: {electrons: 2, gases: [{H2: 0.5 per electron, at: cathode}]}
"""
