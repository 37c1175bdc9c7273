"""What follows a write that made a pair: the other record's key, and the people that come with it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.ids import account_origin_key, company_origin_key
from accord.store.ledger import UNDO, Intent
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from accord.steps.work import Work
    from accord.store.ledger import Op

THEN = "then"
"""In the values before a write that empties a field: what the write that follows it puts there."""
_FILLED_BY: dict[str, Op] = {"unstage": "stage", "unparent": "parent"}


def pair_of(intent: Intent, target_id: str) -> tuple[str, str] | None:
    """Return the (account, company) that a confirmed write made one, None where it made no pair."""
    if intent.action == UNDO:
        return None
    if intent.op == "create":
        return (intent.source_id, target_id) if intent.system == "hubspot" else (target_id, intent.source_id)
    if intent.op == "restamp" and intent.follows is None:
        return str(intent.account_id), str(intent.company_id)
    return None


def follow_ups(work: Work, intent: Intent, target_id: str) -> tuple[Intent, ...]:
    """Return the writes that a confirmed write makes possible: it made a pair, or emptied a field to be filled."""
    if intent.op in _FILLED_BY and THEN in (intent.before or {}):
        return (_filled(intent),)
    pair = pair_of(intent, target_id)
    if pair is None:
        return ()
    account_id, company_id = pair
    stamp = _company_stamp if (intent.system, intent.op) == ("salesforce", "create") else _account_stamp
    return (*stamp(work, intent, account_id, company_id), *_people(intent, account_id, company_id))


def _filled(intent: Intent) -> Intent:
    """Return the write that puts the earlier value where a write of a revert has emptied a stage or a parent.

    It follows that write, so that no later plan gives it up half way.
    """
    [name] = intent.fields
    return _following(
        intent,
        system=intent.system,
        object=intent.object,
        op=_FILLED_BY[intent.op],
        source_id=intent.source_id,
        target_id=intent.target_id,
        account_id=intent.account_id,
        company_id=intent.company_id,
        fields={name: (intent.before or {})[THEN]},
        before={name: None},
    )


def restamp(intent: Intent, target_id: str) -> Intent:
    """Return the write that gives a record we made, and whose key somebody cleared, its key back (F7)."""
    field = COMPANY_KEY if intent.system == "hubspot" else ACCOUNT_KEY
    return _following(
        intent,
        system=intent.system,
        object=intent.object,
        op="restamp",
        source_id=target_id,
        target_id=target_id,
        key=intent.key,
        fields={field: intent.key},
        before={field: ""},
    )


def _account_stamp(work: Work, intent: Intent, account_id: str, company_id: str) -> tuple[Intent, ...]:
    """Return the stamp of the account with its company's key."""
    wanted = account_origin_key(work.wiring.portal_id, company_id)
    before = (intent.before or {}).get(ACCOUNT_KEY) or ""
    if before == wanted or "salesforce" not in work.key_fields:
        return ()
    return (
        _following(
            intent,
            system="salesforce",
            object="account",
            op="restamp",
            source_id=account_id,
            target_id=account_id,
            key=wanted,
            account_id=account_id,
            company_id=company_id,
            fields={ACCOUNT_KEY: wanted},
            before={ACCOUNT_KEY: before},
        ),
    )


def _company_stamp(work: Work, intent: Intent, account_id: str, company_id: str) -> tuple[Intent, ...]:
    """Return the stamp of the company with its account's key."""
    wanted = company_origin_key(work.wiring.org_id, account_id)
    before = (intent.before or {}).get(COMPANY_KEY) or ""
    if before == wanted or "hubspot" not in work.key_fields:
        return ()
    return (
        _following(
            intent,
            system="hubspot",
            object="company",
            op="restamp",
            source_id=company_id,
            target_id=company_id,
            key=wanted,
            account_id=account_id,
            company_id=company_id,
            fields={COMPANY_KEY: wanted},
            before={COMPANY_KEY: before},
        ),
    )


def _people(intent: Intent, account_id: str, company_id: str) -> list[Intent]:
    """Return the attaches (R41) and associations (R13b) of a new pair."""
    pair = {"account_id": account_id, "company_id": company_id}
    return [
        _following(
            intent,
            system="salesforce",
            object="contact",
            op="attach",
            source_id=contact_id,
            target_id=contact_id,
            fields={"AccountId": account_id},
            before={"AccountId": None},
            **pair,
        )
        if role == "attach"
        else _following(
            intent,
            system="hubspot",
            object="association",
            op="associate",
            source_id=f"{contact_id}:{company_id}",
            fields={"contact": contact_id, "company": company_id},
            **pair,
        )
        for role, contact_id in intent.people
    ]


def _following(intent: Intent, **known: Any) -> Intent:
    """Return an intent of the same plan that completes another one."""
    return Intent(plan_hash=intent.plan_hash, run_id=intent.run_id, action=intent.action, follows=intent.id, **known)
