"""A plate: one protocol times factors, each well a protocol of its own; or a list of runs.

`plate_schema` is what is written, `wells` who stands where, `factors` and `plate_controls` what
makes a well's protocol of the plate's, `shared_settings` what all wells have in common,
`compile_plate` plans and checks them all; `factor_space` is for optimisers outside.
"""
