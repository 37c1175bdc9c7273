"""Postgres: staging tables, plan, ledger, lease, budget. No CRM call and no decision here."""
