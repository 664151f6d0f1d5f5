"""Findings and outcomes in the formats that other programs read."""
