"""Many leads in, finished lines and a quarantine out."""
