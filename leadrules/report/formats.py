"""The formats of findings and of cases. What writes one is loaded when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrules.report.checked import Checked
    from leadrules.report.trials import Trials

FORMATS = ("text", "json", "github", "gitlab", "sarif", "junit")
CASE_FORMATS = ("text", "json", "github", "junit")


def written(form: str, checked: Checked) -> str:
    """The findings in one of the formats, with a line end behind the last line."""
    match form:
        case "json":
            from leadrules.report.data import write
        case "github":
            from leadrules.report.annotations import write
        case "gitlab":
            from leadrules.report.code_quality import write
        case "sarif":
            from leadrules.report.sarif import write
        case "junit":
            from leadrules.report.junit import write
        case _:
            drawings = "\n\n".join(map(checked.drawn, checked.findings))
            return drawings and drawings + "\n"
    return write(checked)


def written_cases(form: str, trials: Trials) -> str:
    """What became of cases in one of the formats, with a line end behind the last line."""
    match form:
        case "json":
            from leadrules.report.data import write_cases
        case "github":
            from leadrules.report.annotations import write_cases
        case "junit":
            from leadrules.report.junit import write_cases
        case _:
            return "".join(trials.drawn(case) + "\n" for case in trials.cases if not case.ok)
    return write_cases(trials)
