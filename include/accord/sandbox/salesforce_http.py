"""The Salesforce side of the sandbox: every address it answers, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sandbox import (
    bulk_ingest,
    bulk_query,
    salesforce_about,
    salesforce_collections,
    salesforce_describe,
    salesforce_login,
    salesforce_query,
    salesforce_records,
)
from accord.sandbox.salesforce_composite import Composite
from accord.sandbox.salesforce_errors import not_found
from accord.sandbox.salesforce_wire import ROOT, refusing, reply
from accord.sandbox.wire import Answer, Call, Route, Service

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.salesforce_wire import Handler


def _route(method: str, path: str, handler: Handler) -> Route:
    """Return a route below the version root whose refusals are answers."""
    return Route(method, f"{ROOT}/{path}" if path else ROOT, refusing(handler))


_SOBJECT, _RECORD, _KEY = "sobjects/{sobject}", "sobjects/{sobject}/{rid}", "sobjects/{sobject}/{field}/{value:path}"
_COLLECTION, _QUERY_JOB, _INGEST_JOB = "composite/sobjects", "jobs/query/{job}", "jobs/ingest/{job}"

_PARTS = (
    _route("GET", "query", salesforce_query.query),
    _route("GET", "queryAll", salesforce_query.query),
    _route("GET", "query/{locator}", salesforce_query.query_more),
    _route("GET", "queryAll/{locator}", salesforce_query.query_more),
    _route("GET", "limits", salesforce_about.limits),
    _route("GET", "limits/recordCount", salesforce_about.record_count),
    _route("GET", "sobjects", salesforce_describe.describe_global),
    _route("GET", _SOBJECT, salesforce_describe.basic),
    _route("POST", _SOBJECT, salesforce_records.create),
    _route("GET", f"{_SOBJECT}/describe", salesforce_describe.describe),
    _route("GET", f"{_SOBJECT}/deleted", salesforce_records.deleted),
    _route("GET", f"{_SOBJECT}/updated", salesforce_records.updated),
    _route("GET", _RECORD, salesforce_records.read),
    _route("PATCH", _RECORD, salesforce_records.update),
    _route("DELETE", _RECORD, salesforce_records.delete),
    _route("GET", _KEY, salesforce_records.read_by_key),
    _route("PATCH", _KEY, salesforce_records.upsert_by_key),
    _route("POST", _COLLECTION, salesforce_collections.create),
    _route("PATCH", _COLLECTION, salesforce_collections.update),
    _route("DELETE", _COLLECTION, salesforce_collections.delete),
    _route("GET", f"{_COLLECTION}/{{sobject}}", salesforce_collections.retrieve),
    _route("POST", f"{_COLLECTION}/{{sobject}}", salesforce_collections.retrieve),
    _route("PATCH", f"{_COLLECTION}/{{sobject}}/{{field}}", salesforce_collections.upsert),
)

_ROUTES = (
    Route("POST", "/services/oauth2/token", salesforce_login.token),
    Route("GET", "/services/oauth2/userinfo", salesforce_login.userinfo),
    Route("GET", "/services/data", salesforce_about.versions),
    _route("GET", "", salesforce_about.resources),
    *_PARTS,
    _route("POST", "composite", Composite(_PARTS)),
    _route("POST", "jobs/query", bulk_query.create),
    _route("GET", "jobs/query", bulk_query.show_all),
    _route("GET", _QUERY_JOB, bulk_query.show),
    _route("PATCH", _QUERY_JOB, bulk_query.abort),
    _route("DELETE", _QUERY_JOB, bulk_query.delete),
    _route("GET", f"{_QUERY_JOB}/results", bulk_query.results),
    _route("GET", f"{_QUERY_JOB}/resultPages", bulk_query.result_pages),
    _route("POST", "jobs/ingest", bulk_ingest.create),
    _route("GET", "jobs/ingest", bulk_ingest.show_all),
    _route("GET", _INGEST_JOB, bulk_ingest.show),
    _route("PATCH", _INGEST_JOB, bulk_ingest.change),
    _route("DELETE", _INGEST_JOB, bulk_ingest.delete),
    _route("PUT", f"{_INGEST_JOB}/batches", bulk_ingest.upload),
    _route("GET", f"{_INGEST_JOB}/{{kind}}", bulk_ingest.results),
)


def _not_found(_crms: Crms, _call: Call) -> Answer:
    """Return the answer to an address that is none."""
    return reply(not_found().body(), 404)


SERVICE = Service(
    crm="salesforce",
    prefixes=("/services/",),
    routes=_ROUTES,
    guard=salesforce_login.guard,
    finish=salesforce_login.finish,
    not_found=_not_found,
)
"""What the server mounts."""
