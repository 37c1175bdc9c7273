"""`make rules`: write docs/rules.md and docs/faults.md; with --check, only say what is wrong with them."""

from __future__ import annotations

import sys
from pathlib import Path

from traceability import faults
from traceability.table import PAGE, Trace

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Return 0 where every rule is carried and tested, every fault is answered for, and the pages are up to date."""
    trace, rows = Trace.of(ROOT), faults.read_faults(ROOT)
    wrong = trace.faults() + faults.wrong(ROOT, rows)
    for name, text in ((PAGE, trace.page()), (faults.PAGE, faults.page(rows))):
        page = ROOT / name
        if arguments != ["--check"]:
            page.write_text(text, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            wrong.append(f"{name} is out of date: run `make rules`")
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
