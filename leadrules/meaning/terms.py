"""Terms as written, turned into numbers and texts: fields, functions, calculations."""

from __future__ import annotations

from typing import Literal, assert_never

from leadrules.meaning.book import WORDS
from leadrules.meaning.names import written
from leadrules.meaning.nearest import nearest
from leadrules.meaning.times import Times
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.text.write import write

CHECKS: dict[str, Literal["email", "siren", "siret"]] = {
    "valid_email": "email",
    "valid_siren": "siren",
    "valid_siret": "siret",
}
FUNCTIONS = ("domain", "length", *CHECKS)


class Terms(Times):
    """Lowers what stands left of an operator, or in a calculation."""

    def events(self, node: s.Events) -> p.Events:
        """Events of a type; `lower` knows them, for they can hold conditions."""
        raise NotImplementedError

    def value(self, term: s.Term, wanted: p.Type = "anything") -> p.Number | p.Text:
        """What a term means, of whatever type it is."""
        match term:
            case s.Field(name, explicit):
                score = None if explicit or self.of_event else self.score(name)
                return score or self.field(name, wanted, explicit)
            case s.Call():
                name_ = self.function(term)
                if name_ in CHECKS:
                    self.refuse(
                        "LR110",
                        term.span,
                        f"`{write(term)}` is true or false by itself",
                        f"write it alone, or `not {write(term)}`",
                    )
                argument = self.text(term.argument)
                return p.Domain(argument) if name_ == "domain" else p.Length(argument)
            case s.Count(events):
                return p.Count(self.events(events))
            case s.Number():
                return p.Constant(float(term.value))
            case s.Arithmetic(operator, left, right):
                return p.Arithmetic(operator, self.number(left), self.number(right))
            case s.Negative(operand):
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
                if not explicit and not self.of_event and self.score(name):
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

    def function(self, call: s.Call) -> str:
        """The name of a function, which must exist."""
        name = written(call.function)
        if name not in FUNCTIONS:
            close = nearest(name, FUNCTIONS)
            help = f"did you mean `{close}`?" if close else f"there are {', '.join(FUNCTIONS)}"
            self.refuse("LR114", call.function.span, f"there is no function `{name}`", help)
        return name
