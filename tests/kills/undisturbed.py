"""What both CRMs show after the demo's runs when nothing goes wrong, and how two outcomes are compared."""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from accord.model.scope import Run, Scope
from accord.model.settings import parse_settings
from accord.sandbox.generator import generate
from accord.sandbox.server import Sandbox
from accord.steps.sequence import run_all
from accord.worlds.clients import wiring_for
from machine.before_after import snapshot
from machine.scratch import scratch_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accord.demo.stage import Stage

_DAY = timedelta(days=1)
_KEYS = ("accord_key", "Accord_Key__c")
_STAMPED = re.compile(r"\d{4}-\d\d-\d\dT")


def undisturbed(stage: Stage, made_at: datetime) -> dict[str, Any]:
    """Return the outcome of the same import and sync, in one process that nothing happens to.

    Args:
        stage: of the demo.
        made_at: when its world was made, for the world's times follow from it.
    """
    settings = parse_settings(yaml.safe_load(stage.settings_file.read_text()), "the demo's settings")
    with scratch_warehouse("undisturbed") as database, Sandbox.start(at=made_at) as sandbox:
        generate(sandbox.crms, stage.accounts, stage.seed, months=stage.months)
        scopes = [Scope("interval", since=since, until=until) for since, until in _months(stage)]
        for number, scope in enumerate([*scopes, Scope("changed"), Scope("changed")]):
            sandbox.clock.advance(900)
            wiring = wiring_for(sandbox.url, database, settings, sandbox.clock)
            run_all(wiring, Run(f"undisturbed/{number}", scope, "apply"))
        with sandbox.crms.lock:
            journal = [entry.as_json() for entry in sandbox.journal.by("pipeline")]
        return outcome(sandbox.state, journal)


def outcome(state: Mapping[str, Any], journal: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what every record shows, without times; what the pipeline made is named by the key it was made under."""
    made = [it for it in journal if it["op"] == "create" and it["object"] in {"companies", "Account"}]
    names = {it["id"]: next(f"made:{it['after'][key]}" for key in _KEYS if key in it["after"]) for it in made}
    known = re.compile(r"(?<![0-9A-Za-z])(" + "|".join(names) + r")(?![0-9A-Za-z])")
    rows = {
        ":".join(place): {name: value for name, value in values.items() if not _STAMPED.match(str(value))}
        for place, values in snapshot(state).items()
    }
    named = known.sub(lambda found: names[found[1]], json.dumps(rows))
    found: dict[str, Any] = json.loads(named)
    return found


def _months(stage: Stage) -> list[tuple[datetime, datetime]]:
    """Return the months that the demo imports, oldest first."""
    edges = [stage.enabled_at(datetime.now(UTC))]
    for _ in range(stage.months):
        edges.append((edges[-1] - _DAY).replace(day=1))
    return list(itertools.pairwise(reversed(edges)))
