"""`leadrules check`: the findings about some rule files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from leadrules import __version__
from leadrules.logic.examine import Examined, examine
from leadrules.logic.notebook import Remark
from leadrules.meaning.places import Place
from leadrules.model.diagnostic import Diagnostic, in_order
from leadrules.model.frozen import Frozen
from leadrules.model.source import Source
from leadrules.report.checked import Checked
from leadrules.report.formats import FORMATS, written
from leadrules.shell.color import Color, wants_color
from leadrules.shell.config import config_of, left_out_by
from leadrules.shell.files import rule_files
from leadrules.shell.looked import Looked
from leadrules.shell.mend import Mended, mend, write
from leadrules.shell.pages import codes
from leadrules.shell.reports import explain, outputs, repository_paths, write_files
from leadrules.shell.rules import Compiled, compile_source, counted, drawn, open_rules
from leadrules.shell.selection import Selection, selection
from leadrules.text.draw import clean, draw
from leadrules.text.excuses import Excuse, Judged, excuses, judge


class Options(Frozen):
    """What is checked, what is said of it and where, and when the answer is no.

    `select` and `ignore` are codes, or how they begin; where one is empty, the configuration
    of a file has its say. With `strict` a warning is a no, too. `leads` is a file of sample
    leads, and `as_of` the instant to look at them.
    """

    paths: tuple[str, ...]
    leads: str | None
    as_of: str | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    fix: bool
    strict: bool
    quiet: bool
    verbose: bool
    color: Color
    form: str | None
    reports: tuple[str, ...]


def run(options: Options) -> bool:
    """Tells every finding that is wanted; whether the answer is yes."""
    wanted = outputs(options.form, options.reports, FORMATS)
    selection(options.select, options.ignore)
    files = rule_files(options.paths, left_out_by("check"))
    sources = {os.path.normpath(file): open_rules(file, sys.stdin) for file in files}
    if options.fix:
        mended = _mended(sources, _looked_at(sources, {}).judged, options)
        seen = _looked_at(sources, mended.texts, options)
    else:
        seen = _looked_at(sources, {}, options)
    compiled, judged = seen.compiled, seen.judged
    found = [finding for finding in judged.kept if _selection(finding, options).has(finding)]
    checked = Checked(
        version=__version__,
        files=tuple(compiled),
        findings=tuple(found),
        path_of=repository_paths(),
        explain=explain,
        drawn=draw,
    )
    read = [name for ruleset in compiled.values() for name in ruleset.texts]
    write_files(wanted, read, lambda form: written(form, checked))
    loud = options.strict or not options.quiet
    if wanted.shown != "text":
        print(written(wanted.shown, checked), end="")
    elif shown := [finding for finding in found if finding.is_error or loud]:
        print(drawn(shown, wants_color(options.color, sys.stdout)))
    if options.verbose:
        for finding, excuse in judged.excused:
            _say_excused(finding, excuse)
        for remark in seen.remarks:
            print(clean(f"{_place(remark.place)}: {remark.text}"), file=sys.stderr)
    if not options.quiet:
        for line in (*seen.said, *(seen.table if options.verbose else ())):
            print(clean(line), file=sys.stderr)
        looked_at = "1 file" if len(files) == 1 else f"{len(files)} files"
        excused = f"; {len(judged.excused)} excused" if judged.excused else ""
        more = f"; `leadrules rule {found[0].code}` says more" if found else ""
        fixes = 0 if options.fix else sum(finding.fix is not None for finding in found)
        more += f"; --fix mends {fixes}" if fixes else ""
        print(f"checked {looked_at}: {counted(found)}{excused}{more}", file=sys.stderr)
    return not any(finding.is_error or options.strict for finding in found)


class _Seen(Frozen):
    """The rule files, compiled; the findings; the places of what could not be decided; and what
    was counted in sample leads, in words."""

    compiled: Mapping[str, Compiled]
    judged: Judged
    remarks: tuple[Remark, ...]
    said: tuple[str, ...]
    table: tuple[str, ...]


def _looked_at(
    sources: Mapping[str, Source], texts: Mapping[str, str], options: Options | None = None
) -> _Seen:
    """Looks at rule files, some of them with other `texts`; and at the sample leads of the
    options, when there are some."""
    compiled = {
        name: compile_source(Source(name, texts.get(name, source.text)), texts)
        for name, source in sources.items()
    }
    rulesets = _roots(compiled)
    examined = [examine(ruleset.meant) for ruleset in rulesets.values()]
    remarks = dict.fromkeys(remark for each in examined for remark in each.remarks)
    looked = [] if options is None else _leads(rulesets, options)
    if options is not None and options.verbose:
        remarks |= dict.fromkeys(_extremes(rulesets.values(), examined))
    return _Seen(
        compiled,
        _judged(rulesets, examined, looked),
        tuple(remarks),
        tuple(line for each in looked for line in each.said),
        tuple(line for each in looked for line in each.table),
    )


def _extremes(rulesets: Iterable[Compiled], examined: Iterable[Examined]) -> Iterator[Remark]:
    """Leads that show the lowest and the highest scores."""
    # Scoring takes long to load, and nobody has to know this.
    from leadrules.shell.extremes import extremes

    for ruleset, found in zip(rulesets, examined, strict=True):
        yield from extremes(ruleset.meant, found)


def _leads(rulesets: Mapping[str, Compiled], options: Options) -> list[Looked]:
    """What the sample leads say about each ruleset without errors."""
    if options.leads is None:
        return []
    # Scoring takes long to load, and without leads nothing is scored.
    from leadrules.shell.sample import look_at_leads
    from leadrules.shell.score import as_of_instant

    return [
        look_at_leads(options.leads, name, ruleset, as_of_instant(options.as_of, ruleset.program))
        for name, ruleset in rulesets.items()
        if ruleset.program is not None
    ]


def _mended(sources: Mapping[str, Source], judged: Judged, options: Options) -> Mended:
    """Mends the files that were named, and no other; a link leads to one that was not."""

    def may(finding: Diagnostic) -> bool:
        name = finding.source.name
        return (
            name in sources
            and not os.path.islink(name)
            and _selection(finding, options).has(finding)
        )

    mended = mend(judged.kept, may, lambda texts: _looked_at(sources, texts).judged.kept)
    write(mended, sources)
    for finding in () if options.quiet else mended.done:
        print(
            f"{_place(finding)}: {finding.code} is mended: {_mended_line(finding)}", file=sys.stderr
        )
    return mended


def _mended_line(finding: Diagnostic) -> str:
    """The line of a finding as its fix makes it."""
    assert finding.fix is not None
    text, span = finding.source.text, finding.fix.span
    after = Source("", text[: span.start] + finding.fix.text + text[span.end :])
    line = after.line(after.place(span.start)[0]).strip()
    whole_line = text[span.start : span.end].endswith(("\r", "\n"))
    return "the line is taken out" if whole_line else clean(line)


def _selection(finding: Diagnostic, options: Options) -> Selection:
    """What is wanted of the file of a finding."""
    config = config_of(finding.source.name)
    return selection(
        options.select or tuple(config.get("check.select") or ()),
        options.ignore or tuple(config.get("check.ignore") or ()),
    )


def _roots(compiled: Mapping[str, Compiled]) -> Mapping[str, Compiled]:
    """Those that are rulesets of their own.

    A file that another of the files includes is checked as a part of that one only: by
    itself it may lack what the other declares.
    """
    included = {text for root, found in compiled.items() for text in found.texts if text != root}
    return {name: found for name, found in compiled.items() if name not in included} or compiled


def _judged(
    compiled: Mapping[str, Compiled], examined: Iterable[Examined], looked: Sequence[Looked]
) -> Judged:
    """All findings in order, apart from those that a comment excuses."""
    found = [finding for ruleset in compiled.values() for finding in ruleset.diagnostics]
    found += [finding for each in examined for finding in each.diagnostics]
    leads = [finding for each in looked for finding in each.findings]
    # What the leads show is no guess any more.
    shown = {(f.source.name, f.span) for f in leads if f.code in ("LR401", "LR403")}
    guesses = ("LR202", "LR206")
    found = [f for f in found if f.code not in guesses or (f.source.name, f.span) not in shown]
    found += leads
    given, wrong = _excuses(compiled.values())
    # Where there are errors, not everything has been looked at.
    whole = all(ruleset.program is not None for ruleset in compiled.values())
    sampled = bool(looked) and all(each.is_enough for each in looked)
    judged = judge(in_order(found), given, lambda code: whole and (sampled or code < "LR4"))
    return Judged(tuple(in_order([*judged.kept, *wrong])), judged.excused)


def _excuses(compiled: Iterable[Compiled]) -> tuple[list[Excuse], list[Diagnostic]]:
    texts = {name: text for ruleset in compiled for name, text in ruleset.texts.items()}
    known = frozenset(codes())
    given: list[Excuse] = []
    wrong: list[Diagnostic] = []
    for name, text in texts.items():
        read, unread = excuses(Source(name, text), known)
        given += read
        wrong += unread
    return given, wrong


def _say_excused(finding: Diagnostic, excuse: Excuse) -> None:
    reason = clean(excuse.reason) or "no reason given"
    print(f"{_place(finding)}: {finding.code} is excused: {reason}", file=sys.stderr)


def _place(finding: Diagnostic | Place) -> str:
    line, column = finding.source.place(finding.span.start)
    return f"{clean(finding.source.name)}:{line}:{column}"
