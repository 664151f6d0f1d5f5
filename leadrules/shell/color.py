"""Whether to use colour: as the flag says, else as the place and the environment suggest."""

from __future__ import annotations

import os
from typing import IO, Literal

Color = Literal["auto", "always", "never"]


def wants_color(choice: Color, stream: IO[str]) -> bool:
    """Whether to use colour on a stream."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
