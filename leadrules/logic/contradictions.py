"""Conditions that are never true, or always, and parts of them that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from leadrules.logic.formula import Formula
from leadrules.logic.notebook import Notebook, between, listed, shown
from leadrules.logic.space import below, events_of
from leadrules.meaning.decays import asked
from leadrules.meaning.places import Place
from leadrules.model import program as p
from leadrules.model import syntax as s
from leadrules.model.source import Span
from leadrules.model.verdict import points
from leadrules.text.write import write

# Of more parts than these, each is not compared with all others.
_MOST_PARTS = 40
_OTHER_NUMBER = "choose another number, or take it out"


class Contradictions:
    """Looks through conditions, from the inside out: what is said of a part is not said again
    of the whole."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.leads = notebook.leads
        self.conditions = self.leads.conditions
        self.places = notebook.places
        # Definitions that have been looked through, and whether something was found.
        self._definitions: dict[tuple[str, Span], bool] = {}
        # Where conditions stand whose events tell the age of points.
        self._aging = set(self._find_aging())

    def _find_aging(self) -> Iterator[tuple[str, Span]]:
        for block in self.leads.program.blocks:
            for rule in p.rules_of(block.items):
                if isinstance(rule.pays, p.Once) and rule.decay and rule.decay.since is None:
                    for part in below(rule.pays.condition):
                        place = self.places.own(part)
                        if place is not None:
                            yield place.source.name, place.span

    def look(self, condition: p.Condition, negated: bool = False) -> bool:
        """Looks through a condition; whether something was found in it.

        Where it is `negated`, it matters too when it is false, and when it is unknown.
        """
        place = self.places.own(condition)
        if place is None or place == self.places.used(condition):
            return self._look(condition, place, negated)
        key = (place.source.name, place.span)
        if key not in self._definitions:
            self._definitions[key] = self._look(condition, place, True)
        return self._definitions[key]

    def _look(self, condition: p.Condition, place: Place | None, negated: bool) -> bool:
        found = False
        for part in _parts(condition):
            found |= self.look(part, negated or isinstance(condition, p.Not))
        for events in events_of(condition):
            for kind in events.kinds:
                if kind.where is not None:
                    found |= self.look(kind.where)
        if found or place is None:
            return found
        if self.leads.is_sketch and _score(condition) is not None:
            return self._never(condition) or self._always(condition)
        if isinstance(condition, p.HasLabel | p.LabelKnown):
            # That a label is never given, or always, is said of the rules that give it.
            return self._never(condition) or self._always(condition)
        if self._never(condition, place):
            self._say_never(condition, place)
            return True
        if self._always(condition, place):
            self._say_always(condition, place)
            return True
        if isinstance(condition, p.All | p.Any_) and len(condition.items) <= _MOST_PARTS:
            return self._look_for_idle(condition, place, negated)
        return False

    def _never(self, condition: p.Condition, place: Place | None = None) -> bool:
        return self.notebook.never(place, self.conditions.true(condition))

    def _always(self, condition: p.Condition, place: Place | None = None) -> bool:
        return self.notebook.never(place, self.conditions.not_true(condition))

    # --- never and always ----------------------------------------------------------

    def _say_never(self, condition: p.Condition, place: Place) -> None:
        asked = _score(condition)
        if asked is not None:
            self._say_beyond(asked, _asks_for_more(condition), place)
            return
        parts = self._placed(condition)
        if not isinstance(condition, p.All) or not parts:
            message = f"{shown(place)} can never be true"
            self.notebook.warn("LR301", place, message, "correct it, or take it out")
            return
        core = self._fewest([part for part, _ in parts])
        kept = [at for part, at in parts if any(part is one for one in core)]
        *others, last = kept
        together = listed([shown(at) for at in others])
        message = f"{shown(last)} can never be true together with {together}"
        self.notebook.warn("LR301", last, message, _help_never(kept), others[0])

    def _fewest(self, parts: list[p.Condition]) -> list[p.Condition]:
        """As few parts as are never all true."""
        kept = parts
        for part in parts:
            without = [one for one in kept if one is not part]
            if self.notebook.never(None, *map(self.conditions.true, without)):
                kept = without
        return kept

    def _say_beyond(self, score: p.Score, more: bool, place: Place) -> None:
        """A score that no lead has: it is asked for more than there is, or for less."""
        name, low, high = self._bounds(score)
        above = low is None or (more and high is not None)
        end = f"has more than {high}" if above else f"has less than {low}"
        message = f"no lead passes {shown(place)}: none {end}"
        if name != "score":
            message += f" in `{name}`"
        help = "choose another number, or let the rules pay more" if above else _OTHER_NUMBER
        self.notebook.warn("LR308", place, message, help)

    def _say_always(self, condition: p.Condition, place: Place) -> None:
        asked = _score(condition)
        if asked is not None:
            lies = between(self.leads.space.bounds[asked.block])
            message = f"every lead passes {shown(place)}: `{asked.block or 'score'}` lies {lies}"
            self.notebook.warn("LR309", place, message, _OTHER_NUMBER)
            return
        help = "make it narrower, or take it out where every lead is meant"
        parts = self._placed(condition)
        if isinstance(condition, p.Any_) and parts:
            told = listed([shown(at) for _, at in parts])
            message = f"every lead passes: one of {told} is always true"
        else:
            message = f"{shown(place)} is true of every lead"
        self.notebook.warn("LR302", place, message, help)

    def _bounds(self, score: p.Score) -> tuple[str, str | None, str | None]:
        """The name of a score, and the least and the most that any lead has, as shown."""
        low, high = self.leads.space.bounds[score.block]
        return (
            score.block or "score",
            None if low is None else points(low),
            None if high is None else points(high),
        )

    # --- parts that change nothing -------------------------------------------------

    def _look_for_idle(self, condition: p.All | p.Any_, place: Place, negated: bool) -> bool:
        """Reports each part without which the condition would be the same."""
        parts = self._placed(condition)
        kept = list(parts)
        found = False
        ages = (place.source.name, place.span) in self._aging
        for part, at in reversed(parts):
            others = [one for one, _ in kept if one is not part]
            if not others or isinstance(at.node, s.Is):
                continue
            if ages and not set(asked(part)) <= {e for one in others for e in asked(one)}:
                continue  # Without it the points may be older.
            idle = self._is_idle(part, others, condition, negated)
            if not all(self.notebook.never(place, *formulas) for formulas in idle):
                continue
            kept = [(one, where) for one, where in kept if one is not part]
            self._say_idle(part, at, kept, condition, negated)
            found = True
        if isinstance(condition, p.All) and not found and not negated:
            found = self._look_for_dead(parts)
        return found

    def _is_idle(
        self, part: p.Condition, others: list[p.Condition], whole: p.All | p.Any_, negated: bool
    ) -> list[list[Formula]]:
        """What no lead can make true, if a part changes nothing."""
        c = self.conditions
        if isinstance(whole, p.All):
            questions = [[*map(c.true, others), c.not_true(part)]]
            rest = p.All(tuple(others))
            if negated:
                questions.append([c.false(part), c.opposite(c.false(rest))])
        else:
            questions = [[c.true(part), *map(c.not_true, others)]]
            rest_ = p.Any_(tuple(others))
            if negated:
                questions.append([c.false(rest_), c.opposite(c.false(part))])
        return questions

    def _say_idle(
        self,
        part: p.Condition,
        at: Place,
        kept: list[tuple[p.Condition, Place]],
        whole: p.All | p.Any_,
        negated: bool,
    ) -> None:
        """Names the part that makes another one idle, if it is one alone."""
        for other, where in kept:
            idle = self._is_idle(part, [other], whole, negated)
            if all(self.notebook.never(None, *formulas) for formulas in idle):
                asks = "asks for as much" if isinstance(whole, p.All) else "is true then too"
                message = f"{shown(at)} changes nothing: {shown(where)} {asks}"
                self.notebook.warn("LR303", at, message, "leave it out", where)
                return
        message = f"{shown(at)} changes nothing beside the other parts"
        self.notebook.warn("LR303", at, message, "leave it out")

    def _look_for_dead(self, parts: list[tuple[p.Condition, Place]]) -> bool:
        """Reports what stands in an `or` and cannot be true beside the other parts."""
        found = False
        for part, at in parts:
            if not isinstance(part, p.Any_) or at != self.places.own(part):
                continue
            beside = [one for one, _ in parts if one is not part]
            for way, where in self._placed(part):
                if self.notebook.never(at, *map(self.conditions.true, [way, *beside])):
                    message = f"{shown(where)} is never true here, beside the other parts"
                    self.notebook.warn("LR303", where, message, "leave it out, or correct it")
                    found = True
        return found

    def _placed(self, condition: p.Condition) -> list[tuple[p.Condition, Place]]:
        """The parts of a condition that were written, and where."""
        found = [(part, self.places.used(part)) for part in _parts(condition)]
        return [(part, place) for part, place in found if place is not None]


def _score(condition: p.Condition) -> p.Score | None:
    """The score that is compared with a number, if that is what a condition does."""
    match condition:
        case p.Compare(_, p.Score() as score, p.Constant()) | p.InSpans(p.Score() as score):
            return score
        case _:
            return None


def _asks_for_more(condition: p.Condition) -> bool:
    """Whether a comparison asks for a number above 0, or at least for no small one."""
    match condition:
        case p.Compare(order, _, p.Constant(value)):
            return order in (">", ">=") or (order == "=" and value > 0)
        case p.InSpans(_, spans):
            return all(span.low is not None and span.low > 0 for span in spans)
        case _:
            return True


def _parts(condition: p.Condition) -> tuple[p.Condition, ...]:
    match condition:
        case p.All(items) | p.Any_(items):
            return items
        case p.Not(item):
            return (item,)
        case _:
            return ()


def _help_never(parts: list[Place]) -> str:
    """What to do about parts that are never true together."""
    nodes = [place.node for place in parts]
    same = [
        node for node in nodes if isinstance(node, s.Comparison) and node.operator in ("=", "in")
    ]
    if len(same) == len(nodes) and len({node.left for node in same}) == 1:
        items: list[s.Item] = []
        for node in same:
            if isinstance(node.right, s.Items):
                items += node.right.items
            elif isinstance(node.right, s.Text | s.Number):
                items.append(node.right)
        if len(items) > 1 and not any(node.exactly for node in same):
            values = s.Items(tuple(dict.fromkeys(items)), nodes[0].span)
            either = s.Comparison(same[0].left, "in", values, False, nodes[0].span, nodes[0].span)
            return f"`{write(either)}` is true of each of them"
    return "write `or` between them if one is enough, or take one out"
