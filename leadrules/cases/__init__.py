"""Cases of a ruleset: a lead, and what has to come out of it."""
