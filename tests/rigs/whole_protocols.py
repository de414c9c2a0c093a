"""Protocols that together hold an instance of every model of the schema."""

# ruff: noqa: E501  (one line for each part)

UNDIVIDED = """
faradaic: 1
title: everything of an undivided cell
source: {citation: Somebody 2020}
continues: [{run: earlier, journal: "1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f", outcome: LOST, began: "2026-11-21T07:00:12Z", ended: "2026-11-21T08:00:12Z", charge: 7 C, charge_low: 6 C, charge_measured: 6.5 C, charge_high: 8 C}]
assumptions: [{field: cell.gap, value: 5 mm, reason: usual}]
cell: {type: undivided, vessel: {kind: vial, volume: 30 mL, inner_diameter: 25 mm}, gap: 5 mm, closure: vented}
solution:
  volume: 20 mL
  limiting: amine
  gas: {species: N2, flow: 5 sccm, mode: sparge}
  components:
    amine: {amount: 4 mmol, role: substrate}
    acid: {volume: 1 mL, density: 1.05 g/mL, molar_mass: 60.05 g/mol, role: acid}
    salt: {mass: 100 mg, molar_mass: 217 g/mol, role: electrolyte}
    more: {equiv: 2, role: reagent}
    TEMPO: {equiv: 0.1, role: mediator, mediator_rate: 100 L/mol/s}
    Et4NBF4: {concentration: 0.1 M, role: electrolyte}
    MeCN: {volume: 20 mL, role: solvent}
electrodes:
  anode: {material: graphite, form: felt, width: 10 mm, length: 40 mm, thickness: 3 mm, immersed: 20 mm, porosity: 90 %, fibre_diameter: 10 um}
  cathode: {material: Ni, form: rod, diameter: 4 mm, length: 40 mm, immersed: 20 mm, area: {facing: 1 cm^2}, overpotential: 0.4 V, tafel_slope: 120 mV}
  reference: {couple: Ag/AgCl, filling: 3 M KCl}
reaction:
  kind: oxidation
  electrons: {anode: 2, cathode: 2}
  half_reactions: {anode: a -> b, cathode: c -> d}
  gases: [{species: H2, from_substrate: false, per_electron: 0.5, at: cathode}]
  products:
    imine: {molar_mass: 120 g/mol, target: true, at: anode}
    side: {name: something else}
environment: {temperature: {setpoint: 30 degC}, stirring: {rate: 500 rpm, kind: bar}}
limits: {current: {value: 150 mA}, cell_voltage: {value: 10.5 V}, charge: {value: 70 kC}, time: {value: 90 h}, stale_data: {value: 30 s}, lost_regulation: {value: 9 s}, interruption: {value: 4 s}}
sampling: {interval: 2 s}
aliquots: [{at: [1 F/mol]}]
diagnostics: {overrides: {rule: {threshold: 2}}}
end_state: {prompt: lift the electrodes}
workup: [{type: EXTRACTION, details: with ether}]
purification: [{type: DISTILLATION, details: twice}]
analysis: [{type: GC, details: FID, product: imine}]
report: {operator: me}
steps:
  - constant_current: {current: 20 mA, cell_voltage_limit: 10 V, until: {charge: 1 F/mol}, caps: {time: 40 h, charge: 3 F/mol}}
  - constant_current: {current_density: {value: 5 mA/cm^2, electrode: anode, area_basis: facing}, cell_voltage_limit: 10 V, duration: 10 min}
  - constant_current: {rate: 0.1 F/mol/h, cell_voltage_limit: 10 V, duration: 20 min}
  - constant_cell_voltage: {cell_voltage: 3 V, current_limit: 100 mA, until: [{time: 50 min}, {charge: 9 F/mol, count: net}, {total: 30 F/mol}, {current: "<= 5 %", for: 5 s}, {cell_voltage: ">= 9 V"}, {operator: done, ask_at: [1 F/mol]}], duration: 1 h}
  - open_circuit: {duration: 60 s}
  - linear_sweep: {from: 0 V, to: 1 V, rate: 50 mV/s, vs: SCE, current_limit: 50 mA}
  - wait: {duration: 10 s}
  - open_circuit: {duration: 20 s, interval: 3 s, caps: {time: 1 h}}
  - prompt: {text: look}
  - sample: {volume: 0.1 mL, method: GC}
  - dose: {component: more, volume: 1 mL, concentration: 1 M}
  - dose: {component: more, amount: 1 mmol}
  - set: {stirring: 300 rpm}
  - set: {temperature: 40 degC}
  - set: {gas: {species: Ar, flow: 4 sccm}}
  - set: {gas: {species: He, "off": true}}
  - set: {pump: {name: p1, flow: 1 mL/min}}
  - repeat: {count: 2, until: {total: 20 F/mol}, steps: [{constant_current: {current: 10 mA, cell_voltage_limit: 9 V, duration: 60 s}}]}
"""

POTENTIOSTAT = """
faradaic: 1
title: everything of a potentiostat
cell: {type: undivided, vessel: {kind: vial, volume: 30 mL, inner_diameter: 25 mm}, gap: 5 mm, closure: vented}
solution:
  volume: 20 mL
  components:
    Na2SO4: {concentration: 0.5 M, role: electrolyte}
    H2O: {volume: 20 mL, role: solvent}
electrodes:
  working: {role: anode, material: Pt, form: disc, diameter: 3 mm}
  counter: {role: cathode, material: Pt, form: wire, diameter: 1 mm, length: 30 mm}
  reference: {couple: Ag/AgCl, filling: 3 M KCl}
steps:
  - constant_potential: {potential: 0.8 V, vs: SCE, current_limit: 1 mA, until: [{potential: ">= 2 V", vs: SHE}], duration: 60 s}
  - cyclic_voltammetry: {from: 0 V, vertex1: 1 V, vertex2: -0.2 V, rate: 50 mV/s, vs: SCE, cycles: 2, current_limit: 1 mA}
"""

GAS_DIFFUSION = """
faradaic: 1
title: everything of a gas-diffusion cell
cell:
  type: gde_flow
  gap: 2 mm
  separator: {kind: aem, area: 1 cm^2, area_resistance: 2 Ohm cm^2}
  flow: {mode: recirculating, anolyte: 20 mL/min, catholyte: 20 mL/min, channel: {width: 10 mm, height: 2 mm, length: 10 mm}, reservoir_volume: 100 mL}
compartments:
  anolyte: {volume: 50 mL, components: {KOH: {concentration: 1 M, role: electrolyte}, H2O: {volume: 50 mL, role: solvent}}}
  catholyte: {volume: 50 mL, components: {KOH: {concentration: 1 M, role: electrolyte}, H2O: {volume: 50 mL, role: solvent}}}
  gas: {gas: {species: CO2, flow: 20 sccm, mode: flow_by}}
electrodes:
  counter: {role: anode, material: Ni, form: foam, width: 10 mm, length: 10 mm, thickness: 1.6 mm, ppi: 110}
  working: {role: cathode, material: Cu, form: gde, area: {facing: 1 cm^2}, coating: {catalyst: Cu nanoparticles}}
steps:
  - constant_current: {current: 100 mA, cell_voltage_limit: 10 V, duration: 1 h}
"""

DIVIDED = """
faradaic: 1
title: everything of a divided cell
cell:
  type: divided_flow
  gap: 6 mm
  separator: {kind: cem, area: 2 cm^2}
  flow: {mode: single_pass, rate: 0.05 mL/min, channel: {width: 10 mm, height: 2 mm, length: 100 mm}}
compartments:
  anolyte: {volume: 20 mL, components: {Et4NBF4: {concentration: 0.1 M, role: electrolyte}, MeCN: {volume: 20 mL, role: solvent}}}
  catholyte: {volume: 20 mL, limiting: ester, components: {ester: {amount: 2 mmol, role: substrate, potential: -2.1 V vs SCE}, Et4NBF4: {concentration: 0.1 M, role: electrolyte}, MeCN: {volume: 20 mL, role: solvent}}}
electrodes:
  anode: {material: Mg, form: rod, diameter: 6 mm, length: 50 mm, immersed: 20 mm, sacrificial: {metal: Mg, electrons: 2, mass: 2 g}}
  cathode: {material: carbon, form: rvc, width: 10 mm, length: 40 mm, thickness: 5 mm, immersed: 20 mm, ppi: 100}
reaction:
  electrons: {anode: 2, cathode: 2, net: 1, range: [1, 4], source: assumed}
limits: {cell_voltage: {value: 5 V, hold: 2 s}}
steps:
  - constant_current: {current: 20 mA, cell_voltage_limit: 4.5 V, until: 1 F/mol}
"""

RECIRCULATING = """
faradaic: 1
title: what a reservoir holds
cell: {type: undivided_flow, gap: 2 mm, flow: {mode: recirculating, rate: 20 mL/min, reservoir_volume: 50 mL}}
solution: {volume: 20 mL, components: {Na2SO4: {concentration: 0.5 M, role: electrolyte}, H2O: {volume: 20 mL, role: solvent}}}
electrodes:
  anode: {material: Pt, form: plate, width: 10 mm, length: 10 mm}
  cathode: {material: Pt, form: plate, width: 10 mm, length: 10 mm}
reaction: {gases: [{H2: 0.5 per electron, at: cathode}]}
waivers: {Q06: somebody is there}
steps:
  - constant_current: {current: 20 mA, cell_voltage_limit: 4.5 V, until: 1 h}
"""

IN_TURN = """
faradaic: 1
title: everything of levels in turn, spectra and pulses
cell: {type: undivided, vessel: {kind: vial, volume: 30 mL, inner_diameter: 25 mm}, gap: 5 mm, closure: vented}
solution:
  volume: 20 mL
  components:
    Na2SO4: {concentration: 0.5 M, role: electrolyte}
    H2O: {volume: 20 mL, role: solvent}
electrodes:
  working: {role: anode, material: Pt, form: disc, diameter: 3 mm}
  counter: {role: cathode, material: Pt, form: wire, diameter: 1 mm, length: 30 mm}
  reference: {couple: Ag/AgCl, filling: 3 M KCl}
steps:
  - alternating_polarity: {current: 1 mA, half_period: 2 s, duty: 60 %, start: reverse, phase: 1 s, cell_voltage_limit: 3 V, duration: 60 s, interval: 1 s}
  - alternating_polarity: {cell_voltage: 1 V, frequency: 1 Hz, current_limit: 1 mA, duration: 30 s}
  - pulsed: {on: {potential: 0.8 V, time: 1 s}, off: {potential: 0.2 V, time: 1 s}, vs: SCE, phase: 0.5 s, current_limit: 2 mA, duration: 60 s, interval: 1 s}
  - pulsed: {on: {current: 1 mA, time: 1 s}, off: {open_circuit: true, time: 1 s}, cell_voltage_limit: 3 V, duration: 60 s}
  - pulsed: {on: {current_density: {value: 1 mA/cm^2, electrode: working, area_basis: facing}, time: 1 s}, off: {open_circuit: true, time: 1 s}, cell_voltage_limit: 3 V, duration: 60 s}
  - ramp: {current: {from: 0 mA, to: 1 mA}, duration: 60 s, stairs: 20, interval: 1 s, cell_voltage_limit: 3 V}
  - ramp: {potential: {from: 0 V, to: 0.8 V, rate: 10 mV/s}, vs: SCE, current_limit: 2 mA}
  - impedance: {from: 10 kHz, to: 1 Hz, points_per_decade: 5, amplitude_voltage: 10 mV, bias_voltage: 0.5 V, vs: SCE, settle: 5 s, current_limit: 2 mA}
  - impedance: {from: 10 kHz, to: 1 Hz, amplitude_current: 50 uA, bias_current: 0.5 mA, cell_voltage_limit: 3 V}
  - current_interrupt: {current: 1 mA, cell_voltage_limit: 3 V, width: 20 ms, every: 10 s, count: 3, interval: 1 s}
  - square_wave_voltammetry: {vs: SCE, from: 0 V, to: 0.8 V, step: 5 mV, amplitude: 25 mV, frequency: 10 Hz, current_limit: 2 mA}
  - differential_pulse_voltammetry: {vs: SCE, from: 0 V, to: 0.8 V, step: 5 mV, pulse: 50 mV, pulse_time: 50 ms, rate: 10 mV/s, current_limit: 2 mA}
  - current_interrupt: {current: 1 mA, cell_voltage_limit: 3 V, width: 20 ms, every: 10 s, duration: 60 s}
  - constant_current: {current: 1 mA, cell_voltage_limit: 3 V, duration: 60 s, probe: {every: 20 mC, width: 20 ms}}
  - constant_current: {current: 1 mA, cell_voltage_limit: 3 V, duration: 60 s, countermeasures: {on: [D02], attempts: [{lower: 30 %}, {reverse: {time: 5 s, every: 60 s, at_most: 3}}, {rest: {time: 5 s, every: 60 s, at_most: 3}}, {stir: 800 rpm}, {pause: look}]}}
  - constant_current: {current: 1 mA, cell_voltage_limit: 3 V, until: 60 s, on_pause: {output: keep_current, at_most: 10 min}}
"""

WITH_DEVICES = """
faradaic: 1
title: everything of the devices around a cell
cell: {type: undivided, vessel: {kind: vial, volume: 30 mL, inner_diameter: 25 mm}, gap: 5 mm, closure: vented}
solution:
  volume: 20 mL
  components:
    Na2SO4: {concentration: 0.5 M, role: electrolyte}
    H2O: {volume: 20 mL, role: solvent}
electrodes:
  anode: {material: Pt, form: plate, width: 10 mm, length: 10 mm}
  cathode: {material: Pt, form: plate, width: 10 mm, length: 10 mm}
interlocks:
  - {stirring: ">= 200 rpm", device: hotplate}
  - {temperature: "<= 60 degC", device: probe}
  - {gas: ">= 5 sccm"}
  - {pump: ">= 0.05 mL/min"}
  - {pH: ">= 2"}
  - {device: pH, silent: 30 s}
  - {relay: open, device: gc}
steps:
  - set: {temperature: 40 degC, device: hotplate, tolerance: 2 K, within: 30 min, wait: true}
  - set: {stirring: 400 rpm}
  - set: {gas: {species: N2, flow: 20 sccm}, wait: true}
  - set: {pump: {flow: 0.1 mL/min}}
  - sample: {trigger: gc, hold: 5 s}
  - constant_current: {current: 20 mA, cell_voltage_limit: 10 V, until: 60 s}
"""

WHOLE = (UNDIVIDED, POTENTIOSTAT, GAS_DIFFUSION, DIVIDED, RECIRCULATING, IN_TURN)
