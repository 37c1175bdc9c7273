"""Findings in words: ids, names and one plain sentence each."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

from accord.model.findings import REASONS
from accord.store.native import named_accounts, named_companies

if TYPE_CHECKING:
    import pandas as pd

    from accord.store.database import Database, Row

COLUMNS = (
    "kind", "severity", "rule", "why",
    "account_id", "account", "company_id", "company", "people",
    "other_account_id", "other_account", "other_company_id", "other_company", "other_people", "reason",
)  # fmt: skip
"""Of a told finding, in the order of the CSV."""


def tell_findings(database: Database, findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a dict with COLUMNS for each of the FINDINGS, in their order; what nobody is named for is empty text.

    An account that we cannot see has the id that its company stores, and no name.
    """
    accounts = named_accounts(database, {*findings["account_key"], *findings["other_account_key"]})
    companies = named_companies(database, {*findings["company_key"], *findings["other_company_key"]})
    return [_told(row, accounts, companies) for row in findings.to_dict("records")]


def _told(row: Row, accounts: dict[int, Row], companies: dict[int, Row]) -> dict[str, Any]:
    """Return one finding in words."""
    company = companies.get(row["company_key"], {})
    unseen = {"id": company.get("stored_account_id", ""), "name": ""}
    named = {
        "account": accounts.get(row["account_key"], unseen),
        "company": company,
        "other_account": accounts.get(row["other_account_key"], {}),
        "other_company": companies.get(row["other_company_key"], {}),
    }
    words = {name: _called(record) for name, record in named.items()}
    words |= {name: str(row[name] or "none") for name in ("people", "other_people")}
    told = {name: record.get("name", "") for name, record in named.items()}
    told |= {f"{name}_id": record.get("id", "") for name, record in named.items()}
    told |= {name: row[name] for name in ("kind", "severity", "rule", "reason", "people", "other_people")}
    told["why"] = _sentence(row["reason"], words)
    return {name: told[name] for name in COLUMNS}


def _called(record: Row) -> str:
    """Return a record's name with its id, empty for nobody."""
    name, record_id = record.get("name", ""), record.get("id", "")
    return f"{name} ({record_id})" if name else str(record_id)


def _sentence(reason: str, words: dict[str, str]) -> str:
    """Return why something is a finding; what may be said beside it only where everybody in it is known."""
    it = REASONS[reason]
    is_known = all(words[name] for _, name, _, _ in Formatter().parse(it.beside) if name)
    return it.why.format(**words) + (it.beside.format(**words) if is_known else "")
