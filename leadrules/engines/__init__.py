"""Programs and leads in, answers out: the reference and DuckDB."""
