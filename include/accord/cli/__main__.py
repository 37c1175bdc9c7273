"""`python -m accord.cli`: the command line where the script `accord` is not on the path."""

from accord.cli import main

main()
