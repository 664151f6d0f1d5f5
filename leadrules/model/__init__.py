"""What things are: sources, syntax, programs, leads, verdicts."""
