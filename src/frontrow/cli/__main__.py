"""`python -m frontrow.cli` is the command `frontrow`."""

from frontrow.cli.start import main

main()
