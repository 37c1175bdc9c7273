import os
import subprocess
import sys
import threading

import pytest

from wire_server import HUBSPOT_TOKEN, Reply, WireServer

WRITE_ONE = """
import sys
from accord.crm.connect import HubSpotLogin, connect_hubspot
from accord.crm.limits import NoLimit
from accord.model.clock import SystemClock
from accord.model.settings import Wire
portal = connect_hubspot(HubSpotLogin(sys.argv[2], sys.argv[1], is_sandbox=True), Wire(), NoLimit(), SystemClock())
portal.count("companies")
portal.upsert_companies("accord_key", [{"accord_key": "a", "name": "A" * 1000}])
"""


@pytest.mark.parametrize(("point", "arrived"), [("K4:1", False), ("K5:1", True)])
def test_a_write_can_be_made_to_die_in_its_middle_or_before_its_answer(point, arrived):
    """The count before the write does not pass the points, so that N counts writes."""
    seen = threading.Event()

    def app(request):
        if request.path.endswith("/batch/upsert"):
            len(request.body) > 1000 and seen.set()
        return Reply({"total": 0, "results": [{"id": "1", "properties": {"accord_key": "a"}}]})

    with WireServer(app) as server:
        died = subprocess.run(
            [sys.executable, "-c", WRITE_ONE, server.url, HUBSPOT_TOKEN],
            env={**os.environ, "ACCORD_KILL": point, "PYTHONPATH": "include"},
            check=False,
            timeout=60,
        )
        assert seen.wait(1) == arrived
    assert died.returncode == 137
