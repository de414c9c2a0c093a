"""Data in the forms of others: what is measured, in what unit, and what is not known about it.

`export` writes a data file, a run folder or the folder of a study in one of `FORMATS`. A sign or
a reference electrode that is not known is written as unknown; what was simulated says so.
"""

from faradaic.studies.exports.contents import Contents, gather
from faradaic.studies.exports.formats import FORMATS, Person, export

__all__ = ["FORMATS", "Contents", "Person", "export", "gather"]
