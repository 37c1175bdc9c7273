"""Why a record is as it is: everything that Accord knows of an id of either CRM, as sentences. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.errors import BadInput
from accord.model.facts import Record
from accord.model.ids import hubspot_id, salesforce_id
from accord.sentences.persons import explain_person
from accord.sentences.record import explain_record
from accord.sentences.words import CRM, moment
from accord.steps.explain_people import person_story
from accord.steps.explain_record import record_story
from accord.store import known
from accord.store.names import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.facts import Kind, State, System
    from accord.sentences.record import Explanation
    from accord.store.database import Database, Row

_PREFIXES: dict[str, Kind] = {"001": "account", "003": "contact", "00Q": "lead"}
_SALESFORCE_LENGTHS = (15, 18)


def explain(database: Database, asked: str) -> list[Explanation]:
    """Return the explanation of an id; two where HubSpot has both a company and a contact of that number.

    Args:
        database: the warehouse; no CRM is asked for anything.
        asked: a Salesforce id in 15 or 18 characters, or a HubSpot company or contact id.

    Raises:
        BadInput: this is no id of a record that Accord looks at, or nobody knows it.
    """
    system, kinds, record_id = which_record(asked)
    rows = {kind: known.staged(database, system, kind, record_id) for kind in kinds}
    present: list[Kind] = [kind for kind in kinds if _is_known(database, system, kind, rows[kind], record_id)]
    if not present:
        raise BadInput(_nobody_knows(database, system, kinds, record_id))
    return [_explain(database, system, kind, record_id, rows[kind]) for kind in present]


def which_record(asked: str) -> tuple[System, tuple[Kind, ...], str]:
    """Return the CRM of an id, the kinds of record it may be, and its full form.

    Digits alone are HubSpot's, also fifteen of them: no HubSpot id begins with a zero, and every Salesforce id does.

    Raises:
        BadInput: the text is an id of neither CRM.
    """
    text = asked.strip()
    try:
        if len(text) in _SALESFORCE_LENGTHS and text.startswith("00"):
            full = salesforce_id(text)
            kind = _PREFIXES.get(full[:3])
            if kind is None:
                raise BadInput(f"{full}: neither an account (001), nor a contact (003), nor a lead (00Q)")
            return "salesforce", (kind,), full
        return "hubspot", ("company", "contact"), str(int(hubspot_id(text)))
    except ValueError as problem:
        raise BadInput(
            f"{problem}. Give the id of a Salesforce account, contact or lead, or of a HubSpot company or contact"
        ) from None


def state_of(row: Row | None, heir: str | None) -> State:
    """Return whether a record lives, as staging shows it."""
    if heir:
        return "merged"
    if row is None:
        return "unknown"
    if row["is_deleted"]:
        return "deleted"
    return "gone" if row["is_gone"] else "live"


def _is_known(database: Database, system: System, kind: Kind, row: Row | None, record_id: str) -> bool:
    """Return whether anything at all is known of a record."""
    if row is not None or known.heir_of(database, system, kind, None, record_id):
        return True
    return kind in {"account", "company"} and known.is_remembered(database, record_id)


def _nobody_knows(database: Database, system: System, kinds: Sequence[Kind], record_id: str) -> str:
    """Return what was looked for in vain, and how old staging may be."""
    what = " or ".join(f"{CRM[system]} {kind}" for kind in kinds)
    times = [at for kind in kinds if (at := known.read_up_to(database, system, kind)) is not None]
    read = f"{CRM[system]} was last read up to {moment(min(times))}" if times else f"{CRM[system]} was never read"
    return (
        f"{record_id}: no {what} of this id is in staging, and no decision, pair or request names it. {read}; a record "
        "made since is seen by the next run of sync_accounts, one that our login does not see is not seen at all"
    )


def _explain(database: Database, system: System, kind: Kind, record_id: str, row: Row | None) -> Explanation:
    """Return the explanation of one record that is known."""
    heir_id = known.heir_of(database, system, kind, row, record_id)
    is_made = row is None and kind in {"account", "company"} and known.is_made(database, system, record_id)
    state: State = "made" if is_made else state_of(row, heir_id)
    heir = names(database, [(system, kind, heir_id)]).get(system, kind, heir_id)
    own = names(database, [(system, kind, record_id)]).get(system, kind, record_id)
    record = own or Record(system, kind, record_id)
    if kind in {"account", "company"}:
        return explain_record(record_story(database, record, row, state, heir))
    return explain_person(person_story(database, record, row, state, heir))
