"""`make rules`: write docs/rules.md; with --check, only say what is wrong with the rules or with the page."""

from __future__ import annotations

import sys
from pathlib import Path

from traceability.table import PAGE, Trace

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Return 0 where every rule is carried and tested and the page is up to date."""
    trace = Trace.of(ROOT)
    faults, page, text = trace.faults(), ROOT / PAGE, trace.page()
    if arguments != ["--check"]:
        page.write_text(text, encoding="utf-8")
    elif not page.exists() or page.read_text(encoding="utf-8") != text:
        faults.append(f"{PAGE} is out of date: run `make rules`")
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
