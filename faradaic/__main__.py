"""`python -m faradaic` is the command."""

from faradaic.cli.main import main

main()
