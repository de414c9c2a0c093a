"""Files that people write: YAML with line numbers, and its validation against a pydantic model.

`document` reads the YAML, `models` is what all models share, `validation` puts what is wrong into
words with its place.
"""
