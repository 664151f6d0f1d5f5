"""Warnings that need all the rules: names that look misspelt, words that are read otherwise
than they look.

Such rules run, so each of these has to be right nearly always. Where a schema knows a name,
nothing is guessed about it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from leadrules.meaning.book import Book
from leadrules.meaning.load import Placed, Report
from leadrules.meaning.names import Declared, written
from leadrules.meaning.terms import FUNCTIONS
from leadrules.model import syntax as s
from leadrules.model.frozen import Frozen, walk
from leadrules.model.nearest import distance
from leadrules.model.source import Source, Span

# Whoever has more names than that makes them by machine.
_MOST_COMPARED = 20_000
# Shorter words are close to each other by nature; in a long one two letters may be wrong.
_SHORTEST, _SHORT, _LONG = 4, 6, 8
# `10.000`, `1.500`: nobody writes a decimal with three places that ends in a zero.
_THOUSANDS = re.compile(r"(?<![\w.])[0-9]{1,3}\.[0-9]{2}0(?![\w.])")
_LANGUAGE = frozenset((*FUNCTIONS, "total"))


class _Spot(Frozen):
    """A place where a name stands, read as an event or as a field."""

    source: Source
    span: Span
    is_event: bool


def lint(placed: Iterable[Placed], book: Book, report: Report) -> None:
    """Reports all of them."""
    placed = tuple(placed)
    spots = _spots(book)
    _misspelt(spots, book, report)
    _other_case(spots, book, report)
    _field_and_event(spots, report)
    _labels_alone(book, report)
    _texts_of_names(book, report)
    _own_names(placed, report)
    _thousands(placed, report)


# --- names -------------------------------------------------------------------------


def _spots(book: Book) -> dict[str, list[_Spot]]:
    """Where each name stands that neither the schema nor the rules declare."""
    found: dict[str, dict[_Spot, None]] = {}
    fields = book.schema.fields if book.schema else {}
    types = (book.schema and book.schema.event_types) or ()
    for name, source in book.notes.events.values():
        key = written(name)
        if key not in types:
            found.setdefault(key, {})[_Spot(source, name.span, True)] = None
    for use in book.notes.uses:
        of_event, path = use.key
        if not of_event and path not in fields and path != book.shape.created:
            spot = _Spot(use.source, use.span, False)
            found.setdefault(".".join(path), {})[spot] = None
    return {name: list(spots) for name, spots in found.items()}


def _misspelt(spots: Mapping[str, list[_Spot]], book: Book, report: Report) -> None:
    """A name that stands in one place, and is close to another one of its kind."""
    known = {True: _known(book, events=True), False: _known(book, events=False)}
    for is_event in known:
        for name, places in spots.items():
            if any(spot.is_event is is_event for spot in places):
                known[is_event].setdefault(name, None)
    near = {is_event: _by_letter(names) for is_event, names in known.items()}
    compared = 0
    for name, (spot, *more) in spots.items():
        if more:
            continue
        others = near[spot.is_event].get(name[:1], ())
        compared += len(others)
        if compared > _MOST_COMPARED:
            return
        for other in others:
            declared = book.declared.get(other)
            if other in spots and declared is None and len(spots[other]) < 2 and name < other:
                # Of two that stand in one place each, one is reported.
                continue
            if declared is not None and _stands_in(spot, declared):
                continue
            if _is_slip(name, other) or (declared is not None and _is_slight(name, other)):
                message = f"`{name}` is used only here, and is close to `{other}`"
                help = f"if it is meant to be the same, write `{other}`"
                report.warning("LR202", spot.source, spot.span, message, help)
                break


def _known(book: Book, events: bool) -> dict[str, None]:
    """What is declared that a misspelt event may be, or a misspelt field."""
    kinds: tuple[type, ...] = (s.ScoreBlock, s.Checklist, s.DefineNumber)
    if events:
        kinds = (s.Define, s.Signal)
    found = [name for name, item in book.declared.items() if isinstance(item.node, kinds)]
    if book.schema is not None and events:
        found += book.schema.event_types or ()
    return dict.fromkeys(found)


def _by_letter(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name[:1], []).append(name)
    return found


def _stands_in(spot: _Spot, declared: Declared) -> bool:
    """Whether a name stands in a declaration: `signal calls = any of [call, voicemail]`."""
    around = declared.node.span
    return spot.source is declared.source and around.start <= spot.span.start < around.end


def _is_slight(one: str, other: str) -> bool:
    """Whether two short names are one letter apart."""
    return min(len(one), len(other)) > 2 and distance(one, other, 1) == 1


def _is_slip(one: str, other: str) -> bool:
    """Whether two names are probably meant to be the same.

    Honest pairs differ in a whole word (`send_email`, `open_email`), in a number, or in how
    they begin (`subscribe`, `unsubscribe`).
    """
    if abs(len(one) - len(other)) > 2 or one.lower() == other.lower():
        return False
    parts, others = re.split(r"[._]", one), re.split(r"[._]", other)
    if len(parts) == len(others):
        differing = [pair for pair in zip(parts, others, strict=True) if pair[0] != pair[1]]
        if len(differing) > 1:
            return False
        one, other = differing[0]
    elif distance(one, other, 1) > 1:
        return False
    if re.sub("[0-9]", "", one) == re.sub("[0-9]", "", other):
        return False
    short, long = sorted((len(one), len(other)))
    if short < _SHORTEST or one[:1] != other[:1]:
        return False
    if long < _SHORT and short == long and sorted(one) != sorted(other):
        return False
    most = 2 if long >= _LONG else 1
    return distance(one, other, most) <= most


def _other_case(spots: Mapping[str, list[_Spot]], book: Book, report: Report) -> None:
    """A name that stands elsewhere with other capitals."""
    spellings: dict[str, list[str]] = {}
    for name in dict.fromkeys((*book.declared, *spots)):
        spellings.setdefault(name.lower(), []).append(name)
    for names in spellings.values():
        if len(names) < 2:
            continue
        # The declared one is right, else the one that stands there more often.
        right = max(names, key=lambda name: (name in book.declared, len(spots.get(name, ()))))
        for name in names:
            if name == right or name in book.declared:
                continue
            spot = spots[name][0]
            message = f"`{name}` is not `{right}`: capitals make another name"
            help = f"if it is meant to be the same, write `{right}`"
            report.warning("LR206", spot.source, spot.span, message, help)


def _field_and_event(spots: Mapping[str, list[_Spot]], report: Report) -> None:
    """A name that is an event here and a field there."""
    for name, places in spots.items():
        event = next((spot for spot in places if spot.is_event), None)
        field = next((spot for spot in places if not spot.is_event and not _is_marked(spot)), None)
        if event is None or field is None:
            continue
        line = field.source.place(field.span.start)[0]
        message = f"`{name}` is an event here, and a field in line {line}"
        help = f"if both are meant, write `field {name}` for the field; `{name} known` asks for it"
        report.warning("LR207", event.source, event.span, message, help)


def _is_marked(spot: _Spot) -> bool:
    """Whether `field` stands before the name."""
    start = spot.span.start
    return spot.source.text[max(0, start - 20) : start].rstrip().endswith("field")


def _labels_alone(book: Book, report: Report) -> None:
    """`SQL +5`: a label where an event is read."""
    homes = {label: d.name for d in book.dimensions.values() for label in d.labels if d.is_used}
    times = Counter(written(name) for name, _ in book.notes.events.values())
    for name, source in book.notes.alone.values():
        key = written(name)
        if key not in homes or times[key] > 1:
            continue
        message = f"`{key}` is read as an event here, and is a label of `{homes[key]}`"
        help = (
            f"the label is `{homes[key]} = {key}`, yesterday's `was {key}`; "
            f"for the event write `at least 1 {key}`"
        )
        report.warning("LR208", source, name.span, message, help)


def _texts_of_names(book: Book, report: Report) -> None:
    """A word behind an operator, which is a text there, and a field or a number elsewhere."""
    fields = {".".join(key[1]) for key in book.types if not key[0]}
    fields |= {".".join(path) for path in book.schema.fields} if book.schema else set()
    for text, source in book.notes.bare_texts:
        if text.value in fields:
            message = f"`{text.value}` is read as a text here, and is also a field"
            help = f'for the field write `field {text.value}`, for the text `"{text.value}"`'
            report.warning("LR203", source, text.span, message, help)
    times = Counter(text.value for text, _ in book.notes.bare_texts)
    for text, source in book.notes.bare_texts:
        declared = book.declared.get(text.value)
        if declared is None or times[text.value] > 1 or text.value in fields:
            continue
        # `score inbound when source = inbound` is an honest pair.
        guarded = isinstance(declared.node, s.ScoreBlock) and declared.node.when is not None
        if isinstance(declared.node, s.ScoreBlock | s.Checklist | s.DefineNumber) and not guarded:
            message = f"`{text.value}` is read as a text here, and is also {declared.kind}"
            help = (
                f'for the text write `"{text.value}"`; the number stands left: `{text.value} > 5`'
            )
            report.warning("LR203", source, text.span, message, help)


# --- words and numbers -------------------------------------------------------------


def _own_names(placed: Iterable[Placed], report: Report) -> None:
    """What is called like something of the language."""
    for item in placed:
        for node in _named(item.statement):
            if isinstance(node, s.Group):
                if node.title.value.strip().lower() == "total":
                    message = "this is a group with a title: it does not limit the whole score"
                    help = "`total max 100`, outside any block, limits the whole score"
                    report.warning("LR215", item.source, node.title.span, message, help)
            elif written(node) in _LANGUAGE:
                name = written(node)
                message = f"`{name}` means something in the language, and is a name of yours here"
                help = f"choose another one: `my_{name}`, for instance"
                report.warning("LR215", item.source, node.span, message, help)


def _named(node: s.Statement | s.Paying) -> Iterator[s.Name | s.Group]:
    match node:
        case s.Define() | s.DefineNumber() | s.Signal() | s.Checklist():
            yield node.name
        case s.ScoreBlock():
            if written(node.name) != "total":
                # That is an error, which has been told.
                yield node.name
            for rule in node.rules:
                yield from _named(rule)
        case s.Group():
            yield node
            for rule in node.rules:
                yield from _named(rule)
        case s.Choice():
            for rule in node.rules:
                yield from _named(rule)
        case _:
            return


def _thousands(placed: Iterable[Placed], report: Report) -> None:
    """`10.000`, which is ten."""
    sources: dict[str, bool] = {}
    for item in placed:
        name = item.source.name
        if name not in sources:
            sources[name] = _THOUSANDS.search(item.source.text) is not None
        if not sources[name]:
            continue
        for node in walk(item.statement):
            if not isinstance(node, s.Number) or not _THOUSANDS.fullmatch(node.spelling):
                continue
            plain = f"{node.value.normalize():f}"
            thousands = node.spelling.replace(".", "_")
            message = f"`{node.spelling}` is {plain}: a point stands before decimals"
            help = f"for thousands write `{thousands}`, otherwise `{plain}`"
            report.warning("LR209", item.source, node.span, message, help)
