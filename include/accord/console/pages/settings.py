"""Settings: in force, what each does, who changed what when; what if; and the switch."""

import threading
from datetime import UTC, datetime
from typing import Annotated

import yaml
from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse

from accord.console.page import done, shown
from accord.console.rules import Editor, Reader
from accord.console.warehouse import database, settings_of_file
from accord.model.errors import BadInput, BadSettings
from accord.model.settings import Settings, parse_settings
from accord.model.settings_changes import change_words, say, say_mapping
from accord.model.settings_table import list_settings
from accord.steps.whatif import what_if
from accord.store import switch
from accord.store.history import settings_history

router = APIRouter()
_SHOWN = 50
_deciding = threading.Lock()


@router.get("/settings")
def settings(request: Request, caller: Reader) -> HTMLResponse:
    """Return the settings in force, with the switch as it stands."""
    in_file = settings_of_file()
    now = switch.applied_read_only(database(), in_file)
    rows = list_settings(now)
    return shown(
        request,
        "settings.html",
        page="settings",
        is_on=now.sync_companies,
        mode=now.mode,
        turned=switch.switched(database()),
        in_file=in_file.sync_companies,
        rows=[it for it in rows if it.name != "fields"],
        fields=next(it for it in rows if it.name == "fields"),
        changes=settings_history(database(), 20),
        change_words=change_words,
        say=say,
        say_mapping=say_mapping,
        names=[it.name for it in rows if it.name != "fields"],
    )


@router.get("/settings/what-if")
def compare(
    request: Request,
    caller: Reader,
    name: Annotated[str, Query(max_length=60)],
    value: Annotated[str, Query(max_length=1000)],
) -> HTMLResponse:
    """Return what would be decided differently with one setting changed; nothing is stored.

    Raises:
        BadInput: somebody else compares at this moment.
    """
    now = switch.applied_read_only(database(), settings_of_file())
    other = _changed(now, name, value)
    if not _deciding.acquire(blocking=False):
        raise BadInput("Somebody compares settings at this moment; try again in a few seconds.")
    try:
        found = what_if(database(), now, other, datetime.now(UTC))
    finally:
        _deciding.release()
    counts = [it for it in found.counts.to_dict("records") if it["before"] != it["after"]]
    changes = found.changes.head(_SHOWN).to_dict("records")
    return shown(request, "whatif.html", found=found, counts=counts, changes=changes, total=len(found.changes))


@router.post("/settings/switch")
def turn(request: Request, caller: Editor, answer: Annotated[str, Form(pattern="^(on|off)$")]) -> HTMLResponse:
    """Turn the sync on or off, in the name of the caller (R2)."""
    at = datetime.now(UTC)
    switch.turn(database(), settings_of_file(), is_on=answer == "on", by=caller.name, at=at)
    more = (
        "Runs decide and act again." if answer == "on" else "Runs read, decide and write nothing until it is on again."
    )
    return done(request, f"{caller.name} turned the sync {answer}. {more}")


def _changed(now: Settings, name: str, text: str) -> Settings:
    """Return settings with one of them changed, written as in the settings file.

    Raises:
        BadInput: the value is no YAML, there is no such setting, or the value is impossible.
    """
    try:
        # References would let a short text grow without bounds; no setting needs them.
        value = None if "&" in text or "*" in text else yaml.safe_load(text)
    except yaml.YAMLError:
        raise BadInput(f"{name}: write the value as in config/accord.yaml") from None
    raw = now.model_dump(mode="json")
    section, _, rest = name.rpartition(".")
    inner = raw.get(section) if section else raw
    if not isinstance(inner, dict):
        raise BadInput(f"{name}: there is no such setting")
    inner[rest] = value
    try:
        return parse_settings(raw, "the setting to compare")
    except BadSettings as problem:
        raise BadInput(str(problem)) from None
