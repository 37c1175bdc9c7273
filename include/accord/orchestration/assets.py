"""The assets Accord publishes, named once; each event carries its counts in `extra`."""

from __future__ import annotations

from airflow.sdk import Asset

SALESFORCE_STAGED = Asset(name="salesforce_staged", uri="accord://warehouse/staging/salesforce", group="accord")
HUBSPOT_STAGED = Asset(name="hubspot_staged", uri="accord://warehouse/staging/hubspot", group="accord")
PLAN = Asset(name="sync_plan", uri="accord://warehouse/sync/decisions", group="accord")
PAIRS = Asset(name="account_company_pairs", uri="accord://warehouse/sync/pairs", group="accord")
