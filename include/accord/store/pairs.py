"""Which account and which company are one: unique both ways while active, remembered as broken afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import psycopg

    from accord.store.database import Database, Row


class Pair(NamedTuple):
    """An account and a company that are to be one, and the write that says so, if one does."""

    account_id: str
    company_id: str
    intent_id: UUID | None = None


REVERTED = "reverted by "
"""Begins the reason why a pair ended that somebody undid, and goes on with the run that did it (R104)."""


def record(connection: psycopg.Connection[Row], pairs: Sequence[Pair], run_id: str) -> set[tuple[str, str]]:
    """Return which of the pairs stand now, in the caller's transaction.

    The others do not: one of the two is actively paired with a third record, and the unique indexes let no second pair
    in. Of two pairs that exclude each other the first one stands.
    """
    if not pairs:
        return set()
    asked = _columns(pairs)
    connection.execute(_RECORD, {**asked, "run": run_id, "intents": [pair.intent_id for pair in pairs]})
    return {(row["account_id"], row["company_id"]) for row in connection.execute(_STANDING, asked).fetchall()}


def end(connection: psycopg.Connection[Row], pairs: Sequence[Pair], reason: str) -> int:
    """Return how many active pairs of these records with others were ended, in the caller's transaction.

    A pair whose two records were merged into these two ends with them (R73, R77).
    """
    return connection.execute(_END, {**_columns(pairs), "reason": reason}).rowcount if pairs else 0


def end_dead(connection: psycopg.Connection[Row], pairs: Sequence[Pair]) -> int:
    """Return how many active pairs of these records with a deleted partner were ended, in the caller's transaction.

    A company whose account is gone may be paired with another one (R16, R75).
    """
    return connection.execute(_END_DEAD, _columns(pairs)).rowcount if pairs else 0


def _columns(pairs: Sequence[Pair | tuple[str, str]]) -> dict[str, Any]:
    """Return the pairs as parameters."""
    return {"accounts": [pair[0] for pair in pairs], "companies": [pair[1] for pair in pairs]}


_ASKED = "unnest(%(accounts)s::text[], %(companies)s::text[]) AS asked (account_id, company_id)"
_STANDING = f"""
    SELECT p.account_id, p.company_id FROM sync.pairs p JOIN {_ASKED} USING (account_id, company_id) WHERE p.is_active
"""  # noqa: S608 - a text of this module
_RECORD = """
    INSERT INTO sync.pairs (account_id, company_id, run_id, intent_id)
    SELECT account_id, company_id, %(run)s, intent_id
    FROM unnest(%(accounts)s::text[], %(companies)s::text[], %(intents)s::uuid[])
        WITH ORDINALITY AS asked (account_id, company_id, intent_id, place)
    ORDER BY place
    ON CONFLICT DO NOTHING
"""
_OTHERS_OF_COMPANY = f"""
    SELECT o.id, o.account_id AS other_id FROM {_ASKED} JOIN sync.pairs o
        ON o.is_active AND o.company_id = asked.company_id AND o.account_id <> asked.account_id
"""  # noqa: S608 - a text of this module
_OTHERS_OF_ACCOUNT = f"""
    SELECT o.id, o.company_id AS other_id FROM {_ASKED} JOIN sync.pairs o
        ON o.is_active AND o.account_id = asked.account_id AND o.company_id <> asked.company_id
"""  # noqa: S608 - a text of this module
# Where both records were merged into others, neither id says whose place the new pair takes.
_MERGED_INTO = f"""
    SELECT o.id, o.company_id AS other_id FROM {_ASKED} JOIN losing_accounts a ON a.heir = asked.account_id
        JOIN losing_companies c ON c.heir = asked.company_id
        JOIN sync.pairs o ON o.is_active AND (o.account_id, o.company_id) = (a.id, c.id)
"""  # noqa: S608 - a text of this module
_END = f"""
    WITH RECURSIVE losing_accounts (id, heir) AS (
        SELECT id, master_id FROM staging.salesforce_accounts WHERE master_id = ANY(%(accounts)s)
        UNION SELECT a.id, l.heir FROM losing_accounts l JOIN staging.salesforce_accounts a ON a.master_id = l.id
    ), losing_companies (id, heir) AS (
        SELECT id, merged_into FROM staging.hubspot_companies WHERE merged_into = ANY(%(companies)s)
        UNION SELECT c.id, l.heir FROM losing_companies l JOIN staging.hubspot_companies c ON c.merged_into = l.id
    )
    UPDATE sync.pairs p SET is_active = false, ended_at = now(), ended_reason = %(reason)s
    FROM ({_OTHERS_OF_COMPANY} UNION {_OTHERS_OF_ACCOUNT} UNION {_MERGED_INTO}) others WHERE p.id = others.id
"""  # noqa: S608 - a text of this module
_END_DEAD = f"""
    UPDATE sync.pairs p SET is_active = false, ended_at = now(), ended_reason = 'partner deleted'
    FROM (
        SELECT o.id FROM ({_OTHERS_OF_COMPANY}) o JOIN staging.salesforce_accounts a ON a.id = o.other_id
        WHERE a.is_deleted
        UNION SELECT o.id FROM ({_OTHERS_OF_ACCOUNT}) o JOIN staging.hubspot_companies c ON c.id = o.other_id
        WHERE c.is_archived OR c.merged_into IS NOT NULL
    ) dead WHERE p.id = dead.id
"""  # noqa: S608 - a text of this module


def partners(
    connection: psycopg.Connection[Row], accounts: Sequence[str], companies: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the living active partner of each of these accounts, and of each of these companies, if it has one."""
    found = connection.execute(
        """
        SELECT p.account_id, p.company_id FROM sync.pairs p
        LEFT JOIN staging.salesforce_accounts a ON a.id = p.account_id
        LEFT JOIN staging.hubspot_companies c ON c.id = p.company_id
        WHERE p.is_active AND (p.account_id = ANY(%s) OR p.company_id = ANY(%s))
            AND a.is_deleted IS NOT TRUE AND c.is_archived IS NOT TRUE AND c.merged_into IS NULL
        """,
        (list(accounts), list(companies)),
    ).fetchall()
    return (
        {row["account_id"]: row["company_id"] for row in found},
        {row["company_id"]: row["account_id"] for row in found},
    )


def end_deleted(connection: psycopg.Connection[Row], run_id: str) -> int:
    """Return how many pairs ended because a run decided that one of the two was deleted (R75, R76)."""
    return connection.execute(
        """
        UPDATE sync.pairs p SET is_active = false, ended_at = now(), ended_reason = d.reason
        FROM sync.decisions d
        WHERE p.is_active AND d.run_id = %s AND d.action = 'SKIP'
            AND (d.reason = 'account_deleted' AND p.company_id = d.company_id
                 OR d.reason = 'company_deleted' AND p.account_id = d.account_id)
        """,
        (run_id,),
    ).rowcount


def adopt_known(connection: psycopg.Connection[Row], run_id: str) -> int:
    """Return how many pairs the CRMs already knew and Accord remembers from now on (R21).

    Those are the pairs that have an UPDATE decision, and those whose mapped fields are written. Nothing is written to a
    CRM for remembering them.
    """
    return connection.execute(
        """
        INSERT INTO sync.pairs (account_id, company_id, run_id)
        SELECT account_id, company_id, run_id FROM sync.decisions
        WHERE run_id = %(run)s AND action = 'UPDATE' AND account_id IS NOT NULL AND company_id IS NOT NULL
        UNION
        SELECT f.account_id, f.company_id, f.run_id FROM sync.field_decisions f
        JOIN sync.field_seen s ON s.is_known AND (s.run_id, s.system, s.record_id)
            = (f.run_id, 'salesforce', f.account_id)
        WHERE f.run_id = %(run)s
        ON CONFLICT DO NOTHING
        """,
        {"run": run_id},
    ).rowcount


def rebuild(database: Database, org_id: str, portal_id: str, run_id: str) -> int:
    """Return how many pairs were remembered anew because the key fields of two living records say that they are one.

    For a ledger that was restored from an older backup, or is gone: the records themselves know. A pair that was ended
    stays ended, and where two keys contradict each other nothing is remembered; the rules see the same keys (R21).

    Args:
        database: the warehouse; its staging was read in full just now.
        org_id: the org whose accounts the keys of companies name.
        portal_id: the portal whose companies the keys of accounts name.
        run_id: the run that remembers.
    """
    with database.transaction() as connection:
        return connection.execute(
            _REBUILD, {"company_key": f"sf-{org_id[:15]}-", "account_key": f"hs-{portal_id}-", "run": run_id}
        ).rowcount


# A key of another org or portal is somebody else's word and as good as a contradiction.
_REBUILD = """
    WITH living AS (
        SELECT a.id AS account_id, c.id AS company_id,
               coalesce(a.accord_key = %(account_key)s || c.id, false) AS account_says,
               coalesce(c.accord_key = %(company_key)s || a.id, false) AS company_says,
               a.accord_key IS NULL AS account_is_silent, c.accord_key IS NULL AS company_is_silent
        FROM staging.salesforce_accounts a JOIN staging.hubspot_companies c
            ON c.accord_key = %(company_key)s || a.id OR a.accord_key = %(account_key)s || c.id
        WHERE NOT a.is_deleted AND NOT a.is_gone
            AND NOT c.is_archived AND NOT c.is_gone AND c.merged_into IS NULL
    )
    INSERT INTO sync.pairs (account_id, company_id, run_id)
    SELECT l.account_id, l.company_id, %(run)s FROM living l
    WHERE (account_says OR account_is_silent) AND (company_says OR company_is_silent)
        AND NOT EXISTS (SELECT FROM living o WHERE (o.account_id = l.account_id) <> (o.company_id = l.company_id))
        AND NOT EXISTS (SELECT FROM sync.pairs p WHERE (p.account_id, p.company_id) = (l.account_id, l.company_id))
    ORDER BY l.account_id
    ON CONFLICT DO NOTHING
"""


def count_active(database: Database) -> int:
    """Return how many pairs stand."""
    return int(database.rows("SELECT count(*) AS n FROM sync.pairs WHERE is_active")[0]["n"])


def standing(database: Database, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which of these accounts and companies are active pairs now."""
    found = database.rows(_STANDING, _columns(pairs))
    return {(row["account_id"], row["company_id"]) for row in found}


def made_by(database: Database, run_id: str) -> list[tuple[str, str]]:
    """Return the (account, company) that a run made one and that still are; those that follow a merge are left out."""
    found = database.rows(
        """
        SELECT p.account_id, p.company_id FROM sync.pairs p JOIN sync.intents i ON i.id = p.intent_id
        WHERE p.is_active AND i.run_id = %(run)s AND i.action <> 'RELINK'
        UNION
        SELECT p.account_id, p.company_id FROM sync.pairs p JOIN sync.runs r USING (run_id)
        WHERE p.is_active AND p.run_id = %(run)s AND r.scope ->> 'kind' = 'revert'
        ORDER BY 1, 2
        """,
        {"run": run_id},
    )
    return [(row["account_id"], row["company_id"]) for row in found]


def parted_by(database: Database, run_id: str) -> list[tuple[str, str, bool]]:
    """Return the (account, company) that a revert parted and that are apart since, and whether one has another partner.

    The latter stay apart.
    """
    found = database.rows(
        """
        SELECT DISTINCT p.account_id, p.company_id, EXISTS (SELECT FROM sync.pairs o WHERE o.is_active
            AND (o.account_id = p.account_id OR o.company_id = p.company_id)) AS is_taken
        FROM sync.pairs p WHERE p.ended_reason = %(reason)s AND NOT EXISTS (SELECT FROM sync.pairs o
            WHERE o.is_active AND (o.account_id, o.company_id) = (p.account_id, p.company_id))
        ORDER BY 1, 2
        """,
        {"reason": REVERTED + run_id},
    )
    return [(row["account_id"], row["company_id"], row["is_taken"]) for row in found]


def part(connection: psycopg.Connection[Row], run_id: str) -> int:
    """Return how many pairs a revert has ended by its plan, in the caller's transaction."""
    reason = REVERTED + run_id
    connection.execute(
        """
        UPDATE sync.pairs p SET is_active = false, ended_at = now(), ended_reason = %(reason)s
        FROM sync.reversals v WHERE v.run_id = %(run)s AND v.op = 'unpair' AND v.reason = '' AND p.is_active
            AND (p.account_id, p.company_id) = (v.account_id, v.company_id)
        """,
        {"run": run_id, "reason": reason},
    )
    found = connection.execute("SELECT count(*) AS n FROM sync.pairs WHERE ended_reason = %s", (reason,)).fetchone()
    return int(found["n"]) if found else 0


def rejoin(connection: psycopg.Connection[Row], run_id: str) -> int:
    """Return how many pairs a revert of a revert has made anew by its plan, in the caller's transaction."""
    return connection.execute(
        """
        INSERT INTO sync.pairs (account_id, company_id, run_id)
        SELECT account_id, company_id, run_id FROM sync.reversals WHERE run_id = %s AND op = 'pair' AND reason = ''
        ON CONFLICT DO NOTHING
        """,
        (run_id,),
    ).rowcount
