"""The associations of people with companies that a run made (R13b) or a revert ended, on their way back (R104)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.steps.answers import changed, confirmed
from accord.steps.undo_made import survivors_of
from accord.store.reversals import Reversal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accord.steps.work import Work
    from accord.store.ledger import Intent
    from accord.store.reversals import Written
    from accord.store.settling import Settlement

    Placed = tuple[int, Reversal]
    Link = tuple[str, str]

DEFAULT_TYPES = {1, 279}
"""Labels that HubSpot itself gives an association of a contact with a company: primary, and none."""


def link_reversals(work: Work, written: Sequence[Written]) -> list[Placed]:
    """Return what ends the associations that were made and makes those that were ended, and what stays."""
    first: dict[Link, str] = {}
    last: dict[Link, str] = {}
    place: dict[Link, int] = {}
    rows: dict[Link, Intent] = {}
    for at, (intent, _, is_own) in enumerate(written):
        if intent.op not in {"associate", "dissociate"} or not intent.attempt:
            continue
        link = intent.fields["contact"], intent.fields["company"]
        if is_own:
            first.setdefault(link, intent.op)
            place[link], rows[link] = at, intent
        if link in first:
            last[link] = intent.op
    live = links_now(work, first)
    found = {link: _reversal(rows[link], first[link], last[link], live.get(link, set())) for link in first}
    # What HubSpot does not show may have gone to another company with a merge.
    missed = [link for link in first if found[link] is None and first[link] == "associate" and link not in live]
    for link, survivor in _moved(work, missed).items():
        message = f"association {rows[link].source_id} went to company {survivor} with a merge and stays"
        found[link] = _row(rows[link], "dissociate", "merged_since", message)
    return [(place[link], reversal) for link, reversal in found.items() if reversal is not None]


def _moved(work: Work, links: Sequence[Link]) -> dict[Link, str]:
    """Return the companies that took others in, with the people of these associations."""
    now = survivors_of(work, "hubspot", sorted({company for _, company in links}))
    moved = {link: now[link[1]] for link in links if now.get(link[1], link[1]) != link[1]}
    live = links_now(work, [(contact, survivor) for (contact, _), survivor in moved.items()])
    return {link: survivor for link, survivor in moved.items() if (link[0], survivor) in live}


def links_now(work: Work, links: Iterable[Link]) -> dict[Link, set[int]]:
    """Return the labels of those of these (contact, company) that are associated now; 1,000 contacts a call."""
    wanted = set(links)
    contacts = sorted({contact for contact, _ in wanted})
    if not contacts:
        return {}
    return {
        (contact, company): set(types)
        for page in work.wiring.hubspot.association_rows("contacts", "companies", contacts)
        for contact, company, types in page
        if (contact, company) in wanted
    }


def recheck_links(work: Work, intents: Sequence[Intent]) -> tuple[list[Intent], list[Settlement]]:
    """Return the associations that are still to be ended, and what became of the others."""
    live = links_now(work, [(i.fields["contact"], i.fields["company"]) for i in intents])
    send, settled = [], []
    for intent in intents:
        types = live.get((intent.fields["contact"], intent.fields["company"]), set())
        if not types:
            settled.append(confirmed(work, intent, str(intent.target_id)))
        elif types - DEFAULT_TYPES:
            settled.append(changed(intent, "labelled_since", _labelled(intent), is_skip=True))
        else:
            send.append(intent)
    return send, settled


def _reversal(intent: Intent, first: str, last: str, types: set[int]) -> Reversal | None:
    """Return what brings one association back to what it was before the run, None where it is so."""
    is_made = first == "associate"
    if bool(types) != is_made:
        return None
    reason = message = ""
    if last != first:
        reason, message = "changed_since", f"association {intent.source_id} was {_CHANGED[is_made]} since"
    elif types - DEFAULT_TYPES:
        reason, message = "labelled_since", _labelled(intent)
    return _row(intent, "dissociate" if is_made else "associate", reason, message)


def _row(intent: Intent, op: str, reason: str, message: str) -> Reversal:
    """Return the row of one association."""
    return Reversal(
        system="hubspot",
        object="association",
        op=op,
        source_id=intent.source_id,
        target_id=intent.source_id,
        account_id=intent.account_id,
        company_id=intent.company_id,
        about=("hubspot", intent.fields["company"]),
        fields={"contact": intent.fields["contact"], "company": intent.fields["company"]},
        reason=reason,
        message=message,
    )


_CHANGED = {True: "made again", False: "ended again"}


def _labelled(intent: Intent) -> str:
    """Return that somebody gave an association a label."""
    return f"association {intent.source_id} was given a label since and stays"
