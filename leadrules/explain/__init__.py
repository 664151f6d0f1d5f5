"""Why one lead has its score and its labels, and what would change them."""
