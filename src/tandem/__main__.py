"""`python -m tandem` is the same as the console script `tandem`."""

from tandem.cli import main

main()
