"""From rule text as written to a program as meant."""
