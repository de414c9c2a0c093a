"""Data in the forms of others: what is measured, in what unit, and what is not known about it.

`export` writes a data file, a run folder or the folder of a study in a form of `EXPORTS`. A sign or
a reference electrode that is not known is written as unknown; what was simulated says so.
"""

from faradaic.studies.exports.contents import Contents, gather
from faradaic.studies.exports.formats import EXPORTS, Person, export

__all__ = ["EXPORTS", "Contents", "Person", "export", "gather"]
