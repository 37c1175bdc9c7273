"""The sandbox's own verdict: which records are paired, and what no pipeline may ever do to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from accord.model.ids import parse_account_origin_key, parse_company_origin_key, salesforce_id

if TYPE_CHECKING:
    from accord.sandbox.core import Crms


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be: `what` says which law, `ids` the records."""

    what: str
    ids: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the violation for JSON."""
        return asdict(self)


def pairs(crms: Crms) -> set[tuple[str, str]]:
    """Return (account, company) of every pair that a live record of either side names by key or stored id."""
    named = set()
    for rid, company in crms.portal.tables["companies"].live.items():
        key = parse_company_origin_key(company.get("accord_key", ""))
        if key is not None and key.origin == crms.org.org_id[:15]:
            named.add((key.record_id, rid))
        elif "salesforceaccountid" in company:
            named.add((_full(company["salesforceaccountid"]), rid))
    for account in crms.org.rows("Account"):
        key = parse_account_origin_key(account.get("Accord_Key__c", ""))
        if key is not None and key.origin == crms.portal.portal_id:
            named.add((account["Id"], crms.portal.tables["companies"].resolve(key.record_id)))
    return named


def made_pairs(crms: Crms) -> set[tuple[str, str]]:
    """Return the pairs for which the pipeline wrote a key on either side."""
    touched = {
        entry.id for entry in crms.journal.by("pipeline") if {"accord_key", "Accord_Key__c"} & entry.after.keys()
    }
    return {(account, company) for account, company in pairs(crms) if touched & {account, company}}


def violations(crms: Crms) -> list[Violation]:
    """Return every law that the pipeline's writes broke: one account, one company; true partners; no twins.

    Records that share a company or account before the pipeline touched them, or because people merged what it had
    paired apart, are not held against it.
    """
    made = made_pairs(crms)
    found = []
    for side, what in ((0, "account paired twice"), (1, "company paired twice")):
        partners: dict[str, set[str]] = {}
        for pair in made:
            partners.setdefault(pair[side], set()).add(pair[1 - side])
        found += [
            Violation(what, (rid, *sorted(mates)))
            for rid, mates in sorted(partners.items())
            if len(mates) > 1 and not _merged_since(crms, {rid, *mates})
        ]
    truths, firms = crms.org.truth, crms.portal.truth
    for account, company in sorted(made):
        if account in truths and company in firms and truths[account] != firms[company]:
            found.append(Violation("paired with the wrong organisation", (account, company)))
    return found + _twins(crms)


def _merged_since(crms: Crms, ids: set[str]) -> bool:
    """Return whether a person made one company of several after the pipeline wrote the last key among these records."""
    merged = written = 0
    for entry in crms.journal.entries:
        if entry.op == "merge" and entry.object == "companies" and entry.id in ids:
            merged = entry.seq
        elif entry.caller == "pipeline" and entry.id in ids and {"accord_key", "Accord_Key__c"} & entry.after.keys():
            written = entry.seq
    return merged > written


def _twins(crms: Crms) -> list[Violation]:
    """Return what the pipeline created twice for one record of the other side."""
    origins: dict[str, list[str]] = {}
    for entry in crms.journal.by("pipeline"):
        key = entry.after.get("accord_key") or entry.after.get("Accord_Key__c")
        if entry.op == "create" and entry.object in {"companies", "Account"}:
            origins.setdefault(str(key), []).append(entry.id)
    return [
        Violation("created without a key" if key == "None" else "twin created", tuple(ids))
        for key, ids in sorted(origins.items())
        if len(ids) > 1 or key == "None"
    ]


def summary(crms: Crms) -> dict[str, Any]:
    """Return the counts of both CRMs, of the pipeline's writes, and the violations."""
    org, portal = crms.org, crms.portal
    writes = Counter(f"{entry.system}.{entry.object}.{entry.op}" for entry in crms.journal.by("pipeline"))
    return {
        "salesforce": {
            "org_id": org.org_id,
            "calls_used": org.calls_used,
            **{
                name.lower() + "s": {
                    "live": sum(not row["IsDeleted"] for row in table.values()),
                    "deleted": sum(row["IsDeleted"] for row in table.values()),
                }
                for name, table in org.tables.items()
            },
        },
        "hubspot": {
            "portal_id": portal.portal_id,
            "calls_used": portal.calls_used,
            **{
                kind: {"live": len(table.live), "archived": len(table.bin), "merged_away": len(table.merged_into)}
                for kind, table in portal.tables.items()
            },
            "lists": {it.name: len(it.members) for it in portal.lists.by_id.values()},
        },
        "pairs": len(pairs(crms)),
        "pairs_by_pipeline": len(made_pairs(crms)),
        "pipeline_writes": dict(sorted(writes.items())),
        "violations": [it.as_json() for it in violations(crms)],
        "journal": len(crms.journal.entries),
        "now": crms.clock.now().isoformat(),
    }


def _full(text: str) -> str:
    """Return the 18-character form of an id, or the text itself where it is none."""
    try:
        return salesforce_id(text)
    except ValueError:
        return text
