"""Negated tests, which say nothing about leads without the value: a warning, and the line that
would say what is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from leadrules.meaning.asking import Asking
from leadrules.meaning.names import written
from leadrules.model import syntax as s
from leadrules.model.source import Span
from leadrules.text.write import write

# The most definitions that are looked into for one test, and the longest line that a help shows.
_MOST_FOLLOWED = 20
_LONGEST = 120


class Negations(Asking):
    """Warns of negated tests."""

    def warn_if_missing(self, whole: s.Condition, tested: s.Condition) -> None:
        """Warns when leads without a value do not pass a negated test. `tested` is what is
        negated; for `!=` and `not in` it is the same as `whole`."""
        # In a checklist a missing value is no trap: results list the item as unknown.
        if self.lists_unknown or self.of_event:
            return
        subjects = {write(subject): subject for subject in self.subjects(tested, set())}
        if not subjects:
            return
        shown = " or ".join(f"`{name}`" for name in subjects)
        name, subject = next(iter(subjects.items()))
        if len(subjects) == 1 and self.is_single(tested):
            message = f"leads without {shown} do not pass this test"
            rewritten = write(s.Or((whole, s.Is(subject, "missing", whole.span)), whole.span))
            help = f"to count them too: `{rewritten}`; to say so: `{name} known and …`"
        else:
            message = f"leads without {shown} may not pass this test"
            help = self.careful_help(whole, tested, name)
        self.book.notes.report.warning("LR201", self.source, whole.span, message, help)

    def careful_help(self, whole: s.Condition, tested: s.Condition, name: str) -> str:
        """The line that counts leads without the values, too."""
        definition = self.definition(tested)
        inside = tested if definition is None else definition.condition
        line = write(inside)
        if len(line) <= _LONGEST:
            careful = self.careful(inside)
            line = write(careful if definition is not None else s.Not(careful, whole.span))
        hidden = len(set(self.subjects(inside, set()))) > len(set(self.subjects(inside)))
        if hidden or len(line) > _LONGEST:
            return f"to count them too, write `{name} known and …` before each test inside"
        if definition is not None:
            defined = written(definition.name)
            return f"to count them too, let `{defined}` be sure: `define {defined} = {line}`"
        return f"to count them too: `{line}`"

    def subjects(self, tested: s.Condition, followed: set[str] | None = None) -> Iterator[s.Term]:
        """The values in a condition that a lead may not have, so that it is unknown then; also
        in the definitions that it uses, unless `followed` is None. That is for those which have
        been looked into."""
        match tested:
            case s.And(items) | s.Or(items):
                before = self.guarded
                self.guarded |= _asked_for(items)
                for item in items:
                    # What is negated inside has a warning of its own.
                    if not (isinstance(item, s.Comparison) and item.operator in ("!=", "not in")):
                        yield from self.subjects(item, followed)
                self.guarded = before
                return
            case s.Comparison():
                subject: s.Term = tested.left
            case s.Holds():
                subject = tested.call
            case s.Occurs():
                definition = self.definition(tested)
                if definition is not None and followed is not None:
                    name = written(definition.name)
                    if name not in followed and len(followed) < _MOST_FOLLOWED:
                        followed.add(name)
                        yield from self.subjects(definition.condition, followed)
                if definition is not None or not self.is_field_alone(tested):
                    return
                assert tested.events.name is not None
                subject = s.Field(tested.events.name, tested.explicit, tested.span)
            case _:
                return
        if isinstance(subject, s.Call) and len(subject.arguments) == 1:
            subject = subject.arguments[0]
        if isinstance(subject, s.Field) and self.may_be_missing(subject):
            yield subject

    def definition(self, tested: s.Condition) -> s.Define | None:
        """The definition that a condition names."""
        if not isinstance(tested, s.Occurs) or tested.events.name is None or tested.explicit:
            return None
        declared = self.declared(tested.events.name)
        node = None if declared is None else declared.node
        return node if isinstance(node, s.Define) else None

    def is_single(self, tested: s.Condition) -> bool:
        """Whether a condition asks for one thing, also by the name of a definition."""
        definition = self.definition(tested)
        inside = tested if definition is None else definition.condition
        return isinstance(inside, s.Comparison | s.Holds | s.Occurs) and (
            definition is None or self.definition(inside) is None
        )

    def is_field_alone(self, tested: s.Occurs) -> bool:
        """Whether this is a field that says yes or no, or a date with a window."""
        name = tested.events.name
        if name is None or tested.events.where is not None:
            return False
        if tested.explicit:
            return True
        found = self.in_schema(name.parts)
        kind = "boolean" if tested.events.window is None else "date"
        return found is not None and found.type == kind

    def may_be_missing(self, subject: s.Field) -> bool:
        """Whether a lead may lack a field, or a dimension its label."""
        if write(subject) in self.guarded:
            return False
        dimension = self.dimension(subject)
        if dimension is not None:
            return dimension.is_used and not dimension.is_sure
        if not subject.explicit and self.is_number(subject.name):
            return False
        found = self.in_schema(subject.name.parts)
        return found is None or not found.required

    def careful(self, node: s.Condition) -> s.Condition:
        """A condition that is false, and not unknown, for leads without its values."""
        match node:
            case s.And(items) | s.Or(items):
                before = self.guarded
                self.guarded |= _asked_for(items)
                inner = [self.careful(item) for item in items]
                self.guarded = before
                if isinstance(node, s.Or):
                    return s.Or(tuple(inner), node.span)
                parts = [part.items if isinstance(part, s.And) else (part,) for part in inner]
                return s.And(tuple(chain.from_iterable(parts)), node.span)
            case _:
                known = [_known(subject, node.span) for subject in self.subjects(node)]
                return s.And((*known, node), node.span) if known else node


def _asked_for(items: Iterable[s.Condition]) -> frozenset[str]:
    """The fields of which some conditions ask whether they are known or missing."""
    return frozenset(write(item.subject) for item in items if isinstance(item, s.Is))


def _known(subject: s.Term, span: Span) -> s.Condition:
    return s.Is(subject, "known", span)
