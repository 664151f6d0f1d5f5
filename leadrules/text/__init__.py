"""Rule text: reading, writing, drawing what is wrong with it."""
