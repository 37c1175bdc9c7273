"""`make mutants`: plant each bug of planted.yaml in a copy of the project and write docs/mutants.md.

With rule numbers as arguments only their bugs are planted, and the other rows of the page stay as they are.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mutants.planted import ROOT, Bug, Verdict, copy_project, first_failure, judge, read_bugs
from traceability.table import Trace

PAGE = ROOT / "docs" / "mutants.md"
_HEAD = """# Planted bugs

Each of these breaks one rule in one place. `make mutants` plants them one at a time in a copy of the project, runs the
tests that [rules.md](rules.md) lists for the rule, and notes here which of them failed. It fails itself when a bug goes
unnoticed, or is noticed by the tests of other rules only. {count} bugs, {rules} rules, {caught} caught.

| rule | planted in | instead of | stands | what a customer would see | caught by |
| --- | --- | --- | --- | --- | --- |
"""


def main(rules: list[str]) -> int:
    """Return 0 where every bug was caught by a test of its own rule."""
    trace, results = Trace.of(ROOT), []
    bugs = [bug for bug in read_bugs() if not rules or bug.rule in rules]
    with TemporaryDirectory(prefix="accord-mutants-") as scratch:
        copy = Path(scratch)
        # Postgres gives up root, and must be able to pass through.
        copy.chmod(0o755)
        copy_project(copy)
        for number, bug in enumerate(bugs, start=1):
            results.append((bug, judge(bug, copy, trace)))
            _tell(f"{number}/{len(bugs)} {bug.rule} {bug.file}: {_outcome(results[-1][1])}")
        if broken := first_failure(copy, sorted({verdict.test for _, verdict in results if verdict.test})):
            _tell(f"{broken} fails without any bug, so it says nothing")
            return 1
    PAGE.write_text(page(results), encoding="utf-8")
    return int(not all(verdict.is_own for _, verdict in results))


def page(results: list[tuple[Bug, Verdict]]) -> str:
    """Return the text of docs/mutants.md; what was not planted this time keeps its row, found by its harm."""
    known = PAGE.read_text(encoding="utf-8").splitlines(keepends=True)
    fresh, bugs = dict(results), read_bugs()
    rows = [
        _row(bug, fresh[bug]) if bug in fresh else "".join(row for row in known if f"| {bug.harm} |" in row)
        for bug in bugs
    ]
    caught = sum("**nobody**" not in row for row in rows)
    return _HEAD.format(count=len(bugs), rules=len({bug.rule for bug in bugs}), caught=caught) + "".join(rows)


def _row(bug: Bug, verdict: Verdict) -> str:
    """Return one line of the table."""
    where = f"[{bug.file.removeprefix('include/accord/')}](../{bug.file})"
    file, _, test = verdict.test.partition("::")
    caught = f"[{_cell(test)}](../{file})" if verdict.test else "**nobody**"
    cells = (bug.rule, where, code(bug.before), code(bug.after), bug.harm, caught)
    return f"| {' | '.join(cells)} |\n"


def code(text: str) -> str:
    """Return code for a cell of the table: on one line."""
    line = " ".join(text.split())
    return f"`{_cell(line)}`" if line else "_nothing_"


def _cell(text: str) -> str:
    """Return a text that does not end its cell."""
    return text.replace("|", "\\|")


def _outcome(verdict: Verdict) -> str:
    """Return a verdict in words."""
    if not verdict.test:
        return "NOBODY NOTICED"
    return ("caught by " if verdict.is_own else "CAUGHT ONLY BY ") + verdict.test


def _tell(line: str) -> None:
    """Show progress."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
