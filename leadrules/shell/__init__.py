"""The command line, files and the clock."""
