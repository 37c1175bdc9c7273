"""`accord world decide` and `accord world run`: tables for people, one JSON object a line for programs."""

from __future__ import annotations

import json
from contextlib import contextmanager
from itertools import count
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from accord import rules
from accord.local.postgres import Postgres
from accord.model.errors import AccordError, BadInput
from accord.sandbox.faults import FaultError, Faults
from accord.sandbox.world import parse_world
from accord.sandbox.world_checks import unseen
from accord.store.database import Database
from accord.store.schema import migrate
from accord.worlds.compare import differences
from accord.worlds.decisions import world_decisions
from accord.worlds.frames import snapshot_of
from accord.worlds.process import check_kills

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from accord.sandbox.world import World

out = Console(highlight=False)
told = Console(stderr=True, highlight=False)


def show_decided(files: Sequence[Path], *, as_json: bool) -> int:
    """Decide worlds with the rules alone and show them; return 1 where one is bad or differs from what it expects."""
    return _show_each(files, _decide, as_json=as_json)


def show_run(files: Sequence[Path], *, as_json: bool, faults: Path | None, kills: Sequence[str]) -> int:
    """Run worlds the whole way and show them; return 1 where one is bad or differs from what it expects."""
    from accord.worlds.runner import run_world

    check_kills(kills)
    armed = _faults(faults)
    with _postgres() as postgres:
        template = Database(postgres.create_database("migrated"))
        migrate(template)
        numbers = count()

        def run(world: World) -> dict[str, Any]:
            name = f"world_{next(numbers)}"
            try:
                database = Database(postgres.create_database(name, template="migrated"))
                return run_world(world, database, faults=armed, kills=kills)
            finally:
                postgres.drop_database(name)

        return _show_each(files, run, as_json=as_json)


def _show_each(files: Sequence[Path], play: Callable[[World], dict[str, Any]], *, as_json: bool) -> int:
    """Play and show each world; one that cannot be understood or played is named, and the others go on."""
    failed = False
    for file in files:
        try:
            world = parse_world(file)
            _note(file, unseen(world))
            result = play(world)
        except Exception as problem:  # whatever is wrong with one world, the others are not lost
            _tell(file, problem, as_json=as_json)
            failed = True
        else:
            failed = _show(world, result, as_json=as_json) or failed
    return int(failed)


def _decide(world: World) -> dict[str, Any]:
    """Return what the rules decide about a world."""
    snapshot, policy, names = snapshot_of(world)
    return {"id": world.id, "decisions": world_decisions(rules.decide(snapshot, policy), names)}


def _tell(file: Path, problem: Exception, *, as_json: bool) -> None:
    """Say what is wrong with a world: on standard error, and as an object where a program reads along."""
    is_foreseen = isinstance(problem, AccordError | ValueError)
    said = str(problem) if is_foreseen else f"{type(problem).__name__}: {problem}"
    text = said if said.startswith(str(file)) else f"{file}: {said}"
    told.print(f"[bold red]bad world[/] {escape(_printable(text))}", soft_wrap=True)
    if as_json:
        print(json.dumps({"file": str(file), "error": text}, ensure_ascii=False), flush=True)  # noqa: T201 - the product


def _note(file: Path, lines: Sequence[str]) -> None:
    """Say on standard error what may be a slip and need not be."""
    for line in lines:
        told.print(f"[yellow]note[/] {escape(_printable(f'{file}: {line}'))}", soft_wrap=True)


def _faults(file: Path | None) -> list[dict[str, Any]]:
    """Return the entries of a fault file.

    Raises:
        BadInput: it is no list of mappings, or one of them is no fault; the file is named, as no world is at fault.
    """
    if file is None:
        return []
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as problem:
        raise BadInput(f"{file}: cannot be read as YAML: {problem}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(f"{file}: expected a list of faults, each a mapping such as {{do: drop_before, nth: 1}}")
    try:
        Faults().arm(entries)
    except FaultError as problem:
        raise BadInput(f"{file}: {problem}") from None
    return entries


@contextmanager
def _postgres() -> Iterator[Postgres]:
    """Yield an embedded Postgres that is gone afterwards."""
    with TemporaryDirectory(prefix="accord-world-", ignore_cleanup_errors=True) as directory:
        from pathlib import Path

        Path(directory).chmod(0o755)
        # Nothing of it outlives the command, so nothing needs to reach the disk.
        postgres = Postgres(Path(directory) / "postgres", {"fsync": "off", "full_page_writes": "off"})
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()


def _show(world: World, result: dict[str, Any], *, as_json: bool) -> bool:
    """Show one world; return whether it differs from what it expects, or was stopped on its way."""
    wrong = [] if world.expect is None else differences(world.expect, result["decisions"])
    wrong += [result["error"]] if "error" in result else []
    if as_json:
        print(json.dumps(result, default=str, ensure_ascii=False), flush=True)  # noqa: T201 - standard output is the product
    else:
        out.print(_table(world, result))
        lines = [f"[red]{escape(_printable(line))}[/]" for line in wrong]
        out.print("\n".join(lines) if wrong else "[green]as expected[/]\n")
    return bool(wrong)


def _printable(text: str) -> str:
    """Return a text without control characters: it may come from a file that a stranger wrote."""
    return "".join(it if it.isprintable() or it == "\n" else " " for it in text)


def _table(world: World, result: dict[str, Any]) -> Table:
    """Return the decisions of a world, with how much each run wrote where it was run."""
    wrote = ""
    if "writes_first" in result:
        calls = " then ".join(str(sum(result[f"calls_{which}"].values())) for which in ("first", "second"))
        wrote = f", wrote {result['writes_first']} then {result['writes_second']}, called {calls}"
    title = escape(_printable(f"{world.id}  {world.title}{wrote}"))
    table = Table("record", "decision", "with", "reason", "more", title=title)
    for decision in result["decisions"]:
        named = {"target", "do", "with", "reason"}
        more = " ".join(f"{key}={value}" for key, value in decision.items() if key not in named)
        shown = [*(str(decision.get(key, "")) for key in ("target", "do", "with", "reason")), more]
        table.add_row(*(escape(_printable(it)) for it in shown))
    return table
