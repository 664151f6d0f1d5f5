"""What became of cases, and what they show of their rules, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadrules.model.tried import Coverage, Goal, Tried
from leadrules.text.draw import clean

_RED, _GREEN, _BOLD, _FAINT, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
# As wide as the names of goals may be, in characters.
_WIDTH = 70
_TITLES = {
    "rule": "rules that were never so",
    "threshold": "thresholds with no lead so close",
    "label": "labels that were never given",
}


def drawn(tried: Tried, color: bool) -> str:
    """A case that does not hold, for people, without a line end behind it."""

    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_PLAIN}" if color else text

    title = paint(_RED + _BOLD, "FAIL" if tried.status == "failed" else "ERROR")
    name = paint(_BOLD, f"  {clean(tried.name)}") if tried.name else ""
    lines = [f"{title} {tried.file}:{tried.line}{name}"]
    if tried.problem is not None:
        lines.append(f"    {clean(tried.problem)}")
    for different in tried.differences:
        expected = paint(_GREEN, clean(different.expected))
        got = paint(_RED, clean(different.got))
        lines.append(f"    {clean(different.what)}: expected {expected}, got {got}")
        lines += [paint(_FAINT, f"      {clean(line)}") for line in different.because]
    return "\n".join(lines)


def summed_up(tried: Sequence[Tried]) -> str:
    """How many cases there were, in words."""
    passed = sum(one.ok for one in tried)
    failed = sum(one.status == "failed" for one in tried)
    wrong = len(tried) - passed - failed
    total = passed + failed
    said = f"{'1 case' if total == 1 else f'{total} cases'}: {passed} passed"
    if failed:
        said += f", {failed} failed"
    if wrong:
        said += f"; {wrong} mistake{'' if wrong == 1 else 's'} kept cases from being tried"
    return said


def drawn_coverage(found: Coverage, color: bool) -> str:
    """How much cases show of their rules, and all that they do not, without a line end
    behind it."""
    share = f"{shown_percent(found)} ({found.seen} of {found.wanted})"
    title = f"coverage of {clean(found.rules)}: {share}"
    lines = [f"{_BOLD}{title}{_PLAIN}" if color else title]
    for kind, words in _TITLES.items():
        if missed := [goal for goal in found.goals if goal.kind == kind and goal.never]:
            lines += [f"  {words}", *_table(missed)]
    return "\n".join(lines)


def _table(goals: Sequence[Goal]) -> Iterator[str]:
    names = [clean(goal.name) for goal in goals]
    width = min(max(map(len, names)), _WIDTH)
    for goal, name in zip(goals, names, strict=True):
        shown = name if len(name) <= _WIDTH else name[: _WIDTH - 1] + "…"
        never = "" if goal.kind == "label" else ", ".join(goal.never)
        yield f"    {shown:<{width}}  {never}".rstrip()


def shown_percent(found: Coverage) -> str:
    """A share with one digit behind the point, never rounded up."""
    return f"{found.seen * 1000 // found.wanted / 10 if found.wanted else 100:g}%"
