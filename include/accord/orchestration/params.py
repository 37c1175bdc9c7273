"""The fields of the forms that start a run by hand."""

from __future__ import annotations

from airflow.sdk import Param

from accord.orchestration.runs import AS_CONFIGURED

MODE = Param(
    AS_CONFIGURED,
    type="string",
    enum=[AS_CONFIGURED, "plan", "apply"],
    title="Mode",
    description="plan: decide and show, write nothing to a CRM. apply: write the plan. "
    "As configured: the setting `mode` of config/accord.yaml.",
)
RECORD_ID = Param(
    "",
    type="string",
    title="Record id",
    description="Id of a HubSpot company (digits) or of a Salesforce account (15 or 18 characters).",
)
SINCE = Param(
    None,
    type=["null", "string"],
    format="date-time",
    title="Created from",
    description="Only for a single run: first moment of CreatedDate, UTC. A backfill fills this in by itself.",
)
UNTIL = Param(
    None,
    type=["null", "string"],
    format="date-time",
    title="Created before",
    description="Only for a single run: first moment that is not imported any more, UTC.",
)
UNDONE_RUN = Param(
    "",
    type="string",
    title="Run to undo",
    description="Id of the run whose writes are put back, such as sync_accounts/scheduled__2026-01-31T08:15:00+00:00; "
    "what stands after the slash, Airflow's own run id, is enough.",
)
ARCHIVE_CREATED = Param(
    False,
    type="boolean",
    title="Archive created records",
    description="Put the records that the run made into the recycle bin, where nobody touched them since. "
    "Off: they stay.",
)
CREATE_PROPERTY = Param(
    False,
    type="boolean",
    title="Create the HubSpot property",
    description="Create the company property `accord_key` where it is missing (needs crm.schemas.companies.write). "
    "Off: only report.",
)
