"""Comparisons as written, each turned into the kind of test that its types ask for."""

from __future__ import annotations

from typing import Literal, assert_never

from leadrules.meaning.book import WORDS, Refused, Tie
from leadrules.meaning.dimensions import Dimension
from leadrules.meaning.names import written
from leadrules.meaning.terms import Terms
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.frozen import changed
from leadrules.model.letters import composed, fold, normal
from leadrules.model.nearest import nearest
from leadrules.text.write import write

_ORDERS = ("<", "<=", ">", ">=")


class Comparisons(Terms):
    """Lowers a term, an operator, and what it is compared with."""

    def comparison(self, node: s.Comparison) -> p.Condition:
        """A term, an operator, and what it is compared with."""
        operator = node.operator
        if operator in ("!=", "not in"):
            self.warn_if_missing(node, node)
        dimension = self.dimension(node.left)
        if dimension is not None:
            return self.compare_labels(node, dimension)
        match operator:
            case "matches":
                return self.matches(node)
            case "contains" | "contains any of" | "contains all of":
                return self.contains(node)
            case "starts with" | "ends with" | "like":
                how: dict[str, Literal["starts", "ends", "like"]] = {
                    "starts with": "starts",
                    "ends with": "ends",
                    "like": "like",
                }
                texts = self.texts(node)
                left = self.text(node.left)
                values = tuple(self.part(text, node, left) for text in texts)
                return p.Has(left, how[operator], values, exactly=node.exactly)
            case "in" | "not in":
                found = self.one_of(node)
                return found if operator == "in" else p.Not(found)
            case _:
                return self.compare(node)

    def compare(self, node: s.Comparison) -> p.Condition:
        """`= != < <= > >=`."""
        right = node.right
        match right:
            case s.Text():
                return self.compare_text(node, right)
            case s.Number():
                self.only_texts_exactly(node)
                order = _order(node)
                return p.Compare(order, self.number(node.left), p.Constant(float(right.value)))
            case s.Boolean(value):
                self.only_texts_exactly(node)
                if node.operator not in ("=", "!="):
                    self.refuse(
                        "LR111",
                        node.operator_span,
                        "true and false have no order",
                        f"`{write(node.left)} = {write(right)}`",
                    )
                truth = p.IsTrue(self.typed_term(node.left, "boolean"))
                return truth if value == (node.operator == "=") else p.Not(truth)
            case s.Date() | s.Instant():
                self.only_texts_exactly(node)
                return self.compare_date(node, right)
            case (
                s.Field()
                | s.Call()
                | s.Count()
                | s.Aggregate()
                | s.Distinct()
                | s.Since()
                | s.Arithmetic()
                | s.Negative()
            ):
                return self.compare_terms(node, right)
            case s.Range() | s.Items() | s.ListName():
                self.refuse(
                    "LR111",
                    node.operator_span,
                    f"`{node.operator}` takes one value, not several",
                    f"`{write(node.left)} in {write(right)}`",
                )
            case s.Regex():
                self.refuse(
                    "LR111",
                    node.operator_span,
                    "a regular expression stands behind `matches`",
                    f"`{write(node.left)} matches {write(right)}`",
                )
            case _:
                assert_never(right)

    def compare_text(self, node: s.Comparison, right: s.Text) -> p.Condition:
        """A text on the right."""
        if right.bare:
            self.refuse_word_for_number(node, right)
        text = self.text(node.left)
        if node.operator in _ORDERS:
            help = (
                f"for the field write `{write(node.left)} {node.operator} field {right.value}`"
                if right.bare
                else None
            )
            self.refuse(
                "LR111",
                node.operator_span,
                f"texts have no order: `{node.operator}` needs a number or a date",
                help,
            )
        same = p.IsText(text, (self.whole(right, text, node.exactly),), node.exactly)
        return same if node.operator == "=" else p.Not(same)

    def refuse_word_for_number(self, node: s.Comparison, right: s.Text) -> None:
        """Refuses a word, which is a text there, behind the operator of two numbers."""
        if isinstance(node.left, s.Field) and not node.left.explicit:
            self.refuse_yesterdays_label(node, node.left.name, right)
        own_field = isinstance(node.left, s.Field) and (
            node.left.explicit or not self.is_number(node.left.name)
        )
        left, operator = write(node.left), node.operator
        if self.is_number(s.Name(tuple(right.value.split(".")), right.span)):
            if operator not in _ORDERS and self.kind(node.left) not in ("number", "whole"):
                return
            help = f"`({left} - {right.value}) {operator} 0`"
        elif own_field or self.kind(node.left) != "number":
            return
        elif right.value == "complete" and operator in ("=", "!=") and self.is_checklist(node.left):
            help = f"write `{'not ' if operator == '!=' else ''}{left} complete`"
        else:
            help = f"for the lead's field write `{left} {operator} field {right.value}`"
        message = f"behind `{operator}` the word `{right.value}` is a text, and no number"
        self.refuse("LR111", right.span, message, help)

    def refuse_yesterdays_label(self, node: s.Comparison, name: s.Name, right: s.Text) -> None:
        """Refuses `previous.stage = SQL`, which is `was SQL`."""
        if name.parts[0] != "previous" or ".".join(name.parts[1:]) not in self.book.dimensions:
            return
        not_ = "not " if node.operator == "!=" else ""
        message = "yesterday's label is asked for with `was`"
        self.refuse("LR110", node.span, message, f"write `{not_}was {write(right)}`")

    def is_checklist(self, term: s.Term) -> bool:
        """Whether a term is the number of a checklist."""
        declared = self.declared(term.name) if isinstance(term, s.Field) else None
        return declared is not None and isinstance(declared.node, s.Checklist)

    def compare_date(self, node: s.Comparison, right: s.Date | s.Instant) -> p.Condition:
        """A date or an instant on the right."""
        found = self.typed_term(node.left, "date")
        if node.operator == "!=":
            return p.Not(p.During(found, self.around(right, "=")))
        return p.During(found, self.around(right, node.operator))

    def compare_terms(self, node: s.Comparison, right: s.Term) -> p.Condition:
        """A field or a calculation on the right: both sides are of one type."""
        kind = self.kind(node.left) or self.kind(right)
        if kind is None:
            return self.tie(node, right)
        if kind in ("number", "whole"):
            self.only_texts_exactly(node)
            return p.Compare(_order(node), self.number(node.left), self.number(right))
        if kind == "date":
            self.only_texts_exactly(node)
            left_date = self.typed_term(node.left, "date")
            return p.CompareDates(_order(node), left_date, self.typed_term(right, "date"))
        if kind in ("text", "text or list"):
            if node.operator in _ORDERS:
                self.refuse(
                    "LR111",
                    node.operator_span,
                    f"texts have no order: `{node.operator}` needs numbers or dates",
                )
            same = p.SameText(self.text(node.left), self.text(right), node.exactly)
            return same if node.operator == "=" else p.Not(same)
        self.refuse(
            "LR111", node.span, f"two fields that are each {WORDS[kind]} cannot be compared"
        )

    def tie(self, node: s.Comparison, right: s.Term) -> p.Condition:
        """Two fields whose types only other rules can tell. Nothing is known of them here,
        so this is lowered again when they are known."""
        assert isinstance(node.left, s.Field)
        assert isinstance(right, s.Field)
        ends = [
            self.typed(self.of_event and not end.explicit, end.name.parts, "anything", end.span)
            for end in (node.left, right)
        ]
        left, other = ((end.of_event, end.path) for end in ends)
        self.book.notes.ties.append(Tie(left, other, node.operator in _ORDERS))
        return p.All(tuple(p.Known(end) for end in ends))

    def one_of(self, node: s.Comparison) -> p.Condition:
        """`in` a list or a range."""
        right = node.right
        items: tuple[s.Item, ...]
        if isinstance(right, s.ListName):
            items = self.list_named(right.name, node)
        elif isinstance(right, s.Items):
            items = right.items
        elif isinstance(right, s.Range):
            items = (right,)
        else:
            example = f"`{write(node.left)} in [{write(right)}]`"
            self.refuse(
                "LR111", node.span, "`in` needs a list, a range, or the name of a list", example
            )
        if not items:
            self.refuse(
                "LR117",
                node.span,
                "the list is empty",
                "put at least one value between the brackets",
            )
        self.grow(len(items), right.span)
        if all(isinstance(item, s.Text) for item in items):
            text = self.text(node.left)
            values = [
                self.whole(item, text, node.exactly) for item in items if isinstance(item, s.Text)
            ]
            return p.IsText(text, tuple(dict.fromkeys(values)), node.exactly)
        self.only_texts_exactly(node)
        if all(isinstance(item, s.Number | s.Range) for item in items):
            number = self.number(node.left)
            return p.InSpans(number, tuple(self.span(item) for item in items))
        if all(isinstance(item, s.Date | s.Instant) for item in items):
            found = self.typed_term(node.left, "date")
            days = [i for i in items if isinstance(i, s.Date | s.Instant)]
            return p.Any_(tuple(p.During(found, self.around(day, "=")) for day in days))
        if all(isinstance(item, s.Boolean) for item in items):
            self.refuse(
                "LR117", node.span, "true and false need no list", f"`{write(node.left)} known`"
            )
        self.refuse(
            "LR117",
            right.span,
            "the list has values of several types",
            "keep numbers and texts apart; a number in quotes is a text",
        )

    def contains(self, node: s.Comparison) -> p.Condition:
        """`contains`, `contains any of`, `contains all of`."""
        texts = self.texts(node)
        if isinstance(node.left, s.Field):
            left = self.value(node.left, "text or list")
            if not isinstance(left, p.Field):
                self.refuse(
                    "LR111",
                    node.left.span,
                    f"`{write(node.left)}` is a number; `contains` needs a text or a list",
                )
        else:
            left = self.text(node.left)
        of_list = isinstance(left, p.Field) and left.type == "list"
        values = tuple(
            self.whole(text, left, node.exactly) if of_list else self.part(text, node, left)
            for text in texts
        )
        return p.Has(left, "contains", values, node.operator == "contains all of", node.exactly)

    def matches(self, node: s.Comparison) -> p.Condition:
        """`matches /…/`."""
        right = node.right
        if not isinstance(right, s.Regex):
            self.refuse(
                "LR111",
                node.span,
                "`matches` needs a regular expression between slashes",
                f"`{write(node.left)} matches /vp|head/`",
            )
        import re2  # type: ignore[import-untyped]  # the library has no types

        options = re2.Options()
        options.log_errors = False
        try:
            re2.compile(right.pattern, options)
        except re2.error as error:
            said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            self.refuse(
                "LR115",
                right.span,
                f"this regular expression cannot be used: {said}",
                "look-ahead, look-behind and back-references do not exist here",
            )
        return p.Matches(self.text(node.left), right.pattern, node.exactly)

    def texts(self, node: s.Comparison) -> tuple[s.Text, ...]:
        """The text or texts on the right of an operator that takes nothing else."""
        right = node.right
        items: tuple[object, ...] = (right,)
        if isinstance(right, s.Items):
            items = right.items
        elif isinstance(right, s.ListName):
            items = self.list_named(right.name, node)
        texts = tuple(item for item in items if isinstance(item, s.Text))
        if not texts or len(texts) < len(items):
            self.refuse(
                "LR111",
                node.right.span,
                f"`{node.operator}` needs a text",
                "put it in quotes if it is one",
            )
        self.grow(len(texts), node.right.span)
        for text in texts:
            self.note_bare(text)
        return texts

    def whole(self, text: s.Text, of: p.Text | p.Field, exactly: bool) -> str:
        """A text that is compared as a whole."""
        self.note_bare(text)
        value = normal(text.value)
        if not value:
            self.refuse(
                "LR116",
                text.span,
                "a blank text is a missing value",
                "`missing` asks for it, `known` for the opposite",
            )
        if isinstance(of, p.Field):
            self.check_value(value, of, text.span)
        return value if exactly else fold(value)

    def part(self, text: s.Text, node: s.Comparison, of: p.Text | p.Field) -> str:
        """A text that is looked for inside another; blanks at its ends count."""
        value = composed(text.value)
        if not value:
            self.refuse(
                "LR116",
                text.span,
                f"every text would fit: there is nothing behind `{node.operator}`",
            )
        if isinstance(of, p.Field) and node.operator != "like":
            self.check_part(value, node.operator, of, text.span)
        return value if node.exactly else fold(value)

    def note_bare(self, text: s.Text) -> None:
        """Remembers a word without quotes, for the warning that it is also a field."""
        if text.bare:
            self.book.notes.bare_texts.append((text, self.source))

    def list_named(self, name: s.Name, node: s.Comparison) -> tuple[s.Item, ...]:
        """The items of a declared list."""
        key = written(name)
        found = self.book.lists.get(key)
        if found is None:
            close = nearest(key, self.book.lists)
            help = (
                f"did you mean `{close}`?"
                if close
                else f"`list {key} = [ … ]` declares it; `{node.operator} [{key}]` is one value"
            )
            self.refuse("LR104", name.span, f"there is no list named `{key}`", help)
        if not found.items:
            raise Refused  # Reported where the list is declared.
        return found.items

    def span(self, item: s.Item) -> p.Span:
        """A number or a range of numbers."""
        if isinstance(item, s.Number):
            return p.Span(float(item.value), float(item.value))
        assert isinstance(item, s.Range)
        low = None if item.low is None else float(item.low.value)
        high = None if item.high is None else float(item.high.value)
        if low is not None and high is not None and (low > high or (item.open and low == high)):
            self.refuse(
                "LR118",
                item.span,
                f"no number lies in `{write(item)}`",
                "write the smaller number first",
            )
        return p.Span(low, high, item.open)

    def only_texts_exactly(self, node: s.Comparison) -> None:
        """Refuses `exactly` where it says nothing."""
        if node.exactly:
            self.refuse(
                "LR111",
                node.operator_span,
                "`exactly` is for texts: it makes upper and lower case count",
                f"leave it out: `{write(changed(node, exactly=False))}`",
            )

    def compare_labels(self, node: s.Comparison, dimension: Dimension) -> p.Condition:
        """A dimension and labels; `labels` knows them."""
        raise NotImplementedError

    def warn_if_missing(self, whole: s.Condition, tested: s.Condition) -> None:
        """Warns of a negated test that says nothing about leads without the value."""
        raise NotImplementedError


def _order(node: s.Comparison) -> p.Order:
    operator = node.operator
    assert operator in ("=", "!=", "<", "<=", ">", ">=")
    return operator
