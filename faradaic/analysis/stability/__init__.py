"""How a current, a potential or an efficiency held over time.

`operation` splits the log into operating and wall time; `trend` is what the other modules take;
`drift`, `decay`, `retention` and `changes` say how it changed; `account` does all of it.
"""
