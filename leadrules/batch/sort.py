"""Finished lines, sorted by id."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def sort_by_id(file: BinaryIO, temporary: Path) -> None:
    """Sorts the lines of a file of results by the bytes of the id, in place.

    DuckDB sorts; what does not fit into its memory goes to the folder `temporary`.
    """
    from leadrules.engines.duckdb import sorted_lines

    file.flush()
    size = file.seek(0, os.SEEK_END)
    copy = temporary / "unsorted"
    with copy.open("wb") as unsorted:
        file.seek(0)
        while data := file.read(1 << 20):
            unsorted.write(data)
    file.seek(0)
    for lines in sorted_lines(copy, temporary):
        file.write(lines)
    assert file.tell() == size
    copy.unlink()
