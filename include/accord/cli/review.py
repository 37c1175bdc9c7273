"""`accord review ...`: what a person is asked, and the answers."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from accord.cli.options import AsJson, out, told
from accord.cli.reach import warehouse
from accord.cli.shown import plain
from accord.model.errors import BadInput

if TYPE_CHECKING:
    from accord.model.facts import Choice
    from accord.steps.answer import Answer

app = typer.Typer(no_args_is_help=True, help="What a person is asked, and the answers.")

ReviewId = Annotated[int, typer.Argument(metavar="REVIEW_ID", help="As accord review list shows it.")]
By = Annotated[str | None, typer.Option("--by", help="Who answers; else the user of this machine.")]


@app.command("list")
def show(
    every: Annotated[
        bool, typer.Option("--all", help="Also those that are answered, left or no longer asked.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the open questions, their candidates and how each is answered."""
    from accord.sentences.questions import candidate_line, commands, question
    from accord.sentences.questions import told as state_of
    from accord.steps.answer import ALL, OPEN, questions

    database = warehouse()
    with told.status("looking them up"):
        found = questions(database, ALL if every else OPEN)
    if as_json:
        for it in found:
            row = asdict(it) | {"question": question(it), "commands": dict(commands(it))}
            typer.echo(json.dumps(row, default=str, ensure_ascii=True))
        return
    table = Table("id", "question", "candidates", "state", show_lines=True)
    for it in found:
        candidates = Text("\n").join(plain(candidate_line(one)) for one in it.candidates)
        table.add_row(str(it.id), plain(question(it)), candidates, plain(state_of(it)))
    if not found:
        out.print("Nobody is asked anything.")
        return
    out.print(table)
    if any(it.state == "open" for it in found):
        out.print(_HOW)


@app.command()
def resolve(
    review_id: ReviewId,
    pair: Annotated[tuple[str, str] | None, typer.Option(metavar="ACCOUNT COMPANY", help="These two are one.")] = None,
    apart: Annotated[
        tuple[str, str] | None, typer.Option(metavar="ACCOUNT COMPANY", help="These two are never one.")
    ] = None,
    create: Annotated[bool, typer.Option("--create", help="The record gets one of its own on the other side.")] = False,
    leave: Annotated[bool, typer.Option("--leave", help="Close the question without any effect.")] = False,
    by: By = None,
) -> None:
    """Answer a question; the next run follows the answer, and every later one."""
    from accord.sentences.questions import AFTER
    from accord.sentences.questions import told as state_of
    from accord.steps.answer import resolve as answered

    answer = _answer(pair, apart, create=create, leave=leave, by=by)
    told.print(
        plain(f"Review {review_id}: {state_of(answered(warehouse(), review_id, answer))}."), AFTER[answer.choice]
    )


@app.command()
def undo(review_id: ReviewId) -> None:
    """Take an answer back; the question is asked again, unless what it led to is done."""
    from accord.steps.answer import undo as taken_back

    again = taken_back(warehouse(), review_id)
    if again:
        told.print(f"The answer to review {review_id} is taken back; it is asked again as review {again}.")
    else:
        told.print(f"The answer to review {review_id} is taken back; what it led to stays, so nothing is asked again.")


_HOW = (
    "Answer: accord review resolve ID --pair ACCOUNT COMPANY, --apart ACCOUNT COMPANY, --create or --leave. "
    "The people behind it: accord explain RECORD."
)


def _answer(
    pair: tuple[str, str] | None, apart: tuple[str, str] | None, *, create: bool, leave: bool, by: str | None
) -> Answer:
    """Return the answer in the options.

    Raises:
        BadInput: none of them is there, or more than one.
    """
    from accord.steps.answer import Answer

    given: list[tuple[Choice, tuple[str, ...]]] = []
    given += [("pair", pair)] if pair else []
    given += [("apart", apart)] if apart else []
    given += [("create", ())] if create else []
    given += [("leave", ())] if leave else []
    if len(given) != 1:
        raise BadInput("give exactly one answer: --pair ACCOUNT COMPANY, --apart ACCOUNT COMPANY, --create or --leave")
    choice, ids = given[0]
    return Answer(choice, by or _user(), ids)


def _user() -> str:
    """Return the user of this machine, "unknown" where it has no name (an arbitrary uid in a container)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
