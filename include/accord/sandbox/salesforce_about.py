"""What the org says about itself: API versions, addresses, limits, number of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sandbox.org_schema import PREFIXES
from accord.sandbox.salesforce_wire import reply, root

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.wire import Answer, Call

_VERSIONS = range(59, 68)


def versions(_crms: Crms, _call: Call) -> Answer:
    """Answer `/services/data`: the API versions there are."""
    return reply([{"label": f"v{n}", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in _VERSIONS])


def resources(_crms: Crms, call: Call) -> Answer:
    """Answer `/services/data/vNN.0`: where things are."""
    names = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")
    return reply({name: f"{root(call)}/{name}" for name in names})


def limits(crms: Crms, _call: Call) -> Answer:
    """Answer `limits`."""
    left = crms.switches.daily_api_requests - crms.org.calls_used
    return reply(
        {
            "DailyApiRequests": {"Max": crms.switches.daily_api_requests, "Remaining": left},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000 - crms.desk.bulk_batches},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000 - len(crms.desk.query_jobs)},
        }
    )


def record_count(crms: Crms, call: Call) -> Answer:
    """Answer `limits/recordCount?sObjects=`; objects without records are left out (recorded)."""
    asked = {name.lower() for name in call.arg("sObjects").split(",") if name}
    names = [name for name in PREFIXES if not asked or name.lower() in asked]
    counts = [{"count": sum(1 for _ in crms.org.rows(name)), "name": name} for name in names]
    return reply({"sObjects": [row for row in counts if row["count"]]})
