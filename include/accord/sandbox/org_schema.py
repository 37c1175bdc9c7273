"""Fields of the Salesforce objects, with the limits a real describe shows."""

from __future__ import annotations

from dataclasses import dataclass

PREFIXES = {
    **{"Account": "001", "Contact": "003", "User": "005", "Opportunity": "006", "Lead": "00Q"},
    **{"AccountHistory": "017"},
}
INDUSTRIES = (
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
    "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance", "Food & Beverage",
    "Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media", "Not For Profit",
    "Other", "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation", "Utilities",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object, as describe tells it; changes of a tracked one of Account are kept as AccountHistory."""

    name: str
    type: str = "string"
    length: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    picklist: tuple[str, ...] = ()
    is_restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    label: str = ""
    digits: int = 0
    precision: int = 0
    scale: int = 0
    is_defaulted: bool = False
    is_tracked: bool = False
    is_formula: bool = False

    @property
    def custom(self) -> bool:
        """Return whether an admin made the field."""
        return self.name.endswith("__c")


def _system(sobject: str) -> list[Field]:
    """Return the fields every object has, none of them writable."""

    def fixed(name: str, kind: str, length: int = 0, **more: object) -> Field:
        return Field(name, kind, length, createable=False, updateable=False, **more)  # type: ignore[arg-type]

    fields = [
        fixed("Id", "id", 18, nillable=False, is_defaulted=True),
        fixed("CreatedDate", "datetime", nillable=False, is_defaulted=True),
        fixed("CreatedById", "reference", 18, nillable=False, reference_to=("User",), relationship="CreatedBy"),
        fixed("LastModifiedDate", "datetime", nillable=False, is_defaulted=True),
        fixed(
            "LastModifiedById", "reference", 18, nillable=False, reference_to=("User",), relationship="LastModifiedBy"
        ),
        fixed("SystemModstamp", "datetime", nillable=False, is_defaulted=True),
    ]
    if sobject != "User":
        fields.append(fixed("IsDeleted", "boolean", nillable=False, is_defaulted=True))
        fields.append(fixed("MasterRecordId", "reference", 18, reference_to=(sobject,), relationship="MasterRecord"))
        fields.append(
            Field("OwnerId", "reference", 18, False, reference_to=("User",), relationship="Owner", is_defaulted=True)
        )
    return fields


def _address(prefix: str) -> list[Field]:
    """Return the parts of an address, with the lengths of the real describe."""
    return [
        Field(f"{prefix}Street", "textarea", 255),
        Field(f"{prefix}City", length=40),
        Field(f"{prefix}State", length=80),
        Field(f"{prefix}PostalCode", length=20),
        Field(f"{prefix}Country", length=80),
    ]


def _own(sobject: str) -> list[Field]:
    """Return an object's own standard fields."""
    person = [Field("FirstName", length=40), Field("LastName", length=80, nillable=False), Field("Email", "email", 80)]
    full_name = Field("Name", length=121, nillable=False, createable=False, updateable=False)
    match sobject:
        case "Account":
            return [
                Field("Name", length=255, nillable=False, label="Account Name"),
                Field("Type", "picklist", 40, picklist=("Prospect", "Customer", "Partner", "Other")),
                Field("ParentId", "reference", 18, reference_to=("Account",), relationship="Parent"),
                *_address("Billing"),
                *_address("Shipping"),
                Field("Phone", "phone", 40),
                Field("Fax", "phone", 40),
                Field("AccountNumber", length=40),
                Field("Website", "url", 255),
                Field("Industry", "picklist", 40, picklist=INDUSTRIES),
                Field("AnnualRevenue", "currency", precision=18),
                Field("NumberOfEmployees", "int", digits=8),
                Field("Description", "textarea", 32_000),
                Field("Site", length=80),
                Field("IsPersonAccount", "boolean", 0, False, createable=False, updateable=False, is_defaulted=True),
            ]
        case "Contact":
            account = Field("AccountId", "reference", 18, reference_to=("Account",), relationship="Account")
            return [account, *person, full_name, Field("Phone", "phone", 40), Field("Title", length=128)]
        case "Opportunity":
            account = Field("AccountId", "reference", 18, reference_to=("Account",), relationship="Account")
            return [account, Field("Name", length=120, nillable=False)]
        case "Lead":
            converted = [
                Field(f"Converted{it}Id", "reference", 18, createable=False, updateable=False, reference_to=(it,))
                for it in ("Account", "Contact")
            ]
            flag = Field("IsConverted", "boolean", 0, False, updateable=False, is_defaulted=True)
            company = Field("Company", length=255, nillable=False)
            when = Field("ConvertedDate", "date", createable=False, updateable=False)
            status = Field("Status", "picklist", 255, False, picklist=("Open", "Qualified"), is_defaulted=True)
            return [*person, full_name, company, Field("Website", "url", 255), status, flag, when, *converted]
        case _:
            active = Field("IsActive", "boolean", 0, False, is_defaulted=True)
            return [Field("Username", length=80, nillable=False), *person, full_name, active]


def _history() -> list[Field]:
    """Return the fields of AccountHistory: one row per change of a tracked field, which nobody can write."""
    known: dict[str, tuple[str, int]] = {"Id": ("id", 18), "AccountId": ("reference", 18), "Field": ("picklist", 255)}
    known |= dict.fromkeys(("OldValue", "NewValue"), ("string", 255))
    known |= {"CreatedById": ("reference", 18), "CreatedDate": ("datetime", 0), "IsDeleted": ("boolean", 0)}
    return [Field(name, *kind, createable=False, updateable=False) for name, kind in known.items()]


def standard_fields(sobject: str) -> dict[str, Field]:
    """Return the fields of an object by name, before any admin added one."""
    if sobject == "AccountHistory":
        return {field.name: field for field in _history()}
    return {field.name: field for field in [*_system(sobject), *_own(sobject)]}


ACCORD_KEY = Field("Accord_Key__c", length=64, external_id=True, unique=True, case_sensitive=True, label="Accord key")
"""The key field that an admin adds so that Accord may create."""
