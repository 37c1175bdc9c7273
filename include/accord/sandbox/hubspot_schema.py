"""Properties, owners and account info of HubSpot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accord.sandbox import hubspot_answers as answers
from accord.sandbox.clock import hubspot_time
from accord.sandbox.portal_checks import Problem
from accord.sandbox.portal_schema import NAMES, Option, Property
from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from accord.sandbox.core import Crms

_TYPES = frozenset({"string", "number", "datetime", "date", "enumeration", "bool"})
_MOST_UNIQUE = 10


def list_properties(crms: Crms, call: Call) -> Answer:
    """Answer every property of an object type."""
    kind = answers.kind_of(call.params["object_type"])
    return Answer.json({"results": [_shown(it) for it in crms.portal.properties[kind].values()]})


def read_property(crms: Crms, call: Call) -> Answer:
    """Answer one property."""
    kind, name = answers.kind_of(call.params["object_type"]), call.params["name"]
    spec = crms.portal.properties[kind].get(name)
    if spec is None:
        raise answers.refuse(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND")
    return Answer.json(_shown(spec))


def create_property(crms: Crms, call: Call) -> Answer:
    """Make a property; whether its values are unique is settled for ever here."""
    kind, body = answers.kind_of(call.params["object_type"]), answers.body_of(call)
    for name in ("name", "label", "groupName", "type", "fieldType"):
        if not body.get(name):
            raise answers.refuse(400, f"Invalid input JSON: {name} is required")
    if body["type"] not in _TYPES:
        raise answers.refuse(400, f"Invalid property type {body['type']}")
    if body["groupName"] != f"{NAMES[kind]}information":
        raise answers.refuse(400, f"Property group {body['groupName']} does not exist")
    unique = [it for it in crms.portal.properties[kind].values() if it.has_unique_value]
    if body.get("hasUniqueValue") and len(unique) >= _MOST_UNIQUE:
        raise answers.refuse(400, f"An object type has at most {_MOST_UNIQUE} unique properties")
    try:
        crms.portal.define(kind, _parsed(body))
    except Problem as problem:
        raise answers.refused(problem) from None
    return Answer.json(_shown(crms.portal.properties[kind][body["name"]]), 201)


def list_owners(crms: Crms, call: Call) -> Answer:
    """Answer the owners, one page of up to 500, all of them or those with one e-mail."""
    limit, after, email = answers.number_of(call, "limit", 100, 500), int(call.arg("after", "0")), call.arg("email")
    rows = [it for it in crms.portal.owners if not email or it["email"] == email]
    body: answers.Json = {"results": rows[after : after + limit]}
    if after + limit < len(rows):
        body["paging"] = answers.next_page(call, str(after + limit))
    return Answer.json(body)


def details(crms: Crms, _: Call) -> Answer:
    """Answer the account's id and settings."""
    return Answer.json(
        {
            "portalId": int(crms.portal.portal_id),
            "accountType": "STANDARD",
            "timeZone": "Etc/UTC",
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": "+00:00",
            "utcOffsetMilliseconds": 0,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        }
    )


def daily_usage(crms: Crms, _: Call) -> Answer:
    """Answer the calls of the day; they are counted until midnight of the account's time zone."""
    now = crms.clock.now()
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": crms.switches.daily_limit,
        "currentUsage": crms.portal.calls_used,
        "collectedAt": hubspot_time(now),
        "fetchStatus": "CACHED",
        "resetsAt": hubspot_time(midnight),
    }
    return Answer.json({"results": [row]})


def _parsed(body: answers.Json) -> Property:
    """Return the property a body describes."""
    options = tuple(
        Option(str(it["value"]), str(it.get("label", it["value"])), int(it.get("displayOrder", n)))
        for n, it in enumerate(body.get("options") or [])
    )
    return Property(
        str(body["name"]),
        str(body["label"]),
        str(body["type"]),
        str(body["fieldType"]),
        str(body["groupName"]),
        str(body.get("description") or ""),
        options,
        has_unique_value=bool(body.get("hasUniqueValue")),
        is_form_field=bool(body.get("formField")),
        is_hubspot_defined=False,
    )


def _shown(it: Property) -> answers.Json:
    """Return a property as the API shows it; two keys are there only where they say something."""
    own: answers.Json = {"hubspotDefined": True} if it.is_hubspot_defined else {}
    if it.refers_to:
        own["referencedObjectType"] = it.refers_to
    return {
        "updatedAt": it.updated_at,
        "createdAt": it.created_at,
        "name": it.name,
        "label": it.label or it.name,
        "type": it.type,
        "fieldType": it.field_type,
        "description": it.description,
        "groupName": it.group,
        "options": [_option(each) for each in it.options],
        "displayOrder": -1,
        "calculated": it.is_calculated,
        "externalOptions": bool(it.refers_to),
        "archived": False,
        "hasUniqueValue": it.has_unique_value,
        "hidden": it.is_hidden,
        **own,
        "modificationMetadata": {
            "archivable": True,
            "readOnlyDefinition": it.is_hubspot_defined,
            "readOnlyValue": it.is_read_only,
        },
        "formField": it.is_form_field,
        "dataSensitivity": "non_sensitive",
    }


def _option(it: Option) -> answers.Json:
    """Return a choice as the API shows it."""
    return {
        "label": it.label,
        "value": it.value,
        "description": it.description,
        "displayOrder": it.order,
        "hidden": it.is_hidden,
    }
