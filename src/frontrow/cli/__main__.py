"""`python -m frontrow.cli` is the command `frontrow`."""

from frontrow.cli import main

main()
