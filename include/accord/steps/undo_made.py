"""The records a run made: archived if that was asked for and nobody touched them since, never deleted for good (R104).

Untouched means that a record shows what Accord gave it and nothing else, that only Accord's runs of this undo wrote to
it, and that nobody belongs to it whom the undo does not take out again. Deleting an account takes its contacts and
opportunities along, so one that has any stays.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from accord.model.errors import MissingPermission
from accord.steps.answers import changed, confirmed
from accord.steps.payload import same
from accord.steps.twins import moment
from accord.store.reversals import Reversal, last_sent, written_by_others
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from accord.steps.work import Work
    from accord.store.ledger import Intent, System
    from accord.store.reversals import Written
    from accord.store.settling import Settlement

    Placed = tuple[int, Reversal]
    Leaving = Mapping[str, Collection[str]]

_KEYS: Mapping[System, str] = {"hubspot": COMPANY_KEY, "salesforce": ACCOUNT_KEY}
SYSTEMS: tuple[System, ...] = ("hubspot", "salesforce")
_MADE = {"created", "held"}
"""Outcomes of a create that made its record; one is held that a person deleted before the run knew of it."""
_BY_ITSELF = timedelta(seconds=5)
"""HubSpot fills in properties of a new company by itself, such as its stage, in the moment it is made."""
_ROWS_A_READ = 100
_CHILDREN = (("Contact", "AccountId", "has_people"), ("Account", "ParentId", "has_children"))


def made_reversals(work: Work, written: Sequence[Written], leaving: Leaving, *, archives: bool) -> list[Placed]:
    """Return what archives the records that a run made, and those that stay.

    Args:
        work: ready clients; `work.run.scope.undone_run` names the run.
        written: by the run and its family, in order.
        leaving: record id -> ids of the people and companies that the undo takes out of it.
        archives: whether that was asked for.
    """
    made = [(at, it) for at, it in enumerate(written) if it.is_own and it.intent.op == "create" and it.intent.target_id]
    found: list[Placed] = []
    for system in SYSTEMS:
        rows = [(at, it) for at, it in made if it.intent.system == system]
        ids = [str(it.intent.target_id) for _, it in rows]
        now = survivors_of(work, system, ids)
        living = _unmerged(now)
        why = why_kept(work, system, sorted(living), leaving) if archives else {}
        strangers = written_by_others(work.wiring.database, str(work.run.scope.undone_run), system, ids)
        for at, (intent, result, _) in rows:
            record_id = str(intent.target_id)
            if record_id in living:
                reason = "" if archives else "archive_not_asked"
                reason = reason or ("not_made_by_it" if result not in _MADE else "")
                reason = reason or ("written_by_another_run" if record_id in strangers else why.get(record_id, ""))
                found.append((at, _reversal(intent, record_id, reason)))
            elif record_id in now:
                found.append((at, _reversal(intent, record_id, "merged_since")))
    return found


def recheck_archives(work: Work, intents: Sequence[Intent]) -> tuple[list[Intent], list[Settlement]]:
    """Return the records that are still to be archived, and what became of the others."""
    system, ids = intents[0].system, [str(intent.target_id) for intent in intents]
    living = living_of(work, system, ids)
    why = why_kept(work, system, sorted(living), {})
    send, settled = [], []
    for intent in intents:
        record_id = str(intent.target_id)
        if record_id not in living:
            settled.append(confirmed(work, intent, record_id))
        elif why.get(record_id):
            settled.append(changed(intent, why[record_id], _message(intent, why[record_id]), is_skip=True))
        else:
            send.append(intent)
    return send, settled


def why_kept(work: Work, system: System, ids: Sequence[str], leaving: Leaving) -> dict[str, str]:
    """Return why living records must not be archived, by id; those that may be are left out."""
    why: dict[str, str] = {}
    for start in range(0, len(ids), _ROWS_A_READ):
        some = ids[start : start + _ROWS_A_READ]
        sent = last_sent(work.wiring.database, system, some, _KEYS[system])
        is_hubspot = system == "hubspot"
        touched = _touched_companies(work, sent) if is_hubspot else _touched_accounts(work, sent)
        busy = _busy_companies(work, some, leaving) if is_hubspot else _busy_accounts(work, some, leaving)
        why |= {**busy, **dict.fromkeys(touched, "touched_since")}
    return why


def living_of(work: Work, system: System, ids: Sequence[str]) -> set[str]:
    """Return which of these records exist and are in no recycle bin."""
    return _unmerged(survivors_of(work, system, ids))


def _unmerged(now: Mapping[str, str]) -> set[str]:
    """Return the records that go by their own id."""
    return {record_id for record_id, survivor in now.items() if record_id == survivor}


def survivors_of(work: Work, system: System, ids: Sequence[str]) -> dict[str, str]:
    """Return the records that exist, each by its own id, and those that took others in, by the id of the other one."""
    if not ids:
        return {}
    if system == "hubspot":
        found = work.wiring.hubspot.batch_read("companies", ids, [COMPANY_KEY])
        return {asked: str(record["id"]) for asked, record in found.items()}
    rows = work.wiring.salesforce.read("Account", "Id", ids, ["Id", "IsDeleted", "MasterRecordId"])
    known = {row["Id"]: row["MasterRecordId"] if row["IsDeleted"] else row["Id"] for row in rows}
    return {record_id: now for record_id, now in known.items() if now}


def _touched_companies(work: Work, sent: Mapping[str, Mapping[str, object]]) -> set[str]:
    """Return the companies that show another value than ours in any property that a person can edit."""
    names = [name for name, found in work.allowed.company_properties.items() if not found.read_only]
    records = work.wiring.hubspot.batch_read("companies", list(sent), names)
    odd: dict[str, set[str]] = defaultdict(set)
    for record_id, record in records.items():
        ours = sent[record_id]
        for name, value in record["properties"].items():
            if name in names and not same(value, ours.get(name)):
                odd[record_id].add(name)
    touched = {record_id for record_id, some in odd.items() if some & sent[record_id].keys()}
    doubtful = sorted(odd.keys() - touched)
    asked = sorted({name for record_id in doubtful for name in odd[record_id]})
    settled: dict[str, set[str]] = defaultdict(set)
    for record_id, name, at in work.wiring.hubspot.changed_at("companies", doubtful, asked) if doubtful else ():
        if moment(at) - moment(records[record_id]["createdAt"]) <= _BY_ITSELF:
            settled[record_id].add(name)
    return touched | {record_id for record_id in doubtful if odd[record_id] - settled[record_id]}


def _touched_accounts(work: Work, sent: Mapping[str, Mapping[str, object]]) -> set[str]:
    """Return the accounts that somebody else changed last, or that show another value than ours."""
    known = work.allowed.account_fields
    names = sorted({name for fields in sent.values() for name in fields if name in known})
    columns = ["Id", "LastModifiedById", *names]
    rows = work.wiring.salesforce.read("Account", "Id", list(sent), columns)
    return {
        row["Id"]
        for row in rows
        if row["LastModifiedById"] != work.wiring.user_id
        or any(not same(row.get(name), value) for name, value in sent[row["Id"]].items() if name in known)
    }


def _busy_companies(work: Work, ids: Sequence[str], leaving: Leaving) -> dict[str, str]:
    """Return the companies that people or other companies are associated with."""
    why: dict[str, str] = {}
    for other, reason in (("companies", "has_children"), ("contacts", "has_people")):
        for page in work.wiring.hubspot.association_rows("companies", other, ids):  # type: ignore[arg-type]
            why |= {company: reason for company, end, _ in page if end not in leaving.get(company, ())}
    return why


def _busy_accounts(work: Work, ids: Sequence[str], leaving: Leaving) -> dict[str, str]:
    """Return the accounts that have contacts, child accounts or opportunities, or whose opportunities we cannot see."""
    why: dict[str, str] = {}
    for sobject, field, reason in _CHILDREN:
        rows = work.wiring.salesforce.read(sobject, field, ids, ["Id", field, "IsDeleted"])
        living = [row for row in rows if not row["IsDeleted"]]
        why |= {row[field]: reason for row in living if row["Id"] not in leaving.get(row[field], ())}
    try:
        rows = work.wiring.salesforce.read("Opportunity", "AccountId", ids, ["Id", "AccountId", "IsDeleted"])
    except MissingPermission:
        return {**dict.fromkeys(ids, "opportunities_unseen"), **why}
    return {**{row["AccountId"]: "has_opportunities" for row in rows if not row["IsDeleted"]}, **why}


def _reversal(intent: Intent, record_id: str, reason: str) -> Reversal:
    """Return the row that archives a record, or leaves it."""
    is_account = intent.system == "salesforce"
    return Reversal(
        system=intent.system,
        object=intent.object,
        op="archive",
        source_id=record_id,
        target_id=record_id,
        account_id=record_id if is_account else intent.source_id,
        company_id=intent.source_id if is_account else record_id,
        about=(intent.system, record_id),
        key=intent.key,
        reason=reason,
        message=_message(intent, reason) if reason else "",
    )


def _message(intent: Intent, reason: str) -> str:
    """Return why a record that a run made stays."""
    return f"{intent.object} {intent.target_id} stays: {_STAYS[reason]}"


_STAYS = {
    "archive_not_asked": "nobody asked to archive what the run made",
    "not_made_by_it": "the run found it by its key, and did not make it",
    "written_by_another_run": "a run wrote to it that is not undone here",
    "touched_since": "somebody changed it since",
    "merged_since": "it was merged into another record since",
    "has_people": "people belong to it",
    "has_children": "other records have it as their parent",
    "has_opportunities": "it has opportunities, which would go with it",
    "opportunities_unseen": "our login does not see opportunities, and they would go with it",
}
