"""Studies: a YAML file names data files and their conditions, and all numbers and figures follow.

`analyze_study` computes; `write_study` writes the folder of figures, tables, workbook and report.
"""
