"""Calls that only `accord conformance` makes: the bare answer to a write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from accord.crm.answers import Refused
from accord.crm.shapes import agreed, mapping, objects
from accord.crm.values import identifier, org_record_id, portal_record_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accord.crm.hubspot_calls import HubSpotCalls
    from accord.crm.salesforce_calls import SalesforceCalls
    from accord.crm.values import Record

_DAILY = "X-HubSpot-RateLimit-Daily-Remaining"
_USAGE = "Sforce-Limit-Info"


@dataclass(frozen=True)
class Reply:
    """The answer to one call.

    Attributes:
        status: HTTP status.
        ids: the records it names.
        says_limit: whether its headers say what is left of the day; None where nobody sees them.
    """

    status: int
    ids: tuple[str, ...] = ()
    says_limit: bool | None = None


class SalesforceProbe:
    """Updates one account as it stands, and asks for nothing."""

    def __init__(self, calls: SalesforceCalls) -> None:
        self._calls = calls

    def update(self, account_id: str, values: Record, headers: Mapping[str, str]) -> Reply:
        """Return the answer to an update under these headers, whatever it is."""
        return self._reply("PATCH", f"sobjects/Account/{org_record_id(account_id)}", values, headers)

    def limits(self) -> Reply:
        """Return the answer to the cheapest call there is."""
        return self._reply("GET", "limits")

    def _reply(
        self, method: str, path: str, body: Record | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Return what one call came to."""
        answer = self._calls.answer(method, path, body=body, headers=headers or {})
        return Reply(answer.status_code, says_limit=_USAGE in answer.headers)


class HubSpotProbe:
    """Upserts companies in one call as it stands."""

    def __init__(self, calls: HubSpotCalls) -> None:
        self._calls = calls

    def upsert(self, key_property: str, rows: Sequence[Mapping[str, str]], *, with_traces: bool) -> Reply:
        """Return the answer to one batch, its rows with or without trace ids."""
        name = identifier(key_property)
        inputs = [
            {"id": row[key_property], "idProperty": name, "properties": dict(row)}
            | ({"objectWriteTraceId": str(at)} if with_traces else {})
            for at, row in enumerate(rows)
        ]
        return self._reply(self._calls.api.crm.objects.batch_api.upsert, {"inputs": inputs})

    def _reply(self, method: Any, body: Record) -> Reply:
        """Return what one call about companies came to."""
        try:
            answer = method("companies", body, _preload_content=False)
        except Refused as refused:
            return Reply(refused.said.status)
        with agreed("HubSpot batch upsert"):
            results = objects(mapping(orjson.loads(answer.data or b"{}")).get("results"))
        ids = tuple(portal_record_id(one.get("id")) for one in results)
        return Reply(answer.status, ids, _DAILY in answer.headers)
