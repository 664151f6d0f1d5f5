"""leadrules: a language for scoring and classifying leads that people can read."""

__version__ = "0.1.0"
