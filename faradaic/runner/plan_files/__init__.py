"""Plans as files of other programs, for instruments that are not driven from here.

`portable_steps` says what of a plan another program can hold and what it cannot; each form writes
that in its own words. What a form cannot hold is refused (E423) where the electrolysis would end
otherwise, and else told in the file and to who asked for it.
"""
