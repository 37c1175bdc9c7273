"""Every point the vendors leave open, as a switch, and the limits of the two accounts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Switches(BaseModel):
    """How this Salesforce org and this HubSpot portal behave; changed while running through `/_sandbox/switches`."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    # HubSpot
    association_batch_cap: int = 100
    """Inputs of associations batch create and associate/default: 100, or the 2,000 one vendor sends."""
    association_default_makes_primary: bool = True
    """associate/default makes the company primary where the contact has none."""
    associations_in_ten_secondly: bool = False
    """Association batch calls count in the ten-secondly bucket; the specification exempts them."""
    backward_lifecycle: Literal["unchanged", "error"] = "unchanged"
    """A write of an earlier stage answers 200 and keeps the old one, or 400."""
    upsert_needs_trace_ids: bool = True
    """One bad row answers 207 only where each input has its own objectWriteTraceId; else 400. False: always 207."""
    batch_create_status: int = 201
    """Status of batch create; the recorded bodies were served with 200."""
    association_read_empty_status: int = 207
    """Status of an association read in which somebody has no associations; the recorded body was served with 200."""
    second_parent: Literal["replaces", "refused"] = "replaces"
    """A company that has a parent and is given another one: the new one takes its place, or LIMIT_EXCEEDED."""
    parent_moves_stamp: bool = True
    """A changed parent moves the modification time of the child."""
    retry_after: bool = False
    """A 429 says Retry-After."""
    ten_secondly_limit: int = 100
    """Calls in ten seconds; 100, 110, 190 or 250 by tier."""
    secondly_search_limit: int = 5
    """Searches in a second, all object types together."""
    daily_limit: int = 250_000
    """HubSpot calls a day."""
    enforce_rate_limits: bool = True
    """False: buckets are counted and reported, never refused (for measuring CPU)."""
    filter_groups: int = 5
    """Most filterGroups of a search: 5 in the documentation, 6 in the specification."""
    search_lag_seconds: float = 2.0
    """A write shows in search after so long."""
    membership_batch_cap: int = 100
    """Inputs of the read of memberships by record."""
    archived_holds_unique: bool = False
    """The unique value of an archived record stays taken."""
    reverse_results: bool = True
    """Batch answers do not come in input order."""
    stamp_equal_writes: bool = True
    """Writing a value that is there already moves the modification time."""
    strip_domain: bool = True
    """A domain loses scheme, www. and path when it is stored."""
    default_stage: str = "lead"
    """lifecyclestage of a new record that names none."""
    auto_associate_seconds: float | None = None
    """HubSpot's create-and-associate setting acts so long after a contact was made; None: it is off."""
    missing_scopes: tuple[str, ...] = ()
    """Granular scopes the key lacks, such as crm.lists.read."""
    gzip: bool = True
    """Answers are compressed for clients that accept it."""

    # Salesforce
    bulk_charset: bool = False
    """text/csv answers say charset=utf-8."""
    unprocessed_path: Literal["unprocessedrecords", "unprocessedRecords"] = "unprocessedrecords"
    """Letter case of the path of rows a job did not get to."""
    empty_bulk_result: Literal["204", "header"] = "header"
    """A bulk answer without rows is 204, or a CSV of the header alone."""
    bulk_obeys_duplicate_header: bool = True
    """Bulk 2.0 honours Sforce-Duplicate-Rule-Header."""
    same_key_twice: Literal["DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"] = "DUPLICATE_VALUE"
    """Row error for one external id twice in a collection call or a CSV."""
    duplicate_rule: Literal["off", "alert", "block"] = "off"
    """Action of the org's rule against two accounts of one name and website."""
    tiny_jobs_count_as_batch: bool = True
    """A job below 10,000 rows is counted against the 15,000 batches of a day."""
    daily_api_requests: int = 100_000
    """Salesforce calls in 24 hours."""
    bulk_polls: int = 1
    """How often a job says InProgress before it is complete."""
    bulk_chunk_rows: int = 10_000
    """Rows of one internal batch of a bulk job."""
    session_calls: int | None = None
    """A Salesforce session expires after so many calls; None: it lives."""
    sessions_refused: bool = False
    """Every Salesforce session is refused, fresh ones too (401 forever)."""
    consumer_secret: str = ""
    """The only secret the token endpoint takes; empty: any."""
    check_hosts: bool = True
    """Where X-Original-Host says the host: client credentials need the My Domain, API calls the instance's host."""
    instance_host: str = ""
    """Host that a token answer names as instance_url; empty: the host that was asked."""
    query_locators_lost: bool = False
    """Every query locator is refused: the cursor is gone."""
    bulk_seconds: float = 0.0
    """A bulk job takes so long on the virtual clock."""
    bulk_stuck: bool = False
    """Bulk jobs stay InProgress."""
    bulk_fails_after_rows: int | None = None
    """An ingest job fails after so many rows; the rest stays unprocessed. None: it gets through."""
    bulk_time_suffix: Literal["Z", "+0000"] = "Z"
    """How date-times end in bulk CSV."""
    bulk_scientific_numbers: bool = False
    """Bulk CSV shows large decimal numbers as Java does, 9.5E8."""
    result_pages_next: Literal["nextRecordsUrl", "nextRecordUrl"] = "nextRecordsUrl"
    """Name of the key for the next list of bulk result pages."""
    duplicate_result_in_collections: bool = True
    """A duplicate-rule row error of a collection carries duplicateResult where record details are asked for."""
    account_validation_rule: str = ""
    """Accounts whose name holds this text meet FIELD_CUSTOM_VALIDATION_EXCEPTION; empty: no such rule."""

    def patch(self, changes: dict[str, Any]) -> None:
        """Set some switches.

        Raises:
            ValueError: a name is unknown or a value impossible; nothing is changed then.
        """
        checked = type(self).model_validate(self.model_dump() | changes)
        for name in changes:
            setattr(self, name, getattr(checked, name))
