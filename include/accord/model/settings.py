"""The settings of `config/accord.yaml`: one frozen tree, unknown keys refused, every field with meaning, unit and rule.

The docstring under a setting is the one source of its meaning: it stands behind the setting in `config/accord.yaml` and
in `accord settings`. Secrets are not settings: they live in Airflow connections only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from pydantic import AliasChoices, Field, ValidationError, field_validator, model_validator

from accord.model.alert_settings import Alerts
from accord.model.errors import BadSettings
from accord.model.field_map import DEFAULT_FIELDS, FieldKind, FieldRule, FieldRuleName, mapped_twice
from accord.model.policy import DEFAULT_STAGES, Policy
from accord.model.settings_errors import explain
from accord.model.strict import Strict
from accord.model.yaml_mapping import Mapping, read_mapping

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "DEFAULT_FIELDS",
    "Alerts",
    "Budget",
    "Caps",
    "FieldKind",
    "FieldRule",
    "FieldRuleName",
    "Settings",
    "Wire",
    "load_settings",
    "parse_settings",
    "problems_of",
]


class Caps(Strict):
    """Blast radius: what one run may do before a person is asked."""

    max_creates: int = Field(25, ge=0)
    """Creations in one plan; above it all of them wait for an approval (R96)."""
    max_changed_share: float = Field(1.0, gt=0, le=1)
    """Share of live records in one plan; above it creations wait; 1.0: no cap (R97)."""
    min_extract_share: float = Field(0.7, ge=0, le=1)
    """Share of the last count; a full extract below it stops the run."""


class Budget(Strict):
    """API calls Accord may spend."""

    salesforce_calls_a_day: int = Field(50_000, ge=0)
    """Salesforce calls in any 24 hours (R95)."""
    salesforce_reserve: int = Field(5_000, ge=0)
    """Stop when the org has fewer calls left, whoever spent them (R95)."""
    hubspot_calls_a_day: int = Field(100_000, ge=0)
    """HubSpot calls a day (R95)."""
    hubspot_reserve: int = Field(10_000, ge=0)
    """Stop when the portal has fewer calls left, whoever spent them (R95)."""
    hubspot_calls_in_10_seconds: int = Field(100, ge=1)
    """Calls in 10 seconds: 100 Free, Starter; 190 Professional, Enterprise; 250 add-on."""
    hubspot_searches_a_second: int = Field(5, ge=1)
    """Searches a second; the whole portal shares them."""


class Wire(Strict):
    """How the CRMs are spoken to."""

    salesforce_api_version: str = Field("66.0", pattern=r"^\d{2}\.0$")
    """Version of the REST API, in quotes."""
    hubspot_api_version: Literal["v3", "2026-03", "2026-09"] = "v3"
    """v3, 2026-03 or 2026-09; v3 ends in September 2027."""
    connect_timeout_seconds: float = Field(5.0, gt=0)
    """Seconds to open a connection."""
    read_timeout_seconds: float = Field(120.0, gt=0)
    """Seconds of silence within an answer."""
    salesforce_overlap_minutes: int = Field(15, ge=0)
    """Minutes that an extract reads again; the longest Salesforce transaction is 10."""
    hubspot_overlap_minutes: int = Field(60, ge=0)
    """Minutes that an extract reads again; HubSpot's search index lags."""
    salesforce_bulk_rows: int = Field(2_000, ge=1)
    """Rows from which on full reads and writes go through Bulk 2.0."""


class Settings(Strict):
    """Everything a team decides about Accord, reviewed in a pull request."""

    sync_companies: bool = False
    """The master switch; off: nothing is read, decided or written (R1, R2)."""
    mode: Literal["plan", "apply"] = "plan"
    """plan: decide and show, write to no CRM. apply: write (R94)."""
    enabled_at: datetime | None = None
    """Last time the switch was turned on, UTC; null: when first seen on (R3, R7)."""

    default_object: Literal["Contact", "Lead"] = "Contact"
    """What new HubSpot people become in Salesforce: Contact or Lead (R31)."""
    inclusion_list: str | None = Field(None, validation_alias=AliasChoices("inclusion_list", "inclusion_segment"))
    """Id or name of the HubSpot contact list; null: no list (R33, R39, R40)."""
    no_list_means: Literal["nobody_listed", "everybody_listed"] = "nobody_listed"
    """Without a list: nobody_listed or everybody_listed (R40, U4b)."""
    strict_projection: bool = False
    """On the list is not enough where the person would become a lead (R33, U4a)."""
    pipeline_user: str | None = None
    """Salesforce id of the integration user; null: the user that logs in (R10)."""
    backfill_companies: bool = False
    """Companies older than the switch may become accounts (R43, U5)."""
    auto_created_labels: tuple[str, ...] = ("CRM_SETTING",)
    """hs_object_source_label of companies that HubSpot makes by itself (R31, U13)."""
    auto_created_sources: tuple[str, ...] = ("AUTO_ASSOCIATE_BY_DOMAIN",)
    """The same of hs_object_source (R31, U13)."""
    recreate_deleted: bool = False
    """What was deleted on purpose may be created anew (R75, R76, U9)."""

    min_shared_contacts: int = Field(1, ge=1)
    """People that an account and a company must share to match (R14, U17)."""
    on_tie: Literal["review", "oldest", "create"] = "review"
    """Several equally strong companies: review, oldest, or create a new one (R18, U1)."""

    attach_private_contacts: bool = True
    """Private contacts get the account that was made for their company (R41, U6)."""
    associate_contacts: bool = True
    """People without any company get the company of their account (R13b)."""
    stage_order: tuple[str, ...] = DEFAULT_STAGES
    """Lifecycle stages from first to last; empty: in the portal's own order (R54, R61)."""

    fields: tuple[FieldRule, ...] = DEFAULT_FIELDS
    """The field map: which goes with which, and who wins (R62-R72)."""
    caps: Caps = Caps()
    budget: Budget = Budget()
    wire: Wire = Wire()
    alerts: Alerts = Alerts()

    @field_validator("enabled_at", mode="before")
    @classmethod
    def _utc(cls, value: object) -> object:
        """Read a date or a time without zone as UTC."""
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise ValueError(f"{value} is no date: write 2026-01-31 or 2026-01-31T08:00:00Z") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @field_validator("inclusion_list", mode="before")
    @classmethod
    def _list_id(cls, value: object) -> object:
        """Take the id of a list without quotes, too."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _says_one_thing(self) -> Settings:
        """Refuse a field, a property or a stage that stands there twice (R61, R72)."""
        problems = mapped_twice(self.fields)
        twice = sorted({stage for stage in self.stage_order if self.stage_order.count(stage) > 1})
        if twice:
            problems.append(f"stage_order: {', '.join(twice)} stands there twice; each stage has one rank (R61)")
        if problems:
            raise ValueError("; ".join(problems))
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
    """Return the settings in a YAML file; an empty one holds the defaults.

    Raises:
        BadSettings: the file is missing, is no YAML mapping, or a key is unknown, impossible or there twice; names
            file, line and key.
    """
    return _parsed(read_mapping(path), str(path))


def parse_settings(raw: dict[str, object], where: str) -> Settings:
    """Return the settings in a mapping.

    Raises:
        BadSettings: a key is unknown or a value impossible; every problem is listed with its place.
    """
    return _parsed(Mapping(raw), where)


def problems_of(path: Path) -> list[str]:
    """Return what is wrong with a settings file, each with its line and what to do; empty when it is fine."""
    try:
        found = read_mapping(path)
        Settings.model_validate(found.values)
    except BadSettings as problem:
        return [str(problem)]
    except ValidationError as problem:
        return _said(problem, found)
    return []


def _parsed(found: Mapping, where: str) -> Settings:
    """Return the settings, or raise BadSettings with every problem."""
    try:
        return Settings.model_validate(found.values)
    except ValidationError as problem:
        raise BadSettings(f"{where}: {'; '.join(_said(problem, found))}") from None


def _said(problem: ValidationError, found: Mapping) -> list[str]:
    """Return every mistake in the order of the file, with its line where that is known, and what to do."""
    lines = [(found.line(error["loc"]) or 0, explain(error, Settings)) for error in problem.errors()]
    return [f"line {line}: {said}" if line else said for line, said in sorted(lines, key=itemgetter(0))]
