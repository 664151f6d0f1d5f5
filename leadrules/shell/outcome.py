"""How a command ends: the exit codes and the exceptions that lead to them."""

from __future__ import annotations

OK = 0
NO = 1
USAGE = 2
UNFINISHED = 3
LOCKED = 75
INTERRUPTED = 130
TERMINATED = 143


class Stop(Exception):
    """Ends the command with a message for the person and an exit code."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
