"""The command line. Each verb imports what it needs when it runs."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import Context, Parameter, ParameterSource

from leadrules import __version__
from leadrules.shell.color import Color
from leadrules.shell.outcome import INTERRUPTED, NO, OK, TERMINATED, UNFINISHED, USAGE, Stop

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem as Item

Command = TypeVar("Command", bound=Callable[..., Any])
Setting = TypeVar("Setting")


class _File(click.types.StringParamType):
    """A file or a folder, which the shell completes."""

    def shell_complete(self, ctx: Context, param: Parameter, incomplete: str) -> list[Item]:
        """Leaves it to the shell."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class _Codes(click.types.StringParamType):
    """Codes of findings with commas between, which the shell completes."""

    def shell_complete(self, ctx: Context, param: Parameter, incomplete: str) -> list[Item]:
        """The codes that begin like the last one."""
        from click.shell_completion import CompletionItem

        from leadrules.shell.pages import codes, page_of

        before, comma, last = incomplete.rpartition(",")
        return [
            CompletionItem(before + comma + code, help=page_of(code).title)
            for code in codes()
            if code.startswith(last.upper())
        ]


_FILE = _File()
_CODES = _Codes()
_COLOR = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    envvar="LEADRULES_COLOR",
    show_envvar=True,
    help="Colours in a terminal, always, or never.",
)
_VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Say what is excused or undecided.")
_QUIET = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")


_REPORT = click.option(
    "--report",
    "reports",
    metavar="FORMAT=FILE",
    multiple=True,
    help="Write it into a file, too. Can be given several times.",
)


_RULES = click.option("-r", "--rules", metavar="RULES", type=_FILE, help="The rule file.")
_EXPRESSION = click.option(
    "-e", "--expression", metavar="TEXT", help="Rules given right here, in quotes."
)
_PREVIOUS = click.option(
    "--previous",
    metavar="FILE",
    type=_FILE,
    help="Yesterday's results, for rules that ask for them (`was SQL`, `never falls`).",
)


def _as_of(said: str) -> Callable[[Command], Command]:
    """The option for the instant; `said` is its help."""
    return click.option(
        "--as-of", metavar="INSTANT", envvar="LEADRULES_AS_OF", show_envvar=True, help=said
    )


def _formats(*formats: str) -> Callable[[Command], Command]:
    """The option for the format on standard output."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        envvar="LEADRULES_FORMAT",
        show_envvar=True,
        help="What standard output gets. Default: text.",
    )


def _set(key: str, at_hand: Sequence[str], value: Setting) -> Setting:
    """The value of an option: from the command line, else from the environment, else from the
    configuration of the first file at hand or of this folder, else its default. The last part
    of `key` is the option's name."""
    from leadrules.shell.config import config_of

    source = click.get_current_context().get_parameter_source(key.rpartition(".")[2])
    if source is not ParameterSource.DEFAULT:
        return value
    configured = config_of(at_hand[0] if at_hand else ".").get(key)
    return value if configured is None else configured


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90})
@click.version_option(__version__, prog_name="leadrules")
def cli() -> None:
    """Score and classify leads with rules that people can read.

    New here? Run `leadrules demo`.
    """


@cli.command()
@click.argument("leads", nargs=-1, required=True, type=_FILE)
@_RULES
@_EXPRESSION
@_as_of("Score as of this date or instant (2026-11-22T00:00:00Z). Default: now.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=_FILE,
    help="Where results go. Default: standard output.",
)
@click.option(
    "--quarantine",
    metavar="FILE",
    type=_FILE,
    help="Where bad records go. Default: beside the output, as NAME.quarantine.jsonl.",
)
@click.option("--sort", type=click.Choice(["id"]), help="Sort by id; otherwise in input order.")
@click.option(
    "--max-quarantine",
    metavar="N|N%",
    envvar="LEADRULES_MAX_QUARANTINE",
    show_envvar=True,
    help="Stop with exit code 1, and leave the output as it was, when more records are bad. "
    "Default: when all are.",
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "reference"]),
    default="duckdb",
    envvar="LEADRULES_ENGINE",
    show_envvar=True,
    help="duckdb is fast; reference is slow and defines the answer. Both give the same.",
)
@_PREVIOUS
@_QUIET
@_COLOR
def score(
    leads: tuple[str, ...],
    rules: str | None,
    expression: str | None,
    as_of: str | None,
    output: str | None,
    quarantine: str | None,
    sort: str | None,
    max_quarantine: str | None,
    engine: str,
    previous: str | None,
    quiet: bool,
    color: str,
) -> None:
    """Score the leads in LEADS: files, patterns such as 'exports/*.jsonl.gz', or - for
    standard input.

    JSON Lines or a JSON array, as they are or compressed with gzip or zstd.
    """
    from leadrules.shell.score import Options, run

    if output == "":
        raise click.UsageError("-o needs the name of a file")
    if (rules is None) == (expression is None):
        said = "give the rules once: as -r FILE or as -e 'TEXT'"
        given = [name for name in leads if name.endswith(".rules")]
        if given and rules is None and expression is None:
            said += f"; did you mean -r {given[0]}?"
        raise click.UsageError(said)
    at_hand = () if rules is None else (rules,)
    engine = _set("score.engine", at_hand, engine)
    # A number of records may stand in the configuration as one.
    most_bad = _set("score.max_quarantine", at_hand, max_quarantine)
    run(
        Options(
            leads=leads,
            rules=rules,
            expression=expression,
            as_of=as_of,
            output=None if output == "-" else output,
            quarantine=quarantine,
            sort=sort is not None,
            most_bad=None if most_bad is None else str(most_bad),
            engine="reference" if engine == "reference" else "duckdb",
            previous=previous,
            quiet=quiet,
            color=_set("color", at_hand, color),
        )
    )


@cli.command()
@click.argument("paths", nargs=-1, type=_FILE)
@click.option(
    "--select",
    metavar="CODES",
    type=_CODES,
    multiple=True,
    envvar="LEADRULES_SELECT",
    show_envvar=True,
    help="Show only these warnings: codes, or how they begin (LR201,LR3). Errors always show.",
)
@click.option(
    "--ignore",
    metavar="CODES",
    type=_CODES,
    multiple=True,
    envvar="LEADRULES_IGNORE",
    show_envvar=True,
    help="Hide these warnings.",
)
@click.option(
    "--leads",
    metavar="SAMPLE",
    type=_FILE,
    help="Sample leads to look at, too: which fields, values and events are never there.",
)
@_as_of("Look at the leads as of this. Default: now.")
@click.option("--fix", is_flag=True, help="Mend what is certain, and write the files anew.")
@click.option("--strict", is_flag=True, help="Exit code 1 for warnings, too.")
@click.option("--exit-zero", is_flag=True, help="Exit code 0, also when there are errors.")
@_formats("text", "json", "github", "gitlab", "sarif", "junit")
@_REPORT
@_QUIET
@_VERBOSE
@_COLOR
def check(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    leads: str | None,
    as_of: str | None,
    fix: bool,
    strict: bool,
    exit_zero: bool,
    form: str | None,
    reports: tuple[str, ...],
    quiet: bool,
    verbose: bool,
    color: Color,
) -> None:
    """Check rule files: every mistake, with its place and what to write instead.

    PATHS are rule files, folders (all *.rules in them), or - for standard input.
    Default: this folder. Exit code 1 when there is an error; warnings alone leave 0.
    """
    from leadrules.shell.check import Options, run

    if strict and exit_zero:
        raise click.UsageError("--strict and --exit-zero contradict each other: choose one")
    if quiet and verbose:
        raise click.UsageError("-q and -v contradict each other: choose one")
    if fix and "-" in paths:
        raise click.UsageError("--fix needs files; standard input cannot be written")
    options = Options(
        paths=paths or (".",),
        leads=leads,
        as_of=as_of,
        select=select,
        ignore=ignore,
        fix=fix,
        strict=strict,
        quiet=quiet,
        verbose=verbose,
        color=_set("color", paths, color),
        form=form,
        reports=reports,
    )
    if not run(options) and not exit_zero:
        sys.exit(NO)


@cli.command()
@click.argument("paths", nargs=-1, type=_FILE)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, exit code 1.")
@click.option(
    "--stdin-filename",
    metavar="FILE",
    type=_FILE,
    help="What standard input is called in messages.",
)
@_QUIET
@_COLOR
def fmt(
    paths: tuple[str, ...],
    check: bool,
    diff: bool,
    stdin_filename: str | None,
    quiet: bool,
    color: Color,
) -> None:
    """Put rule files into the one layout. What they mean never changes.

    PATHS are rule files, folders (all *.rules in them), or - for standard input, which goes
    to standard output. Default: this folder. A file with errors is left alone; exit code 1.
    """
    from leadrules.shell.fmt import Options, run

    options = Options(
        paths=paths or (".",),
        check=check,
        diff=diff,
        stdin_name=stdin_filename,
        quiet=quiet,
        color=_set("color", paths, color),
    )
    if not run(options):
        sys.exit(NO)


@cli.command()
@click.argument("code", required=False, type=_CODES)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How to show it.",
)
@_COLOR
def rule(code: str | None, form: str, color: str) -> None:
    """Explain a finding: the page of its CODE, such as LR104. Without one: all codes."""
    from leadrules.shell.rule import run

    run(code, form, _set("color", (), color))


@cli.command()
@click.argument("id", metavar="ID|-")
@click.option(
    "--leads",
    metavar="FILE",
    type=_FILE,
    multiple=True,
    help="Where the lead is: a file, a pattern, or -. Can be given several times.",
)
@_RULES
@_EXPRESSION
@_as_of("Explain as of this date or instant (2026-11-22T00:00:00Z). Default: now.")
@click.option("--why-not", metavar="LABEL", help="Also tell why it does not have this label.")
@_PREVIOUS
@click.option("-v", "--verbose", is_flag=True, help="Also tell of labels that were far off.")
@_formats("text", "json", "markdown")
@_REPORT
@_COLOR
def explain(
    id: str,
    leads: tuple[str, ...],
    rules: str | None,
    expression: str | None,
    as_of: str | None,
    why_not: str | None,
    previous: str | None,
    verbose: bool,
    form: str | None,
    reports: tuple[str, ...],
    color: Color,
) -> None:
    """Explain one lead: where its points and labels come from, what would change them, and
    when they change by themselves.

    ID is the id of a lead in the file of --leads, or - for a single lead on standard input.
    """
    from leadrules.shell.explain import Options, run

    if (rules is None) == (expression is None):
        raise click.UsageError("give the rules once: as -r FILE or as -e 'TEXT'")
    if (id == "-") == bool(leads):
        raise click.UsageError("give an id and --leads FILE, or - for a lead on standard input")
    options = Options(
        id=None if id == "-" else id,
        leads=leads or ("-",),
        rules=rules,
        expression=expression,
        as_of=as_of,
        why_not=why_not,
        previous=previous,
        form=form,
        reports=reports,
        verbose=verbose,
        color=_set("color", () if rules is None else (rules,), color),
    )
    if not run(options):
        sys.exit(NO)


@cli.command("test")
@click.argument("paths", nargs=-1, type=_FILE)
@click.option("-k", "part", metavar="TEXT", help="Only cases with this in their names.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "reference"]),
    default="reference",
    help="Which engine scores the leads. Both give the same; reference starts faster.",
)
@click.option(
    "--coverage",
    is_flag=True,
    help="Tell what the cases do not show: rules never true, false or unknown, thresholds with "
    "no lead near them, labels never given.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    envvar="LEADRULES_FAIL_UNDER",
    show_envvar=True,
    help="Exit code 1 when a ruleset is covered less than this. Tells the coverage, too.",
)
@click.option(
    "--from-lead",
    "identity",
    metavar="ID",
    help="Instead, write a case: the lead with this id in --leads, and its present result.",
)
@click.option("--leads", metavar="LEADS", type=_FILE, help="With --from-lead: the file of leads.")
@click.option("-r", "--rules", metavar="RULES", type=_FILE, help="With --from-lead: the rules.")
@_as_of("With --from-lead: the instant of the case. Default: now.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=_FILE,
    help="With --from-lead: the file of cases that gets the case. Default: standard output.",
)
@_formats("text", "json", "github", "junit")
@_REPORT
@_QUIET
@_COLOR
def test_(
    paths: tuple[str, ...],
    part: str | None,
    engine: str,
    coverage: bool,
    fail_under: float | None,
    identity: str | None,
    leads: str | None,
    rules: str | None,
    as_of: str | None,
    output: str | None,
    form: str | None,
    reports: tuple[str, ...],
    quiet: bool,
    color: str,
) -> None:
    """Try the cases of rulesets: leads, and what has to come out of them.

    PATHS are files of cases, folders (all cases.yaml and *.cases.yaml in them), or rule files
    with cases beside them. Default: this folder. Exit code 1 when a case does not hold, and
    when there is none.
    """
    if identity is not None:
        from leadrules.shell import from_lead

        if leads is None or rules is None or paths:
            raise click.UsageError("--from-lead ID needs --leads FILE and -r RULES, and no PATHS")
        file = None if output == "-" else output
        from_lead.run(
            from_lead.Options(
                identity, leads, rules, as_of, file, quiet, _set("color", [rules], color)
            )
        )
        return
    if leads is not None or rules is not None or output is not None:
        raise click.UsageError("--leads, -r and -o belong to --from-lead ID")
    from leadrules.shell.test import Options, run

    fail_under = _set("test.fail_under", paths, fail_under)
    options = Options(
        paths=paths or (".",),
        part=part,
        engine="duckdb" if engine == "duckdb" else "reference",
        least=0.0 if coverage and fail_under is None else fail_under,
        form=form,
        reports=reports,
        quiet=quiet,
        color=_set("color", paths, color),
    )
    if not run(options):
        sys.exit(NO)


@cli.command()
@click.argument("folder", metavar="[DIR]", default=".", type=_FILE)
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "none"]),
    default="github",
    help="Whose CI the rules are looked at by.",
)
@_QUIET
def init(folder: str, ci: str, quiet: bool) -> None:
    """Begin with rules that pass at once: rules, schema, cases, sample leads, settings and CI.

    DIR is made if need be. Default: this folder. Files that are there are never written over.
    """
    from leadrules.shell.init import run

    run(folder, ci, quiet)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes a SHELL complete verbs, options, files and codes.

    \b
    bash: eval "$(leadrules completion bash)" in ~/.bashrc
    zsh:  eval "$(leadrules completion zsh)" in ~/.zshrc
    fish: leadrules completion fish | source in ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    # Not `source()`: for bash that asks the bash of this machine for its version first.
    script = kind(cli, {}, "leadrules", "_LEADRULES_COMPLETE")
    print(script.source_template % script.source_vars())


@cli.command()
@_COLOR
def demo(color: str) -> None:
    """A two-minute tour on leads that come with leadrules. Needs no network."""
    from leadrules.shell.demo import run

    run(_set("color", (), color))


def main() -> None:
    """Runs the command line and leaves with the right exit code."""
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        # Whatever the place has: reports are read elsewhere. A name of a file may be no text.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Nothing that is made while starting and compiling is ever freed; looking for garbage
    # in it takes a tenth of the time of a short command.
    gc.disable()
    try:
        cli(standalone_mode=False)
        sys.stdout.flush()
        code = OK
    except Stop as stop:
        _say(stop.message)
        code = stop.code
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except click.ClickException as error:
        error.show()
        code = USAGE
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted; nothing was written")
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left: there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = UNFINISHED
    except Exception as error:
        if os.environ.get("LEADRULES_DEBUG"):
            raise
        _say(
            f"leadrules failed: {type(error).__name__}: {error}\n"
            "Nothing was written. This is a fault of leadrules; LEADRULES_DEBUG=1 shows where."
        )
        code = UNFINISHED
    sys.exit(code)


def _terminated(number: int, frame: FrameType | None) -> None:
    raise Stop(TERMINATED, "terminated; nothing was written")


def _say(message: str) -> None:
    if message:
        print(message, file=sys.stderr)
