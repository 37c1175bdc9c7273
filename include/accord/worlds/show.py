"""`accord world decide` and `accord world run`: tables for people, one JSON object a line for programs."""

from __future__ import annotations

import json
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from accord import rules
from accord.local.postgres import Postgres
from accord.model.errors import BadInput
from accord.sandbox.world import WorldError, parse_world
from accord.store.database import Database
from accord.worlds.compare import differences
from accord.worlds.decisions import world_decisions
from accord.worlds.frames import snapshot_of
from accord.worlds.process import check_kills
from accord.worlds.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot
    from accord.sandbox.world import World
    from accord.worlds.names import WorldNames

out = Console(highlight=False)


def show_decided(files: Sequence[Path], *, as_json: bool) -> int:
    """Decide worlds with the rules alone and show them; return 1 where one differs from what it expects."""
    failed = 0
    for world in _parsed(files):
        settings_of(world)
        snapshot, policy, names = _understood(world)
        decided = world_decisions(rules.decide(snapshot, policy), names)
        failed += _show(world, {"id": world.id, "decisions": decided}, as_json=as_json)
    return int(failed > 0)


def show_run(files: Sequence[Path], *, as_json: bool, faults: Path | None, kills: Sequence[str]) -> int:
    """Run worlds the whole way and show them; return 1 where one differs from what it expects."""
    from accord.worlds.runner import run_world

    check_kills(kills)
    worlds, armed, failed = _parsed(files), _faults(faults), 0
    with _postgres() as postgres:
        for number, world in enumerate(worlds):
            database = Database(postgres.create_database(f"world_{number}"))
            try:
                result = run_world(world, database, faults=armed, kills=kills)
            except ValueError as problem:
                raise BadInput(f"{world.where}: {problem}") from None
            failed += _show(world, result, as_json=as_json)
    return int(failed > 0)


def _parsed(files: Sequence[Path]) -> list[World]:
    """Return the worlds, all read before the first one is decided.

    Raises:
        BadInput: one cannot be understood; names file and key.
    """
    try:
        return [parse_world(file) for file in files]
    except WorldError as problem:
        raise BadInput(str(problem)) from None


def _understood(world: World) -> tuple[Snapshot, Policy, WorldNames]:
    """Return a world as the rules are given it.

    Raises:
        BadInput: a value in it cannot be understood; names the file.
    """
    try:
        return snapshot_of(world)
    except ValueError as problem:
        raise BadInput(f"{world.where}: {problem}") from None


def _faults(file: Path | None) -> list[dict[str, Any]]:
    """Return the entries of a fault file.

    Raises:
        BadInput: it is no list of mappings.
    """
    if file is None:
        return []
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as problem:
        raise BadInput(f"{file}: cannot be read as YAML: {problem}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(f"{file}: expected a list of faults, each a mapping such as {{do: drop_before, nth: 1}}")
    return entries


@contextmanager
def _postgres() -> Iterator[Postgres]:
    """Yield an embedded Postgres that is gone afterwards."""
    with TemporaryDirectory(prefix="accord-world-", ignore_cleanup_errors=True) as directory:
        from pathlib import Path

        Path(directory).chmod(0o755)
        postgres = Postgres(Path(directory) / "postgres")
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()


def _show(world: World, result: dict[str, Any], *, as_json: bool) -> bool:
    """Show one world; return whether it differs from what it expects."""
    wrong = [] if world.expect is None else differences(world.expect, result["decisions"])
    if as_json:
        print(json.dumps(result, default=str, ensure_ascii=False))  # noqa: T201 - standard output is the product
    else:
        out.print(_table(world, result))
        out.print("\n".join(f"[red]{escape(line)}[/]" for line in wrong) if wrong else "[green]as expected[/]\n")
    return bool(wrong)


def _table(world: World, result: dict[str, Any]) -> Table:
    """Return the decisions of a world, with how much each run wrote where it was run."""
    wrote = f", wrote {result['writes_first']} then {result['writes_second']}" if "writes_first" in result else ""
    table = Table("record", "decision", "with", "reason", "more", title=f"{world.id}  {world.title}{wrote}")
    for decision in result["decisions"]:
        named = {"target", "do", "with", "reason"}
        more = " ".join(f"{key}={value}" for key, value in decision.items() if key not in named)
        table.add_row(*(escape(str(decision.get(key, ""))) for key in ("target", "do", "with", "reason")), escape(more))
    return table
