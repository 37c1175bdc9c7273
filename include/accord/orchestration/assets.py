"""The assets Accord reads and publishes, named once; each event carries its counts in `extra`.

As inlets and outlets of the tasks they are the lineage, too: `lineage.py` makes datasets of OpenLineage of them.
"""

from __future__ import annotations

from airflow.sdk import Asset

SALESFORCE = Asset(name="salesforce_records", uri="accord://salesforce/records", group="accord")
HUBSPOT = Asset(name="hubspot_records", uri="accord://hubspot/records", group="accord")
SALESFORCE_STAGED = Asset(name="salesforce_staged", uri="accord://warehouse/staging/salesforce", group="accord")
HUBSPOT_STAGED = Asset(name="hubspot_staged", uri="accord://warehouse/staging/hubspot", group="accord")
PLAN = Asset(name="sync_plan", uri="accord://warehouse/sync/decisions", group="accord")
PAIRS = Asset(name="account_company_pairs", uri="accord://warehouse/sync/pairs", group="accord")
