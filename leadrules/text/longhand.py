"""Short forms written out: `demo_request 7d` as `demo_request within 7d`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leadrules.model import syntax as x
from leadrules.model.frozen import changed, parts


def long_form(node: Any, is_absence: Callable[[str], bool | None]) -> Any:
    """Syntax with its short forms written out. Whether `no_reply 30d` is `no reply for 30d`
    only the whole ruleset can tell, so `is_absence` is asked for the name `no_reply`. When it
    cannot tell (None) the short form stays."""
    if isinstance(node, tuple):
        return tuple(long_form(item, is_absence) for item in node)
    names = parts(type(node))
    if not names:
        return node
    if isinstance(node, x.Occurs) and isinstance(node.events.window, x.Shorthand):
        name = node.events.name
        meant = name is not None and not node.explicit and is_absence(".".join(name.parts))
        if meant is None:
            return node
        if meant:
            return absence(node, node.events.window.duration)
    if isinstance(node, x.Shorthand):
        return x.Within(node.duration, node.span)
    return changed(node, **{name: long_form(getattr(node, name), is_absence) for name in names})


def may_be_absence(name: str) -> bool:
    """Whether `no_reply 30d` could be `no reply for 30d`, by the look of `no_reply`."""
    return name.startswith("no_") and len(name) > 3


def absence(node: x.Occurs, duration: x.Duration) -> x.Absence:
    """`no reply for 30d`, for `no_reply 30d`."""
    name = node.events.name
    assert name is not None
    reply = changed(name, parts=(name.parts[0].removeprefix("no_"), *name.parts[1:]))
    return x.Absence(changed(node.events, name=reply, window=None), duration, None, node.span)
