"""What conditions ask of labels, of checklists, and of yesterday's result."""

from __future__ import annotations

from leadrules.meaning.book import Refused
from leadrules.meaning.comparisons import Comparisons
from leadrules.meaning.dimensions import Dimension, no_label, order_help, unused
from leadrules.meaning.names import Declared, written
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.nearest import nearest
from leadrules.model.source import Span

_ORDERS = ("<", "<=", ">", ">=")
# What can stand right of an operator.
_Right = s.Item | s.Items | s.ListName | s.Regex | s.Term


class Asking(Comparisons):
    """Lowers what is no question about the lead's record."""

    # --- labels ----------------------------------------------------------------------

    def compare_labels(self, node: s.Comparison, dimension: Dimension) -> p.Condition:
        """`stage = SQL`, `grade in [A, B]`, `stage >= MQL`."""
        self.check_used(dimension, node.left.span)
        if node.exactly:
            self.only_texts_exactly(node)
        operator = node.operator
        if operator in ("in", "not in"):
            asked = self.has_label(dimension, self.labels(node, dimension))
            return asked if operator == "in" else p.Not(asked)
        if operator not in ("=", "!=", *_ORDERS):
            self.refuse(
                "LR111",
                node.operator_span,
                f"`{operator}` is for texts; labels are compared as they are",
                f"`{dimension.name} in [{', '.join(dimension.labels[:2])}]`",
            )
        label, span = self.label(node.right, dimension)
        if operator in _ORDERS:
            return self.has_label(dimension, self.beside(label, span, operator, node, dimension))
        asked = self.has_label(dimension, (label,))
        return asked if operator == "=" else p.Not(asked)

    def has_label(self, dimension: Dimension, labels: tuple[str, ...]) -> p.Condition:
        """The question itself."""
        asked = p.HasLabel(dimension.name, labels)
        self.ask(asked)
        return asked

    def label(self, right: _Right, dimension: Dimension) -> tuple[str, Span]:
        """One label that the dimension has."""
        if isinstance(right, s.Text):
            label = right.value
        elif isinstance(right, s.Number):
            label = right.spelling
        else:
            example = ", ".join(dimension.labels[:1]) or "A"
            self.refuse(
                "LR111",
                right.span,
                f"`{dimension.name}` is compared with its labels",
                f"`{dimension.name} = {example}`",
            )
        if label not in dimension.labels:
            message, help = no_label(label, dimension)
            self.refuse("LR139", right.span, message, help)
        return label, right.span

    def labels(self, node: s.Comparison, dimension: Dimension) -> tuple[str, ...]:
        """The labels of a list."""
        right = node.right
        items: tuple[s.Item, ...] = ()
        if isinstance(right, s.ListName):
            items = self.list_named(right.name, node)
        elif isinstance(right, s.Items):
            items = right.items
        if not items:
            self.refuse(
                "LR111",
                right.span,
                f"`in` needs a list of labels of `{dimension.name}`",
                f"`{dimension.name} in [{', '.join(dimension.labels[:2])}]`",
            )
        self.grow(len(items), right.span)
        return tuple(dict.fromkeys(self.label(item, dimension)[0] for item in items))

    def beside(
        self, label: str, span: Span, operator: str, node: s.Comparison, dimension: Dimension
    ) -> tuple[str, ...]:
        """The labels that stand to one as an order says."""
        order = dimension.order
        if not order:
            message = f"the labels of `{dimension.name}` have no order"
            self.refuse("LR140", node.operator_span, message, order_help(dimension))
        if label not in order:
            message = f"`{label}` has no place in the order of `{dimension.name}`"
            help = f"the order is {' < '.join(order)}; ask for `{dimension.name} = {label}`"
            self.refuse("LR140", span, message, help)
        at = order.index(label)
        return {
            "<": order[:at],
            "<=": order[: at + 1],
            ">": order[at + 1 :],
            ">=": order[at:],
        }[operator]

    def label_known(self, node: s.Is, dimension: Dimension) -> p.Condition:
        """`stage known`, `stage missing`."""
        self.check_used(dimension, node.subject.span)
        if node.state not in ("known", "missing"):
            self.refuse(
                "LR111",
                node.span,
                "only a field can be empty",
                f"`{dimension.name} missing` asks for a lead without a label",
            )
        asked = p.LabelKnown(dimension.name)
        self.ask(asked)
        return asked if node.state == "known" else p.Not(asked)

    def check_used(self, dimension: Dimension, span: Span) -> None:
        """Refuses a dimension of which no rule gives a label."""
        declared = self.book.declared.get(dimension.name)
        if declared is not None and isinstance(declared.node, s.Combine) and not dimension.labels:
            raise Refused  # Reported where it is declared.
        if not dimension.is_used:
            message, help = unused(dimension)
            own = f"for the lead's own field write `field {dimension.name}`"
            self.refuse("LR137", span, message, f"{help}; {own}")

    def was(self, label: s.Text) -> p.Condition:
        """`was SQL`: in the one dimension that has the label."""
        dimensions = [found for found in self.book.dimensions.values() if found.is_used]
        having = [found.name for found in dimensions if label.value in found.labels]
        if len(having) > 1:
            self.refuse(
                "LR141",
                label.span,
                f"`{label.value}` is a label of {' and of '.join(f'`{name}`' for name in having)}",
                "give one of them another label",
            )
        if not having:
            every = [text for found in dimensions for text in found.labels]
            close = nearest(label.value, every)
            help = f"did you mean `{close}`?" if close else "labels are what the rules give"
            self.refuse("LR139", label.span, f"no rule gives the label `{label.value}`", help)
        asked = p.Was(having[0], label.value)
        self.ask(asked)
        return asked

    # --- checklists ------------------------------------------------------------------

    def complete(self, name: s.Name) -> p.Condition:
        """`BANT complete`: as many items are true as there are."""
        key = written(name)
        declared = self.book.declared.get(key)
        if declared is None or not isinstance(declared.node, s.Checklist):
            lists = [
                other
                for other, item in self.book.declared.items()
                if isinstance(item.node, s.Checklist)
            ]
            close = nearest(key, lists)
            help = f"did you mean `{close}`?" if close else f"`checklist {key} {{ … }}` makes one"
            self.refuse("LR104", name.span, f"there is no checklist `{key}`", help)
        met = p.Met(key)
        self.ask(met)
        return p.Compare("=", met, p.Constant(float(len(declared.node.items))))

    def checked(self, name: s.Name, declared: Declared) -> p.Condition:
        """`BANT.budget`: the truth of an item."""
        assert isinstance(declared.node, s.Checklist)
        key, asked = name.parts[0], ".".join(name.parts[1:])
        names = [written(item.name) for item in declared.node.items]
        if asked not in names:
            close = nearest(asked, names)
            own = f"for the lead's own field write `field {written(name)}`"
            help = f"did you mean `{key}.{close}`?" if close else own
            self.refuse("LR104", name.span, f"the checklist `{key}` has no item `{asked}`", help)
        return self.item(key, declared, declared.node.items[names.index(asked)], name.span)

    def item(self, key: str, declared: Declared, item: s.ChecklistItem, span: Span) -> p.Condition:
        """What an item of a checklist asks of the lead."""
        inner = self.follow(f"{key}.{written(item.name)}", declared, span)
        return inner.condition(item.condition)

    def refuse_checklist(self, key: str, declared: Declared, span: Span) -> None:
        """Refuses a checklist that stands alone."""
        assert isinstance(declared.node, s.Checklist)
        self.refuse(
            "LR110",
            span,
            f"`{key}` counts the items that are true; it is no condition by itself",
            f"`{key} >= 2`, or `{key} complete`",
        )
