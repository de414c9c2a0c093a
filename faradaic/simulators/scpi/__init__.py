"""A SCPI instrument's face: message syntax, command tree, status model and message exchange.

What SCPI-99 and IEEE 488.2 say once for all instruments; the models add their commands.
"""
