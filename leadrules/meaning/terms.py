"""Terms as written, turned into numbers and texts: fields, functions, calculations."""

from __future__ import annotations

from typing import Literal, assert_never

from leadrules.meaning.book import WEIGHT, WORDS
from leadrules.meaning.events import Happenings
from leadrules.meaning.names import written
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.nearest import nearest
from leadrules.text.write import write

CHECKS: dict[str, Literal["email", "siren", "siret"]] = {
    "valid_email": "email",
    "valid_siren": "siren",
    "valid_siret": "siret",
}
# Of numbers.
_NUMBERS: dict[str, Literal["min", "max", "floor", "ceil", "round", "abs"]] = {
    "min": "min",
    "max": "max",
    "floor": "floor",
    "ceil": "ceil",
    "round": "round",
    "abs": "abs",
}
FUNCTIONS = ("domain", "length", *CHECKS, *_NUMBERS)


class Terms(Happenings):
    """Lowers what stands left of an operator, or in a calculation."""

    def value(self, term: s.Term, wanted: p.Type = "anything") -> p.Number | p.Text:
        """What a term means, of whatever type it is."""
        self.grow(WEIGHT, term.span)
        match term:
            case s.Field(name, explicit):
                found = None if explicit else self.named(name)
                return found or self.field(name, wanted, explicit)
            case s.Call():
                return self.call(term)
            case s.Count(events):
                return p.Count(self.events(events))
            case s.Aggregate(kind, property_, events):
                found_events = self.events(events)
                return p.Aggregate(kind, self.property(property_, "number"), found_events)
            case s.Distinct(property_, events):
                found_events = self.events(events)
                return p.Distinct(self.property(property_, "text", mild=True), found_events)
            case s.Since(unit, which, events):
                return p.Since(unit, which, self.events(events))
            case s.Number():
                return p.Constant(float(term.value))
            case s.Arithmetic(operator, left, right):
                with self.deeper(term.span):
                    return p.Arithmetic(operator, self.number(left), self.number(right))
            case s.Negative(operand):
                with self.deeper(term.span):
                    return p.Arithmetic("-", p.Constant(0.0), self.number(operand))
            case _:
                assert_never(term)

    def number(self, term: s.Term) -> p.Number:
        """A term that must be a number."""
        found = self.value(term, "number")
        if isinstance(found, p.Domain):
            self.refuse(
                "LR111", term.span, f"`{write(term)}` is a text, but a number is needed here"
            )
        return found

    def text(self, term: s.Term) -> p.Text:
        """A term that must be a text."""
        found = self.value(term, "text")
        if not isinstance(found, p.Text):
            self.refuse(
                "LR111", term.span, f"`{write(term)}` is a number, but a text is needed here"
            )
        return found

    def typed_term(self, term: s.Term, wanted: p.Type) -> p.Field:
        """A term that must be a field of a type."""
        found = self.value(term, wanted)
        if not isinstance(found, p.Field):
            kind = "a text" if isinstance(found, p.Domain) else "a number"
            self.refuse(
                "LR111",
                term.span,
                f"`{write(term)}` is {kind}, but {WORDS[wanted]} is needed here",
            )
        return found

    def kind(self, term: s.Term) -> p.Type | None:
        """The type of a term as far as it is known; None when only its use can tell."""
        match term:
            case s.Field(name, explicit):
                if not explicit and self.is_number(name):
                    return "number"
                of_event = self.of_event and not explicit
                found = self.in_schema(name.parts, of_event)
                if found is not None and found.type != "anything":
                    return found.type
                known = self.book.types.get((of_event, name.parts))
                return None if known == "anything" else known
            case s.Call(function):
                return "text" if written(function) == "domain" else "number"
            case _:
                return "number"

    # --- names that stand for numbers ------------------------------------------------

    def named(self, name: s.Name) -> p.Number | None:
        """The number that a name stands for: a score, a checklist, a defined number, and
        yesterday's score. None when it is the lead's field; refuses all else."""
        if len(name.parts) > 1:
            return None if self.of_event else self.dotted(name)
        key = name.parts[0]
        declared = self.declared(name)
        if declared is not None and isinstance(declared.node, s.DefineNumber):
            return self.follow(key, declared, name.span).number(declared.node.term)
        if self.of_event:
            return None
        found: p.Score | p.Met | None = None
        if key == "score":
            found = p.Score(None)
        elif declared is not None and isinstance(declared.node, s.ScoreBlock):
            found = p.Score(key)
        elif declared is not None and isinstance(declared.node, s.Checklist):
            found = p.Met(key)
        elif key in self.book.dimensions:
            self.refuse_dimension(self.book.dimensions[key], name)
        elif declared is not None:
            self.refuse(
                "LR110",
                name.span,
                f"`{key}` is {declared.kind}, not a value to compare",
                f"for the lead's own field write `field {key}`",
            )
        if found is not None:
            self.ask(found)
        return found

    def dotted(self, name: s.Name) -> p.Number | None:
        """`previous.score`, `previous.fit`. Refuses an item of a checklist, which is no number."""
        first, shown = name.parts[0], written(name)
        declared = self.book.declared.get(first)
        if declared is not None and isinstance(declared.node, s.Checklist):
            self.refuse(
                "LR110",
                name.span,
                f"`{shown}` is an item of a checklist: it is true or false by itself",
                f"write it alone, or `not {shown}`",
            )
        if first != "previous":
            return None
        blocks = [
            key for key, item in self.book.declared.items() if isinstance(item.node, s.ScoreBlock)
        ]
        block = ".".join(name.parts[1:])
        if block != "score" and block not in blocks:
            close = nearest(block, ["score", *blocks])
            own = f"for the lead's own field write `field {shown}`"
            dimension = self.book.dimensions.get(block)
            help = f"did you mean `previous.{close}`?" if close else own
            if dimension is not None and dimension.labels:
                help = f"`was {dimension.labels[-1]}` asks for yesterday's label; {own}"
            message = f"`{shown}` is no score of yesterday's result"
            self.refuse("LR110", name.span, message, help)
        found = p.PreviousScore(None if block == "score" else block)
        self.ask(found)
        return found

    def is_number(self, name: s.Name) -> bool:
        """Whether a name stands for a number that is no field of the lead."""
        declared = self.declared(name)
        if declared is not None and isinstance(declared.node, s.DefineNumber):
            return True
        if self.of_event:
            return False
        if len(name.parts) > 1:
            return name.parts[0] == "previous"
        return name.parts[0] == "score" or (
            declared is not None and isinstance(declared.node, s.ScoreBlock | s.Checklist)
        )

    # --- functions -------------------------------------------------------------------

    def call(self, call: s.Call) -> p.Number | p.Text:
        """`domain(email)`, `max(seats, 10)`."""
        name = self.function(call)
        if name in CHECKS:
            self.refuse(
                "LR110",
                call.span,
                f"`{write(call)}` is true or false by itself",
                f"write it alone, or `not {write(call)}`",
            )
        with self.deeper(call.span):
            if name in _NUMBERS:
                values = tuple(self.number(argument) for argument in call.arguments)
                return p.Function(_NUMBERS[name], values)
            argument = self.text(call.arguments[0])
            return p.Domain(argument) if name == "domain" else p.Length(argument)

    def function(self, call: s.Call) -> str:
        """The name of a function, which must exist, and have as many values as it takes."""
        name = written(call.function)
        if name not in FUNCTIONS:
            close = nearest(name, FUNCTIONS)
            help = f"did you mean `{close}`?" if close else f"there are {', '.join(FUNCTIONS)}"
            if name in _TALLIES:
                help = f"numbers of events are told with `of`: {_tally(name, call)}"
            self.refuse("LR114", call.function.span, f"there is no function `{name}`", help)
        several = name in ("min", "max")
        if (len(call.arguments) > 1) != several:
            self.refuse(
                "LR142",
                call.span,
                f"`{name}` takes {'two values or more' if several else 'one value'}",
                "`max(seats, 10)`, for instance" if several else None,
            )
        return name


_TALLIES = ("count", "sum", "average")


def _tally(name: str, call: s.Call) -> str:
    """What is meant by `count(purchase)` or `sum(purchase.amount)`."""
    field = call.arguments[0]
    path = field.name.parts if isinstance(field, s.Field) else ("purchase",)
    if name == "count":
        return f"`count of {written(s.Name(path[:1], call.span))}`"
    event = written(s.Name(path[:-1] or ("purchase",), call.span))
    return f"`{name} of {written(s.Name(path[-1:], call.span))} in {event}`"
