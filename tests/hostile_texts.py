"""Texts that attack whoever shows them, and a warehouse in which every free text is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord.store.database import Database

MARK = "xqzx"
EVIL = f"""{MARK}"'><img src=x onerror={MARK}()><svg/onload={MARK}()></td></table><script>{MARK}()</script>{{{{1234*1000}}}}"""
_TEXTS = (
    ("staging.salesforce_contacts", "email"),
    ("staging.hubspot_contacts", "email"),
    ("staging.hubspot_companies", "domain"),
    ("sync.runs", "note"),
    ("sync.settings_history", "by"),
    ("sync.intents", "error_code"),
    ("sync.intents", "error_text"),
    ("sync.outcomes", "code"),
    ("sync.outcomes", "message"),
    ("sync.outcomes", "family"),
    ("sync.reviews", "answered_by"),
    ("sync.decisions", "value"),
    ("sync.decisions", "warnings"),
)
"""Filled from what CRMs, people at both logins and the pipeline's own memory say."""


def poison(database: Database) -> None:
    """Put into the warehouse what a CRM without the sandbox's checks would have brought."""
    with database.transaction() as connection:
        for table, column in _TEXTS:
            connection.execute(f"UPDATE {table} SET {column} = %s", [EVIL])
        connection.execute("UPDATE sync.intents SET state = 'rejected' WHERE op = 'create'")
        connection.execute(
            "INSERT INTO sync.field_decisions (run_id, account_id, company_id, name, side, value, before, rule, held)"
            " SELECT run_id, account_id, company_id, %(evil)s, 'hubspot', %(evil)s, %(evil)s, 'R62', %(evil)s"
            " FROM sync.decisions WHERE action = 'LINK' ON CONFLICT DO NOTHING",
            {"evil": EVIL},
        )
