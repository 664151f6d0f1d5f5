"""Rules of which the first that is true wins: those that no lead gets to, and those that
change nothing; and labels that exclude each other, or do not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from leadrules.logic.formula import TRUE, Formula, Undecided
from leadrules.logic.notebook import Notebook, line_of, listed
from leadrules.logic.scores import surely, when_fires
from leadrules.logic.witness import shown, witness
from leadrules.meaning.places import Place
from leadrules.model import program as p
from leadrules.model.frozen import Frozen

# Of more rules than these, the ones further down are not compared with all above.
_MOST_RULES = 300
# Of the rules of a `unique` dimension each is compared with each.
_MOST_UNIQUE = 60


class Row(Frozen):
    """One of some rules of which the first that is true wins.

    `fires` is true whenever it is; `sure` says that it wins whenever that is true. `gives` is
    its label, and `reason` what is said with that.
    """

    fires: Formula
    place: Place | None
    sure: bool = True
    gives: str | None = None
    reason: str | None = None


class Reached:
    """Looks for rules that no lead gets to. Of a rule whose condition is never true nothing is
    said: that is said of the condition."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.leads = notebook.leads
        self.excluded = self._asides(self.leads.program.exclusions)

    def _asides(self, asides: Sequence[p.Aside]) -> list[Row]:
        return [
            Row(self.leads.conditions.true(aside.condition), self.notebook.places.own(aside))
            for aside in asides
        ]

    def asides(self) -> None:
        """Exclusions and freezes behind others that leave nothing for them."""
        self._look(self.excluded, [])
        self._look(self._asides(self.leads.program.freezes), self.excluded)

    def items(self, items: Sequence[p.Item], above: Sequence[Row]) -> None:
        """What pays, for leads that are not excluded. In a `first of` and in a band, only for
        those that the rules above have left."""
        for item in items:
            if isinstance(item, p.PointsRule):
                self._look([self._row(item)], above)
            elif isinstance(item, p.Choice) and item.kind == "first":
                self._look([self._row(inner) for inner in item.items], above)
                for inner in item.items:
                    if not isinstance(inner, p.PointsRule):
                        self.items(inner.items, above)
            else:
                self.items(item.items, above)

    def _row(self, item: p.Item) -> Row:
        return Row(when_fires(item, self.leads), self.notebook.places.own(item), surely(item))

    def dimension(self, dimension: p.Dimension) -> None:
        """The rules of a dimension. Labels that none of them can give are no longer expected."""
        rows = [
            Row(
                TRUE if rule.condition is None else self.leads.conditions.true(rule.condition),
                self.notebook.places.own(rule),
                gives=rule.label,
                reason=rule.reason,
            )
            for rule in dimension.rules
        ]
        reached = self._look(rows, self.excluded)
        given = {row.gives for row in reached}
        kept = dimension.order if dimension.falls else ()
        if len(rows) <= _MOST_RULES:
            subject, choice = self.leads.space.label(dimension.name)
            self.leads.space.domains[subject] &= choice.among([*given, *kept, None])
        self._look_for_idle(reached)
        if dimension.unique:
            self._look_for_two(dimension, [row for row in rows if row.fires != TRUE])

    def _look(self, rows: Sequence[Row], above: Sequence[Row]) -> list[Row]:
        """Reports each row that is never the first to be true, behind others; returns those
        that can be."""
        reached: list[Row] = []
        for row in rows[:_MOST_RULES]:
            takers = [other for other in (*above, *reached) if other.sure]
            if not takers:
                reached.append(row)
                continue
            if self.notebook.never(None, row.fires):
                continue
            if not self.notebook.never(row.place, row.fires, *self._others(takers)):
                reached.append(row)
            elif row.place is not None:
                self._say(row, row.place, takers, rows)
        return reached + list(rows[_MOST_RULES:])

    def _say(self, row: Row, place: Place, above: list[Row], rows: Sequence[Row]) -> None:
        takers = self._takers(row, above)
        if len(takers) == 1 and self.notebook.never(None, *self._others(takers)):
            return  # That the one above is always true has been said of its condition.
        places = [taker.place for taker in takers if taker.place is not None]
        lines = list(dict.fromkeys(line_of(taker, place) for taker in places))
        one = len(lines) == 1
        took = f"{listed(lines)} {'takes' if one else 'take'} all of them before"
        elsewhere = any(other.gives == row.gives for other in rows if other is not row)
        message = "no lead gets here"
        if row.gives is not None and not elsewhere:
            message = f"no lead ever becomes `{row.gives}`"
        if any(taker in self.excluded for taker in takers):
            help = "take it out, or exclude fewer leads"
        elif row.fires == TRUE:
            help = "take it out"
        else:
            help = "move it further up, or take it out"
        beside = places[0] if one else None
        self.notebook.warn("LR304", place, f"{message}: {took}", help, beside)

    def _takers(self, row: Row, above: list[Row]) -> list[Row]:
        """As few rows above as leave nothing for this one."""
        kept = above
        for other in above:
            without = [one for one in kept if one is not other]
            if self.notebook.never(None, row.fires, *self._others(without)):
                kept = without
        return kept

    def _look_for_two(self, dimension: p.Dimension, rows: Sequence[Row]) -> None:
        """Reports two rules of a `unique` dimension that can hold at once, with a lead for which
        they do; or remarks that there is none, or that nobody knows."""
        at: Place | None = None
        for one, other in combinations(rows[:_MOST_UNIQUE], 2):
            if one.gives == other.gives or one.place is None or other.place is None:
                continue
            if self.notebook.never(None, one.fires, other.fires):
                continue
            at = at or other.place
            record = self._lead(one, other)
            if record is None:
                continue
            message = (
                f"`unique` promises one label, but a lead can get `{one.gives}` "
                f"({line_of(one.place, other.place)}) and `{other.gives}`"
            )
            help = f"let one of them leave out such leads: {record}"
            self.notebook.warn("LR305", other.place, message, help, one.place)
            return
        name, place = dimension.name, rows[0].place if rows else None
        if at is not None or len(rows) > _MOST_UNIQUE:
            self.notebook.remark(at or place, f"not decided: is `{name}` unique?")
        else:
            self.notebook.remark(place, f"`{name}` is unique: no two of its rules can hold at once")

    def _lead(self, one: Row, other: Row) -> str | None:
        """A lead for which two rules hold, if one can be told."""
        try:
            found = self.leads.find([one.fires, other.fires])
        except Undecided:
            return None
        record = None if found is None else witness(found, self.leads)
        return None if record is None else shown(record)

    def _others(self, rows: Sequence[Row]) -> list[Formula]:
        """What is true of the leads that some rows leave."""
        return [self.leads.conditions.opposite(row.fires) for row in rows]

    def _look_for_idle(self, rows: Sequence[Row]) -> None:
        """Reports a rule whose leads would get the same label from the rule below."""
        for row, below in pairwise(rows):
            if row.gives != below.gives or row.place is None or below.place is None:
                continue
            if row.reason not in (None, below.reason):
                continue
            if self.notebook.never(row.place, row.fires, *self._others([below])):
                message = (
                    f"this rule changes nothing: {line_of(below.place, row.place)} "
                    f"gives `{row.gives}` to the same leads"
                )
                help = "take it out, or give it another label"
                self.notebook.warn("LR307", row.place, message, help, below.place)
