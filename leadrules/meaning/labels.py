"""What judges a lead besides points: labels, checklists, exclusions, freezes; and in which
order dimensions that ask for each other are decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from leadrules.meaning.book import Book, Refused
from leadrules.meaning.cover import MOST_COMPARED, Cover, common, cover
from leadrules.meaning.dimensions import Dimension
from leadrules.meaning.lower import Lowering, Place
from leadrules.meaning.names import written
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.frozen import Frozen
from leadrules.model.source import Source, Span

# Dimensions one behind the other; each is a step of its own on the database.
_DEEPEST_CHAIN = 32


class Question(Frozen):
    """A place where the rules of one dimension ask for another."""

    asking: str
    asked: str
    source: Source
    span: Span


class Labels(Frozen):
    """Lowered dimensions in the order of the results, and what they ask of each other."""

    dimensions: tuple[p.Dimension | p.Combination, ...]
    questions: tuple[Question, ...]


def labels(book: Book) -> Labels:
    """Stage and temperature where they are used, then what is declared."""
    found: list[p.Dimension | p.Combination] = []
    questions: list[Question] = []
    for dimension in book.dimensions.values():
        if dimension.is_used or dimension.name in book.declared:
            found.append(_dimension(dimension, book, questions))
    return Labels(tuple(found), tuple(questions))


def _dimension(
    dimension: Dimension, book: Book, questions: list[Question]
) -> p.Dimension | p.Combination:
    name = dimension.name
    declared = book.declared.get(name)
    if declared is not None and isinstance(declared.node, s.Combine):
        at = declared.node.span
        questions += [Question(name, part, declared.source, at) for part in dimension.parts]
        return p.Combination(name, dimension.parts)

    def judged(node: s.Condition, source: Source) -> p.Condition:
        asked = book.notes.asked
        before = len(asked)
        condition = Lowering(book, source).judge(node, "label")
        for item in asked[before:]:
            if isinstance(item, p.HasLabel | p.LabelKnown):
                questions.append(Question(name, item.dimension, source, node.span))
        return condition

    rules: list[p.LabelRule] = []
    covers: list[tuple[s.LabelRule, Source, Cover]] = []
    for node, source in dimension.rules:
        reason = None if node.reason is None else node.reason.value
        if node.condition is None:
            rules.append(p.LabelRule("otherwise", None, node.label.value, reason))
            book.notes.places.put(rules[-1], source, node)
            continue
        try:
            condition = judged(node.condition, source)
        except Refused:
            continue
        words = Lowering(book, source).name(node.condition)
        rules.append(p.LabelRule(words, condition, node.label.value, reason))
        book.notes.places.put(rules[-1], source, node)
        passes = cover(condition) if dimension.unique else None
        if passes is not None:
            covers.append((node, source, passes))
    _check_unique(dimension, covers, book)
    falls: p.NeverFalls | None = None
    if dimension.falls is not None:
        fall, source = dimension.falls
        try:
            until = None if fall.until is None else judged(fall.until, source)
            falls = p.NeverFalls(until)
        except Refused:
            pass
    return p.Dimension(name, tuple(rules), dimension.unique, falls, dimension.order)


def _check_unique(
    dimension: Dimension, covers: Sequence[tuple[s.LabelRule, Source, Cover]], book: Book
) -> None:
    """Reports two rules of a `unique` dimension of which both can be seen to hold at once."""
    for (one, at, first), (node, source, second) in combinations(covers[:MOST_COMPARED], 2):
        both = common(first, second)
        if both is None or one.label.value == node.label.value:
            continue
        line = at.place(one.span.start)[0]
        book.notes.report.error(
            "LR150",
            source,
            node.span,
            f"`unique` promises one label, but {both} gives `{one.label.value}` (line {line}) "
            f"and `{node.label.value}`",
            "let each value give one label"
            if first.texts
            else "let one rule begin where the other ends: `fit >= 40 -> A; fit in 20..<40 -> B`",
        )
        return


def sequence(found: Labels, book: Book) -> tuple[int, ...]:
    """The numbers of the dimensions, each behind those that it asks for. Reports a circle."""
    numbers = {dimension.name: number for number, dimension in enumerate(found.dimensions)}
    asked: dict[str, dict[str, Question]] = {name: {} for name in numbers}
    for question in found.questions:
        if question.asked in numbers:
            asked[question.asking].setdefault(question.asked, question)
    done: dict[str, None] = {}
    for name in numbers:
        _decide(name, (), asked, done, book)
    _check_depth(asked, done, book)
    return tuple(numbers[name] for name in done)


def _decide(
    name: str,
    chain: tuple[str, ...],
    asked: Mapping[str, Mapping[str, Question]],
    done: dict[str, None],
    book: Book,
) -> None:
    """Puts a dimension behind all that it asks for."""
    for other, question in asked[name].items():
        if other in (*chain, name):
            circle = (*chain, name)[(*chain, name).index(other) :]
            asks = ", which asks for ".join(f"`{link}`" for link in (*circle[1:], other))
            book.notes.report.error(
                "LR109",
                question.source,
                question.span,
                f"labels in a circle: `{other}` asks for {asks}",
                "let one of them ask for the score instead",
            )
        elif other not in done:
            _decide(other, (*chain, name), asked, done, book)
    done[name] = None


def _check_depth(
    asked: Mapping[str, Mapping[str, Question]], done: Iterable[str], book: Book
) -> None:
    """Reports a dimension that stands on too many others; `done` has these before it."""
    depths: dict[str, int] = {}
    for name in done:
        depths[name] = 1
        for other, question in asked[name].items():
            depths[name] = max(depths[name], 1 + depths.get(other, 0))
            if depths[name] > _DEEPEST_CHAIN:
                book.notes.report.error(
                    "LR125",
                    question.source,
                    question.span,
                    "labels ask for labels in too long a chain",
                    f"at most {_DEEPEST_CHAIN} dimensions one behind the other",
                )
                return


# --- checklists, exclusions, freezes -----------------------------------------------


def checklist(node: s.Checklist, source: Source, book: Book) -> p.Checklist:
    """A checklist and its items; one stands in it once."""
    items: dict[str, p.Condition] = {}
    seen: set[str] = set()
    name = written(node.name)
    for item in node.items:
        key = written(item.name)
        # An item must not ask for itself: `BANT.budget` inside `budget: …`.
        lowering = Lowering(book, source, (f"{name}.{key}",))
        lowering.lists_unknown = True
        if key in seen:
            message = f"`{key}` stands twice in the checklist `{name}`"
            book.notes.report.error("LR105", source, item.name.span, message, "name it anew")
            continue
        seen.add(key)
        try:
            items[key] = lowering.judge(item.condition, "checklist")
        except Refused:
            continue
    return p.Checklist(name, tuple(items.items()))


def aside(node: s.Exclude | s.Freeze, source: Source, book: Book) -> p.Aside | None:
    """An exclusion or a freeze; None when it has been refused."""
    lowering = Lowering(book, source)
    place: Place = "exclude" if isinstance(node, s.Exclude) else "freeze"
    try:
        condition = lowering.judge(node.condition, place)
    except Refused:
        return None
    reason = lowering.name(node.condition) if node.reason is None else node.reason.value
    made = p.Aside(condition, reason)
    book.notes.places.put(made, source, node)
    return made
