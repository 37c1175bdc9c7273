"""Finds what a lost answer may have made: by its unique key, and where that was cleared, by name and domain.

A search index lags behind the writes it is asked about: it is asked only after its lag, and not at all in a portal
that fits on one page of a list, which never lags.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from accord.steps.hubspot_list import SEARCH_LAG
from accord.steps.payload import host
from accord.store import pairs, watermarks
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from uuid import UUID

    from accord.steps.work import Work
    from accord.store.ledger import Intent, System

    Row = Mapping[str, Any]

_SKEW = timedelta(minutes=15)
"""A record may seem older than the write that made it, by as much as the clocks differ."""
_LISTED = 100
"""Most companies of a portal that is listed: one call, as a search would be, and nothing to wait for."""
_COMPANIES = "hubspot.companies"
_MERGED = "hs_merged_object_ids"
_TELLING = (COMPANY_KEY, "createdate", _MERGED)
"""What tells whether a company that carries a key was made with it."""
_SHOWN = (*_TELLING, "name", "domain", "website", "salesforceaccountid")
"""The same, and what a look-alike is known by."""


@dataclass(frozen=True)
class Found:
    """A record that carries a key.

    Attributes:
        record_id: its id.
        is_deleted: it is in the recycle bin.
        made_at: when it was created, UTC; None: not said.
        took_in: others were merged into it, and the key may have come with them.
    """

    record_id: str
    is_deleted: bool
    made_at: datetime | None
    took_in: bool = False

    def is_made_by(self, intent: Intent) -> bool:
        """Return whether a create made it, as far as can be told: it came to be after that was sent, and by itself."""
        since = (intent.sent_at or datetime.max.replace(tzinfo=UTC)) - _SKEW
        return not self.took_in and (self.made_at is None or self.made_at >= since)


def listed(work: Work, system: System) -> list[Row] | None:
    """Return the living companies of a portal of which one call shows all; None: it has more, or this is Salesforce."""
    if system != "hubspot":
        return None
    known = watermarks.read_mark(work.wiring.database, _COMPANIES)
    if max(known.row_count if known else 0, pairs.count_active(work.wiring.database)) > _LISTED:
        return None
    return [record for page in work.wiring.hubspot.list_pages("companies", _SHOWN) for record in page]


def by_key(work: Work, system: System, keys: Sequence[str], shown: Sequence[Row] | None = None) -> dict[str, Found]:
    """Return the record that carries each origin key (R101), living before deleted ones; absent where none does.

    Args:
        work: ready clients.
        system: of the records.
        keys: looked for.
        shown: what `listed` returned, if it was asked.
    """
    return _companies_by_key(work, keys, shown) if system == "hubspot" else _accounts_by_key(work, keys)


def twins_of(work: Work, intents: Sequence[Intent], shown: Sequence[Row] | None) -> dict[UUID, list[str]]:
    """Return per create the living records without a key that look like it and were made since it was sent.

    Same name and same domain. Where several creates look alike, each gets all their twins, and a person decides.

    Args:
        work: ready clients.
        intents: creates of one system whose key was found nowhere.
        shown: what `listed` returned.
    """
    twins: dict[UUID, list[str]] = {intent.id: [] for intent in intents}
    if not intents:
        return twins
    since = min(intent.sent_at or work.now for intent in intents) - _SKEW
    fresh = _new_companies(work, since, shown) if intents[0].system == "hubspot" else _new_accounts(work, since)
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record_id, name, domain in _unpaired(work, list(fresh), intents[0].system):
        alike[_natural(name, domain)].append(record_id)
    wanted: dict[tuple[str, str], list[Intent]] = defaultdict(list)
    for intent in intents:
        wanted[_natural(*_said(intent))].append(intent)
    for natural, wishes in wanted.items():
        # One twin for two creates is as undecided as two twins for one.
        candidates = alike[natural] * (2 if len(wishes) > 1 and len(alike[natural]) == 1 else 1)
        twins |= {intent.id: candidates for intent in wishes}
    return twins


def _companies_by_key(work: Work, keys: Sequence[str], shown: Sequence[Row] | None) -> dict[str, Found]:
    """Return the companies that carry these keys; the recycle bin is read only for keys that no living one has.

    The bin is listed, because it is not known whether a unique value still names a company in it.
    """
    if shown is None:
        answered = work.wiring.hubspot.batch_read("companies", keys, _TELLING, id_property=COMPANY_KEY)
        shown = list(answered.values())
    found = _carrying(set(keys), shown, is_deleted=False)
    missing = set(keys) - found.keys()
    return found | (_companies_in_bin(work, missing) if missing else {})


def _companies_in_bin(work: Work, keys: AbstractSet[str]) -> dict[str, Found]:
    """Return the archived companies that carry these keys."""
    pages = work.wiring.hubspot.list_pages("companies", _TELLING, archived=True)
    return _carrying(keys, (record for page in pages for record in page), is_deleted=True)


def _carrying(keys: AbstractSet[str], records: Iterable[Row], *, is_deleted: bool) -> dict[str, Found]:
    """Return those of some companies that carry one of the keys, by it."""
    carried = ((record["properties"].get(COMPANY_KEY), record) for record in records)
    return {
        key: Found(str(it["id"]), is_deleted, made_at(it), took_in=bool(it["properties"].get(_MERGED)))
        for key, it in carried
        if key in keys
    }


def made_at(company: Row) -> datetime | None:
    """Return when a company was created, UTC; None: the answer does not say."""
    said = company["properties"].get("createdate") or company.get("createdAt")
    return moment(str(said)) if said else None


def _accounts_by_key(work: Work, keys: Sequence[str]) -> dict[str, Found]:
    """Return the accounts that carry these keys."""
    rows = work.wiring.salesforce.read("Account", ACCOUNT_KEY, keys, ["Id", "IsDeleted", "CreatedDate", ACCOUNT_KEY])
    rows.sort(key=lambda row: not row["IsDeleted"])
    return {row[ACCOUNT_KEY]: _account(row) for row in rows}


def _account(row: Mapping[str, Any]) -> Found:
    """Return an account that was found by its key; one that took in others keeps its own."""
    made = row.get("CreatedDate")
    return Found(row["Id"], bool(row["IsDeleted"]), moment(str(made)) if made else None)


def _new_companies(work: Work, since: datetime, shown: Sequence[Row] | None) -> Iterator[tuple[str, str, str]]:
    """Yield (id, name, domain) of the living companies made since a moment that carry no key and no account id."""
    for record in _made_since(work, since) if shown is None else shown:
        values: Mapping[str, Any] = record["properties"]
        is_taken = values.get(COMPANY_KEY) or values.get("salesforceaccountid")
        made = made_at(record)
        if not is_taken and made and made >= since:
            yield str(record["id"]), values.get("name") or "", values.get("domain") or values.get("website") or ""


def _made_since(work: Work, since: datetime) -> Iterator[Row]:
    """Yield the living companies made since a moment that carry no key, once the search index shows them.

    It is one call: a restart that listed thousands of companies for each batch would cost more than the run it ends.
    """
    work.wiring.clock.sleep(SEARCH_LAG.total_seconds())
    for page in work.wiring.hubspot.made_without("companies", _SHOWN, without=COMPANY_KEY, since=since):
        yield from page


def _new_accounts(work: Work, since: datetime) -> Iterator[tuple[str, str, str]]:
    """Yield (id, name, website) of the living accounts made since a moment that carry no key."""
    soql = (
        f"SELECT Id, Name, Website, IsDeleted FROM Account WHERE {ACCOUNT_KEY} = null "  # noqa: S608 - no text of a CRM
        f"AND CreatedDate >= {since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z} ORDER BY Id"
    )
    for page in work.wiring.salesforce.query_pages(soql):
        yield from ((row["Id"], row["Name"] or "", row["Website"] or "") for row in page if not row["IsDeleted"])


def _unpaired(work: Work, fresh: Sequence[tuple[str, str, str]], system: System) -> list[tuple[str, str, str]]:
    """Return the records that have no partner in Accord's own table."""
    ids = [record_id for record_id, _, _ in fresh]
    with work.wiring.database.transaction() as connection:
        company_of, account_of = pairs.partners(
            connection, ids if system == "salesforce" else [], ids if system == "hubspot" else []
        )
    taken = account_of if system == "hubspot" else company_of
    return [record for record in fresh if record[0] not in taken]


def _said(intent: Intent) -> tuple[str, str]:
    """Return the name and domain that a create was sent with."""
    if intent.system == "salesforce":
        return str(intent.fields.get("Name") or ""), str(intent.fields.get("Website") or "")
    fields = intent.fields
    return str(fields.get("name") or ""), str(fields.get("domain") or fields.get("website") or "")


def _natural(name: str, domain: str) -> tuple[str, str]:
    """Return name and host folded, as they are compared."""
    return " ".join(name.lower().split()), host(domain) or ""


def moment(text: str) -> datetime:
    """Return a HubSpot time, UTC: from ISO text, or from epoch milliseconds."""
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
