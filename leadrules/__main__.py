"""`python -m leadrules` is `leadrules`."""

from leadrules.shell.cli import main

main()
