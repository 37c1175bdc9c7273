"""What a reader is warned of beside a decision: look-alikes, deleted partners, doubtful e-mails, people left behind."""

from __future__ import annotations

import re
from collections.abc import Iterable

from oracle.creation import is_private
from oracle.pairs import Pairs
from oracle.people import Identity, folded, stored_records
from oracle.reading import Decision, Record, World


def with_warnings(
    world: World, pairs: Pairs, people: dict[str, dict[str, bool]], who: dict[str, Identity], rows: list[Decision]
) -> list[Decision]:
    """Return the rows of accounts and companies with their warnings (R15, R25, R41, R75, R76, R86)."""
    shadows, ambiguous = _doubtful(world, who)
    attached = {contact for row in rows for contact in row.get("attach", [])}
    done = []
    for row in rows:
        creates, target = row["do"].startswith("CREATE_"), row["target"]
        warnings = _look_alikes(world, row) if creates else set()
        if creates and target in pairs.company_deleted | pairs.account_deleted:
            warnings.add("was_deleted")
        if row["do"] in ("LINK", "REVIEW", "CREATE_COMPANY"):
            warnings |= {"shadow_contact"} if target in shadows else set()
            warnings |= {"ambiguous_email"} if target in ambiguous else set()
        if row["do"] == "CREATE_ACCOUNT" and row["reason"] == "private_contact":
            private = {who[h].record for h in people.get(target, {}) if is_private(world, who[h])}
            if world.settings["attach_private_contacts"] and private - attached:
                warnings.add("private_contact_not_attached")
        plain = {name: value for name, value in row.items() if name != "warn"}
        done.append(plain | ({"warn": sorted(warnings)} if warnings else {}))
    return done


def _look_alikes(world: World, row: Decision) -> set[str]:
    """Same web host, or else same name, as a living record on the other side (R15)."""
    mine: Record = world.accounts.get(row["target"]) or world.companies[row["target"]]
    others: Iterable[Record] = [world.companies[k] for k in world.live_companies()]
    if row["do"] == "CREATE_ACCOUNT":
        others = [world.accounts[a] for a in world.live_accounts()]
    if _host(mine) and any(_host(other) == _host(mine) for other in others):
        return {"same_domain_exists"}
    return {"same_name_exists"} if _name(mine) and any(_name(it) == _name(mine) for it in others) else set()


def _host(record: Record) -> str:
    address = (record.get("Website") or record.get("domain") or record.get("website") or "").strip().lower()
    return re.split(r"[/:?#]", address.split("//")[-1].removeprefix("www."))[0]


def _name(record: Record) -> str:
    return " ".join((record.get("Name") or record.get("name") or "").lower().split())


def _doubtful(world: World, who: dict[str, Identity]) -> tuple[set[str], set[str]]:
    """Accounts with a contact whose e-mail is somebody else's by id (R25), or could not tell several apart (R86).

    A contact that is paired by the e-mail all the same is evidence, so it is neither.
    """
    taken = {record for kind, record in stored_records(world) if kind == "contact"}
    taken |= {it.record for it in who.values() if it.kind == "contact"}
    free = [p for p, record in world.sf_contacts.items() if not record.get("Deleted") and p not in taken]
    by_id = [(h, it) for h, it in who.items() if it.kind == "contact" and it.mark == "id"]
    known = {folded(world.hs_contacts[h].get("email")) for h, _ in by_id}
    known |= {folded(world.sf_contacts[it.record].get("Email")) for _, it in by_id}
    emails = [folded(world.sf_contacts[p].get("Email")) for p in free]
    asking = {
        folded(world.hs_contacts[h].get("email"))
        for h in who
        if not world.hs_contacts[h].get("sfc") and not world.hs_contacts[h].get("sfl")
    }
    several = {email for email in asking if emails.count(email) > 1}
    return _accounts_of(world, free, known - {""}), _accounts_of(world, free, several - {""})


def _accounts_of(world: World, contacts: list[str], emails: set[str]) -> set[str]:
    """The accounts of those of the contacts who have one of the e-mails."""
    found = [world.sf_contacts[p] for p in contacts if folded(world.sf_contacts[p].get("Email")) in emails]
    return {world.account(record["AccountId"])[1] for record in found if record.get("AccountId")}
