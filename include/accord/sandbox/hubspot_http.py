"""Every path HubSpot answers here. v3, v4 and the dated spellings lead to the same functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from accord.sandbox import hubspot_answers as answers
from accord.sandbox import hubspot_associations as associations
from accord.sandbox import hubspot_batch as batch
from accord.sandbox import hubspot_families as families
from accord.sandbox import hubspot_lists as lists
from accord.sandbox import hubspot_objects as objects
from accord.sandbox import hubspot_schema as schema
from accord.sandbox.hubspot_limits import finish, guard
from accord.sandbox.hubspot_search import search
from accord.sandbox.wire import Answer, Call, Route, Service

if TYPE_CHECKING:
    from accord.sandbox.core import Crms

_OBJECTS, _LINKS = "/crm/v3/objects/{object_type}", "/crm/v4/associations/{from_type}/{to_type}/batch"
_FAMILY = "/crm/v4/associations/companies/companies/batch"
_LIST = "/crm/v3/lists/{list_id}"
_ONE_LINK = _OBJECTS + "/{record_id}/associations"
_DATE = r"20\d\d-\d\d"
_SPELLINGS = (
    (re.compile(rf"^/crm/objects/{_DATE}(?=/)"), "/crm/v3/objects"),
    (re.compile(r"^/crm/v4/objects(?=/)"), "/crm/v3/objects"),
    (re.compile(rf"^/crm/associations/{_DATE}(?=/)"), "/crm/v4/associations"),
    (re.compile(rf"^/crm/(lists|properties|owners)/{_DATE}(?=/|$)"), r"/crm/v3/\1"),
    (re.compile(rf"^/account-info/{_DATE}(?=/)"), "/account-info/v3"),
)


def _one_spelling(path: str) -> str:
    """Return a path as v3 and v4 spell it."""
    path = path.rstrip("/")
    for pattern, spelling in _SPELLINGS:
        path = pattern.sub(spelling, path)
    return path


def _not_found(_: Crms, call: Call) -> Answer:
    """Answer a path that is not here."""
    return answers.error(404, f"No resource answers {call.method} {call.path}", "OBJECT_NOT_FOUND")


ROUTES = (
    Route("GET", _OBJECTS, objects.list_page),
    Route("POST", _OBJECTS, objects.create),
    Route("POST", f"{_OBJECTS}/search", search),
    Route("POST", f"{_OBJECTS}/batch/read", batch.read),
    Route("POST", f"{_OBJECTS}/batch/create", batch.create),
    Route("POST", f"{_OBJECTS}/batch/update", batch.update),
    Route("POST", f"{_OBJECTS}/batch/upsert", batch.upsert),
    Route("POST", f"{_OBJECTS}/batch/archive", batch.archive),
    Route("POST", f"{_OBJECTS}/merge", objects.merge),
    Route("POST", "/crm/v3/objects/contacts/gdpr-delete", objects.gdpr_delete),
    Route("GET", f"{_OBJECTS}/{{record_id}}", objects.read_one),
    Route("PATCH", f"{_OBJECTS}/{{record_id}}", objects.update),
    Route("DELETE", f"{_OBJECTS}/{{record_id}}", objects.archive),
    Route("GET", f"{_ONE_LINK}/{{to_type}}", associations.read_one),
    Route("PUT", f"{_ONE_LINK}/default/{{to_type}}/{{to_id}}", associations.single_default),
    Route("POST", f"{_FAMILY}/read", families.batch_read),
    Route("POST", f"{_FAMILY}/create", families.batch_create),
    Route("POST", f"{_FAMILY}/archive", families.batch_archive),
    Route("POST", f"{_FAMILY}/labels/archive", families.batch_archive_labels),
    Route("POST", f"{_LINKS}/read", associations.batch_read),
    Route("POST", f"{_LINKS}/create", associations.batch_create),
    Route("POST", f"{_LINKS}/associate/default", associations.batch_default),
    Route("POST", f"{_LINKS}/archive", associations.batch_archive),
    Route("POST", f"{_LINKS}/labels/archive", associations.batch_archive_labels),
    Route("POST", "/crm/v3/lists", lists.create),
    Route("POST", "/crm/v3/lists/search", lists.search),
    Route("POST", "/crm/v3/lists/records/memberships/batch/read", lists.of_records),
    Route("GET", "/crm/v3/lists/object-type-id/{type_id}/name/{name}", lists.read_by_name),
    Route("GET", _LIST, lists.read),
    Route("GET", f"{_LIST}/memberships", lists.by_id),
    Route("GET", f"{_LIST}/memberships/join-order", lists.by_join_order),
    Route("PUT", f"{_LIST}/memberships/add", lists.change),
    Route("PUT", f"{_LIST}/memberships/remove", lists.change),
    Route("PUT", f"{_LIST}/memberships/add-and-remove", lists.change),
    Route("GET", "/crm/v3/properties/{object_type}", schema.list_properties),
    Route("POST", "/crm/v3/properties/{object_type}", schema.create_property),
    Route("GET", "/crm/v3/properties/{object_type}/{name}", schema.read_property),
    Route("GET", "/crm/v3/owners", schema.list_owners),
    Route("GET", "/account-info/v3/details", schema.details),
    Route("GET", "/account-info/v3/api-usage/daily/private-apps", schema.daily_usage),
)
SERVICE = Service("hubspot", ("/crm/", "/account-info/"), ROUTES, guard, finish, _not_found, _one_spelling)
