"""What follows from rules: which can never act, which say nothing new, what a score can be."""
