"""The settings of `config/accord.yaml`: one frozen tree, unknown keys refused, every field with meaning, unit and rule.

Secrets are not settings: they live in Airflow connections only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import yaml
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from accord.model.errors import BadSettings
from accord.model.policy import DEFAULT_STAGES, Policy

FieldRuleName = Literal["prefer_salesforce", "always_salesforce", "two_way", "dont_sync"]
FieldKind = Literal["text", "number", "boolean", "date", "datetime", "picklist", "owner"]


class _Strict(BaseModel):
    """A model that refuses keys it does not know and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FieldRule(_Strict):
    """One mapped field (R62-R72)."""

    salesforce: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")
    """API name of the Account field."""
    hubspot: str = Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")
    """Internal name of the company property."""
    rule: FieldRuleName = "prefer_salesforce"
    """Which side wins (R62-R67)."""
    kind: FieldKind = "text"
    """What the value is; decides how it is compared and written (R71, R72)."""
    values: dict[str, str] = {}
    """Picklist: Salesforce value -> HubSpot value. A value that is not listed goes over as it is."""

    @property
    def name(self) -> str:
        """Return the name this rule has in plans and reports."""
        return self.hubspot


DEFAULT_FIELDS = (
    FieldRule(salesforce="Name", hubspot="name"),
    FieldRule(salesforce="Website", hubspot="website"),
    FieldRule(salesforce="Phone", hubspot="phone"),
    FieldRule(salesforce="BillingStreet", hubspot="address"),
    FieldRule(salesforce="BillingCity", hubspot="city"),
    FieldRule(salesforce="BillingState", hubspot="state"),
    FieldRule(salesforce="BillingPostalCode", hubspot="zip"),
    FieldRule(salesforce="BillingCountry", hubspot="country"),
    FieldRule(salesforce="NumberOfEmployees", hubspot="numberofemployees", kind="number"),
    FieldRule(salesforce="AnnualRevenue", hubspot="annualrevenue", kind="number"),
    FieldRule(salesforce="Description", hubspot="description"),
)


class Caps(_Strict):
    """Blast radius: what one run may do before a person is asked."""

    max_creates: int = Field(25, ge=0)
    """Creations in one plan, both sides together; above it all of them are held (R96)."""
    max_changed_share: float = Field(1.0, gt=0, le=1)
    """Share of the live records of a CRM that one plan may write; above it creations are held (R97). 1 = no cap."""
    min_extract_share: float = Field(0.7, ge=0, le=1)
    """A full extract below this share of the last good count stops the run before any write."""


class Budget(_Strict):
    """API calls Accord may spend (R95)."""

    salesforce_calls_a_day: int = Field(50_000, ge=0)
    """Salesforce calls in any 24 hours."""
    salesforce_reserve: int = Field(5_000, ge=0)
    """Stop when the org itself has fewer calls left than this, whoever spent them."""
    hubspot_calls_a_day: int = Field(100_000, ge=0)
    """HubSpot calls a day."""
    hubspot_reserve: int = Field(10_000, ge=0)
    """Stop when the portal itself has fewer calls left than this."""
    hubspot_calls_in_10_seconds: int = Field(100, ge=1)
    """Burst limit of the key: 100 (Free, Starter), 190 (Professional, Enterprise), 250 with the add-on."""
    hubspot_searches_a_second: int = Field(5, ge=1)
    """Search has a bucket of its own, for the whole portal."""


class Wire(_Strict):
    """How the CRMs are spoken to."""

    salesforce_api_version: str = Field("66.0", pattern=r"^\d{2}\.0$")
    """REST version."""
    hubspot_api_version: Literal["v3", "2026-03", "2026-09"] = "v3"
    """`v3` is what the client speaks; a dated one rewrites the paths (v3 ends in September 2027)."""
    connect_timeout_seconds: float = Field(5, gt=0)
    """Time to open a connection."""
    read_timeout_seconds: float = Field(120, gt=0)
    """Longest silence within an answer."""
    salesforce_overlap_minutes: int = Field(15, ge=0)
    """The next extract begins this long before the last one did: the longest Salesforce transaction is 10 minutes."""
    hubspot_overlap_minutes: int = Field(60, ge=0)
    """The same for HubSpot, whose search index lags."""
    salesforce_bulk_rows: int = Field(2_000, ge=1)
    """From this many rows on, writes go through Bulk 2.0."""


class Settings(_Strict):
    """Everything a team decides about Accord, reviewed in a pull request."""

    sync_companies: bool = False
    """The master switch (R1, R2)."""
    mode: Literal["plan", "apply"] = "plan"
    """`plan` writes nothing to a CRM (R94)."""
    enabled_at: datetime | None = None
    """When the switch was last turned on, UTC; empty: the moment Accord first saw it on (R3)."""
    default_object: Literal["Contact", "Lead"] = "Contact"
    """What new HubSpot people become in Salesforce (R31)."""
    inclusion_list: str | None = Field(None, validation_alias=AliasChoices("inclusion_list", "inclusion_segment"))
    """Id or name of the HubSpot contact list whose members may sync; empty: no list (R33, R39, R40)."""
    no_list_means: Literal["nobody_listed", "everybody_listed"] = "nobody_listed"
    """How the list criterion reads without a list (U4b)."""
    strict_projection: bool = False
    """The list criterion also asks that the person would not become a lead (U4a)."""
    pipeline_user: str | None = None
    """Salesforce id of the integration user, whose own edits are no changes (R10); empty: the user that logs in."""
    backfill_companies: bool = False
    """Companies older than the switch may become accounts (R43)."""
    auto_created_labels: tuple[str, ...] = ("CRM_SETTING",)
    """Values of hs_object_source_label that mean: made by the create-and-associate setting (U13)."""
    auto_created_sources: tuple[str, ...] = ("AUTO_ASSOCIATE_BY_DOMAIN",)
    """Values of hs_object_source that mean the same."""
    on_tie: Literal["review", "oldest", "create"] = "review"
    """What to do with several equally strong companies (R18, U1)."""
    recreate_deleted: bool = False
    """A deleted partner may be created anew by the ordinary rules (U9)."""
    attach_private_contacts: bool = True
    """Private contacts get the account that was created for their company (R41)."""
    associate_contacts: bool = True
    """People without any company get the company of their account (R13b)."""
    min_shared_contacts: int = Field(1, ge=1)
    """People a match needs (U17)."""
    stage_order: tuple[str, ...] = DEFAULT_STAGES
    """Lifecycle stages from first to last; empty: the portal's own option order (R61)."""
    fields: tuple[FieldRule, ...] = DEFAULT_FIELDS
    """The mapped fields (R62-R72)."""
    caps: Caps = Caps()
    budget: Budget = Budget()
    wire: Wire = Wire()

    @field_validator("enabled_at", mode="before")
    @classmethod
    def _utc(cls, value: object) -> object:
        """Read a date or a time without zone as UTC."""
        moment = datetime.fromisoformat(str(value)) if value is not None else None
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment

    @model_validator(mode="after")
    def _no_field_twice(self) -> Settings:
        """Refuse a field or property that is mapped twice (R72)."""
        for side in ("salesforce", "hubspot"):
            names = [getattr(rule, side).lower() for rule in self.fields]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"fields: {', '.join(twice)} mapped twice on the {side} side; keep one mapping (R72)")
        return self

    def policy(
        self, enabled_at: datetime, *, stage_order: tuple[str, ...] = (), stage_baseline_exists: bool = True
    ) -> Policy:
        """Return what the rules need of these settings.

        Args:
            enabled_at: when the switch was last turned on.
            stage_order: the portal's own order, used where the settings name none.
            stage_baseline_exists: False on the first run after the switch-on (R60).
        """
        return Policy(
            sync_companies=self.sync_companies,
            enabled_at=enabled_at,
            default_object=self.default_object,
            has_inclusion_list=self.inclusion_list is not None,
            no_list_means=self.no_list_means,
            strict_projection=self.strict_projection,
            backfill_companies=self.backfill_companies,
            on_tie=self.on_tie,
            recreate_deleted=self.recreate_deleted,
            attach_private_contacts=self.attach_private_contacts,
            associate_contacts=self.associate_contacts,
            min_shared_contacts=self.min_shared_contacts,
            max_creates=self.caps.max_creates,
            max_changed_share=self.caps.max_changed_share,
            stage_order=self.stage_order or stage_order or DEFAULT_STAGES,
            stage_baseline_exists=stage_baseline_exists,
        )


def load_settings(path: Path) -> Settings:
    """Return the settings in a YAML file.

    Raises:
        BadSettings: the file is missing, is no YAML mapping, or a key is unknown or impossible; names file and key.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise BadSettings(f"{path}: cannot be read as YAML: {problem}") from problem
    if not isinstance(raw, dict | None):
        raise BadSettings(f"{path}: expected a mapping of settings, found {type(raw).__name__}")
    return parse_settings(raw or {}, str(path))


def parse_settings(raw: dict[str, object], where: str) -> Settings:
    """Return the settings in a mapping.

    Raises:
        BadSettings: a key is unknown or a value impossible; every problem is listed with its place.
    """
    try:
        return Settings.model_validate(raw)
    except ValidationError as problem:
        lines = [f"{'.'.join(map(str, e['loc']))}: {_advice(e['type'], e['msg'])}" for e in problem.errors()]
        raise BadSettings(f"{where}: {'; '.join(lines)}") from None


def _advice(kind: str, message: str) -> str:
    """Return pydantic's message, said plainly where it is about an unknown key."""
    return "no such setting; see config/accord.yaml for the ones there are" if kind == "extra_forbidden" else message
