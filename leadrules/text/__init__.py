"""The text wing's ground: rule text to syntax and back, and the drawing of diagnostics."""
