"""`python -m frontrow.cli` is the command `frontrow`."""

from frontrow.cli.application import main

main()
