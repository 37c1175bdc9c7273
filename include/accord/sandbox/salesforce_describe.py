"""What the org says about its objects and fields. Keys are those of recorded answers."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from accord.sandbox.org_schema import PREFIXES, Field
from accord.sandbox.salesforce_rows import sobject_named
from accord.sandbox.salesforce_wire import nothing, reply, root

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.wire import Answer, Call

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "currency": "xsd:double",
    "double": "xsd:double",
    "datetime": "xsd:dateTime",
    "date": "xsd:date",
}
_NO = (
    "aiPredictionField", "autoNumber", "cascadeDelete", "dependentPicklist", "deprecatedAndHidden",
    "displayLocationInDecimal", "encrypted", "formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted",
    "namePointing", "polymorphicForeignKey", "queryByDistance", "restrictedDelete", "writeRequiresMasterRead",
)  # fmt: skip
_NULL = (
    "calculatedFormula", "compoundFieldName", "controllerName", "defaultValueFormula", "extraTypeInfo",
    "filteredLookupInfo", "inlineHelpText", "mask", "maskType", "referenceTargetField", "relationshipOrder",
)  # fmt: skip
_OBJECT_NO = (
    "activateable", "custom", "customSetting", "deepCloneable", "deprecatedAndHidden", "hasSubtypes", "isInterface",
    "isSubtype",
)  # fmt: skip
_OBJECT_YES = (
    "compactLayoutable", "createable", "deletable", "feedEnabled", "layoutable", "mergeable", "mruEnabled",
    "queryable", "replicateable", "retrieveable", "searchLayoutable", "searchable", "triggerable", "undeletable",
    "updateable",
)  # fmt: skip
_OBJECT_NULL = (
    "associateEntityType", "associateParentEntity", "defaultImplementation", "extendedBy", "extendsInterfaces",
    "implementedBy", "implementsInterfaces", "listviewable", "lookupLayoutable", "networkScopeFieldName",
)  # fmt: skip
_ONLY_IN_DESCRIBE = {
    "actionOverrides", "childRelationships", "compactLayoutable", "fields", "listviewable", "lookupLayoutable",
    "namedLayoutInfos", "networkScopeFieldName", "recordTypeInfos", "searchLayoutable", "supportedScopes",
    "sobjectDescribeOption", "defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy",
    "implementsInterfaces",
}  # fmt: skip


def describe_global(crms: Crms, call: Call) -> Answer:
    """Answer `sobjects`: the objects there are."""
    shown = [_brief(name, root(call)) for name in PREFIXES if name in crms.org.tables]
    return _since(crms, call, "", {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown})


def basic(crms: Crms, call: Call) -> Answer:
    """Answer `GET sobjects/<object>`."""
    found = _brief(sobject_named(crms, call.params["sobject"]), root(call))
    return reply({"objectDescribe": found, "recentItems": []})


def describe(crms: Crms, call: Call) -> Answer:
    """Answer `sobjects/<object>/describe`; 304 where the schema is older than If-Modified-Since."""
    sobject = sobject_named(crms, call.params["sobject"])
    is_person = sobject != "Account"
    fields = [_field(field, is_person=is_person) for field in crms.org.visible_fields(sobject).values()]
    return _since(crms, call, sobject, _object(sobject, root(call)) | {"fields": fields})


def _since(crms: Crms, call: Call, name: str, body: dict[str, Any]) -> Answer:
    """Return the body with its date, or 304 where the caller has seen it as it is."""
    fingerprint = hashlib.sha256(repr(body).encode()).hexdigest()[:8]
    known = crms.desk.schema_dates.get(name)
    if known is None or known[0] != fingerprint:
        known = fingerprint, crms.clock.now().astimezone(UTC).replace(microsecond=0)
        crms.desk.schema_dates[name] = known
    since = call.headers.get("if-modified-since")
    answer = nothing(304) if since and _http_time(since) >= known[1] else reply(body)
    answer.headers |= {"ETag": f'"{fingerprint}"', "Last-Modified": format_datetime(known[1], usegmt=True)}
    return answer


def _http_time(text: str) -> datetime:
    """Return the time in an HTTP header; long ago if it is none."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _brief(name: str, version_root: str) -> dict[str, Any]:
    """Return an object as the list of all objects shows it."""
    return {key: value for key, value in _object(name, version_root).items() if key not in _ONLY_IN_DESCRIBE}


def _object(name: str, version_root: str) -> dict[str, Any]:
    """Return an object without its fields."""
    base = f"{version_root}/sobjects/{name}"
    return {
        **dict.fromkeys(_OBJECT_NO, False),
        **dict.fromkeys(_OBJECT_YES, True),
        **dict.fromkeys(_OBJECT_NULL, None),
        "actionOverrides": [],
        "childRelationships": [],
        "fields": [],
        "keyPrefix": PREFIXES[name],
        "label": name,
        "labelPlural": f"{name}s",
        "name": name,
        "namedLayoutInfos": [],
        "sobjectDescribeOption": "FULL",
        "recordTypeInfos": [],
        "supportedScopes": [{"label": f"All {name.lower()}s", "name": "everything"}],
        "urls": {"describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}", "sobject": base},
    }


def _field(field: Field, *, is_person: bool) -> dict[str, Any]:
    """Return one field with every key of a recorded describe."""
    is_long = field.type == "textarea" and field.length > 255
    return {
        **dict.fromkeys(_NO, False),
        **dict.fromkeys(_NULL, None),
        "aggregatable": not is_long and field.type != "boolean",
        "calculated": field.is_formula,
        "byteLength": 18 if field.type in {"id", "reference"} else 3 * field.length,
        "caseSensitive": field.case_sensitive,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": False if field.type == "boolean" else None,
        "defaultedOnCreate": field.is_defaulted,
        "digits": field.digits,
        "externalId": field.external_id,
        "filterable": not is_long,
        "groupable": not is_long and field.type not in {"currency", "double", "datetime"},
        "idLookup": field.type == "id" or field.external_id or (is_person and field.type == "email"),
        "label": field.label or field.name,
        "length": field.length,
        "name": field.name,
        "nameField": field.name == "Name",
        "nillable": field.nillable,
        "permissionable": field.nillable and field.type != "id",
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}
            for value in field.picklist
        ],
        "precision": field.precision,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.is_restricted,
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference",
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": not is_long,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }
