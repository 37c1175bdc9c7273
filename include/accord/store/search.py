"""Records by what a person knows of them: an id, a domain, an e-mail, words of a name. Reads only, through indexes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from accord.model.facts import Record

if TYPE_CHECKING:
    from accord.model.facts import Kind, System
    from accord.store.database import Database, Row

LIMIT = 25
"""Records shown of each kind."""

_WORD = re.compile(r"\w+")
_NAME = "to_tsvector('simple'::regconfig, left(coalesce(name, ''::text), 400))"
# Postgres takes S.A. and B.V. for one word each, so that a whole name is read as Postgres itself reads it.
_WORDS = f"({_NAME} @@ to_tsquery('simple', %(words)s) OR {_NAME} @@ plainto_tsquery('simple', %(text)s))"
_DOMAIN = "domain_key = staging.text_key(staging.host(%(domain)s)) AND domain_key <> -1"
_EMAIL = "email_key = staging.text_key(staging.email(%(email)s)) AND email_key <> -1"
_SIDES: tuple[tuple[System, Kind, str, str], ...] = (
    ("salesforce", "account", "staging.salesforce_accounts", "NOT is_gone AND NOT is_deleted"),
    ("hubspot", "company", "staging.hubspot_companies", "NOT is_gone AND NOT is_archived AND merged_into IS NULL"),
)
_PEOPLE: tuple[tuple[System, Kind, str], ...] = (
    ("salesforce", "contact", "staging.salesforce_contacts"),
    ("salesforce", "lead", "staging.salesforce_leads"),
    ("hubspot", "contact", "staging.hubspot_contacts"),
)
_PAIRS = """
    SELECT account_id, company_id FROM sync.pairs
    WHERE is_active AND (account_id = ANY(%(ids)s) OR company_id = ANY(%(ids)s))
"""


def find(database: Database, text: str) -> list[Record]:
    """Return the records that a text may mean: by e-mail where it has an @, else by domain and by words of the name.

    Words are found by their beginning and in any order; of each kind the first 25. Ids are for `explain.which_record`.
    """
    wanted = text.strip()[:200]
    if "@" in wanted:
        return _people(database, wanted)
    found = _by_domain(database, wanted) if "." in wanted else []
    known = {(it.system, it.id) for it in found}
    return found + [it for it in _by_words(database, wanted) if (it.system, it.id) not in known]


def pairs_of(database: Database, ids: list[str]) -> list[Row]:
    """Return the active pairs that one of these records is in: account_id, company_id."""
    return database.rows(_PAIRS, {"ids": ids})


def _people(database: Database, email: str) -> list[Record]:
    """Return the people with an e-mail."""
    found = []
    for system, kind, table in _PEOPLE:
        select = f"SELECT id, email AS name FROM {table} WHERE {_EMAIL} LIMIT {LIMIT}"  # noqa: S608 - texts of this module
        rows = database.rows(select, {"email": email})
        found += _records(system, kind, rows)
    return found


def _by_domain(database: Database, domain: str) -> list[Record]:
    """Return accounts and companies with a domain."""
    found = []
    for system, kind, table, lives in _SIDES:
        select = f"SELECT id, name FROM {table} WHERE {_DOMAIN} AND {lives} ORDER BY name LIMIT {LIMIT}"  # noqa: S608
        found += _records(system, kind, database.rows(select, {"domain": domain}))
    return found


def _by_words(database: Database, text: str) -> list[Record]:
    """Return accounts and companies whose name has words that begin so."""
    words = " & ".join(f"{word}:*" for word in _WORD.findall(text)[:8])
    if not words:
        return []
    found = []
    for system, kind, table, lives in _SIDES:
        # Not sorted before the limit: a word that half the names have must not fetch them all.
        words_of = f"SELECT id, name FROM {table} WHERE {_WORDS} AND {lives} LIMIT {LIMIT}"  # noqa: S608
        select = f"SELECT * FROM ({words_of}) found ORDER BY name"  # noqa: S608
        with database.transaction() as connection:
            # Postgres cannot know how rare a word is, and would rather read all names than the index of their words.
            connection.execute("SET LOCAL enable_seqscan = off")
            found += _records(system, kind, connection.execute(select, {"words": words, "text": text}).fetchall())
    return found


def _records(system: System, kind: Kind, rows: list[Row]) -> list[Record]:
    """Return rows as records."""
    return [Record(system, kind, row["id"], row["name"] or "") for row in rows]
