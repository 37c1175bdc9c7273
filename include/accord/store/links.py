"""Associations and list members in staging: sets that are replaced, never rows that are updated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    import psycopg

    from accord.store.database import Row
    from accord.store.pages import PageTable

LINK_COLUMNS = ("contact_id", "company_id", "type_ids")
MEMBER_COLUMNS = ("contact_id", "added_at")
ASKED_COLUMNS = ("id",)

PRIMARY = 1
"""Association type contact -> company, "Primary"; 2 in the other direction."""
_TO_CONTACT_SIDE = {2: 1, 280: 279}

Side = Literal["contact_id", "company_id"]
"""Which end of a link the records are whose links were read."""

_LOCK = 7_105_227_613_003


def link_records(rows: Iterable[tuple[str, str, tuple[int, ...]]], *, from_companies: bool) -> Iterator[dict[str, str]]:
    """Yield page records of association rows, with the type ids of the direction contact -> company.

    Args:
        rows: (from, to, type ids); one pair may come several times, once a label (R91).
        from_companies: the rows go from companies to contacts.
    """
    for start, end, types in rows:
        contact, company = (end, start) if from_companies else (start, end)
        turned = sorted({_TO_CONTACT_SIDE.get(one, one) for one in types} if from_companies else set(types))
        yield {"contact_id": contact, "company_id": company, "type_ids": ",".join(map(str, turned))}


def replace_links(
    connection: psycopg.Connection[Row],
    page: PageTable,
    asked: PageTable,
    *,
    side: Side,
    read_at: datetime,
    run_id: str,
) -> int:
    """Make the links of the asked records those of the page; return how many rows are new, different or gone.

    A company is a contact's primary one by association type 1, else, where no type 1 is known of that contact, by its
    `associatedcompanyid` (R91).

    Args:
        connection: within whose transaction this happens.
        page: LINK_COLUMNS, of the asked records only.
        asked: ASKED_COLUMNS, the records whose links were read, also those without any.
        side: which end of a link the asked records are.
        read_at: the server's clock when the reading began.
        run_id: the run that read.
    """
    # Two tasks of a run replace links from both ends; in turn they cannot deadlock.
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    names = {"page": page.identifier, "asked": asked.identifier, "side": sql.Identifier(side)}
    trace = {"read_at": read_at, "run": run_id, "primary": PRIMARY}
    gone = connection.execute(_DROP_LINKS.format(**names), trace).rowcount
    return gone + connection.execute(_PUT_LINKS.format(**names), trace).rowcount


def forget_links(connection: psycopg.Connection[Row], side: Side, ids: Sequence[str]) -> int:
    """Drop the links of records that are nowhere any more; return how many there were."""
    statement = sql.SQL("DELETE FROM staging.hubspot_company_contacts WHERE {} = ANY(%s)").format(sql.Identifier(side))
    return connection.execute(statement, [list(ids)]).rowcount


_DROP_LINKS = sql.SQL(
    "DELETE FROM staging.hubspot_company_contacts link USING (SELECT DISTINCT id FROM {asked}) asked"
    " WHERE link.{side} = asked.id AND link.stamp <= %(read_at)s AND NOT EXISTS (SELECT FROM {page} page"
    "  WHERE page.contact_id = link.contact_id AND page.company_id = link.company_id)"
)

_PUT_LINKS = sql.SQL(
    "WITH rows AS (SELECT contact_id, company_id,"
    "  array_agg(DISTINCT type ORDER BY type) FILTER (WHERE type IS NOT NULL) AS type_ids"
    "  FROM {page} LEFT JOIN LATERAL unnest(string_to_array(nullif(type_ids, ''), ',')::int[]) type ON true"
    "  GROUP BY contact_id, company_id),"
    " told AS (SELECT contact_id FROM rows WHERE %(primary)s = ANY(type_ids) GROUP BY contact_id),"
    " typed AS (SELECT contact_id, company_id, coalesce(type_ids, '{{}}') AS type_ids,"
    "  coalesce(CASE WHEN told.contact_id IS NOT NULL THEN %(primary)s = ANY(type_ids)"
    "  ELSE contact.primary_company_id = company_id END, false) AS is_primary"
    "  FROM rows LEFT JOIN told USING (contact_id)"
    "  LEFT JOIN staging.hubspot_contacts contact ON contact.id = rows.contact_id)"
    " INSERT INTO staging.hubspot_company_contacts AS kept"
    " (contact_id, company_id, type_ids, is_primary, stamp, seen_run, content_hash)"
    " SELECT contact_id, company_id, type_ids, is_primary, %(read_at)s, %(run)s,"
    "  md5((type_ids, is_primary)::text) FROM typed"
    " ON CONFLICT (contact_id, company_id) DO UPDATE SET type_ids = excluded.type_ids,"
    " is_primary = excluded.is_primary, stamp = excluded.stamp, seen_run = excluded.seen_run,"
    " content_hash = excluded.content_hash"
    " WHERE kept.content_hash IS DISTINCT FROM excluded.content_hash AND coalesce(excluded.stamp >= kept.stamp, true)"
)


def replace_members(
    connection: psycopg.Connection[Row], page: PageTable, *, list_id: str, read_at: datetime, run_id: str
) -> int:
    """Make the staged members those of the page (MEMBER_COLUMNS) and of no other list; return how many changed."""
    gone = connection.execute(
        sql.SQL(
            "DELETE FROM staging.hubspot_list_members kept WHERE list_id <> %s"
            " OR NOT EXISTS (SELECT FROM {page} page WHERE page.contact_id = kept.contact_id)"
        ).format(page=page.identifier),
        [list_id],
    ).rowcount
    come = connection.execute(
        sql.SQL(
            "INSERT INTO staging.hubspot_list_members"
            " (list_id, contact_id, added_at, stamp, seen_run, content_hash)"
            " SELECT %(list)s, contact_id, max(staging.moment(added_at)), %(read_at)s, %(run)s, md5(contact_id)"
            " FROM {page} GROUP BY contact_id ON CONFLICT DO NOTHING"
        ).format(page=page.identifier),
        {"list": list_id, "read_at": read_at, "run": run_id},
    ).rowcount
    return gone + come


def forget_members(connection: psycopg.Connection[Row]) -> int:
    """Forget the members of all lists, where the settings name none; return how many there were."""
    return connection.execute("DELETE FROM staging.hubspot_list_members").rowcount
