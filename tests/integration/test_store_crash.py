"""A process that dies around the commit of an extract leaves all of it behind, or nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from store_fakes import FakeSalesforce, run, sf_id, wiring

from accord.steps.extract import extract_salesforce

pytestmark = pytest.mark.postgres

HERE = Path(__file__).parent
INCLUDE = HERE.parents[1] / "include"
EXTRACT = """
import sys
from store_fakes import FakeSalesforce, run, sf_id, wiring
from accord.steps.extract import extract_salesforce
from accord.store.database import Database
fake = FakeSalesforce()
fake.change("Account", sf_id("001", 1), Name="Acme")
extract_salesforce(wiring(Database(sys.argv[1]), fake), run(), "accounts")
"""


def extract_and_die(database, point: str) -> int:
    """Extract in a process of its own: a forked one would wait for locks that threads of this one held."""
    environment = {**os.environ, "ACCORD_KILL": f"{point}:1", "PYTHONPATH": f"{INCLUDE}:{HERE}"}
    command = [sys.executable, "-c", EXTRACT, database.dsn]
    return subprocess.run(command, env=environment, check=False, timeout=120).returncode


@pytest.mark.parametrize(("point", "rows"), [("K10", 0), ("K11", 1)])
def test_rows_and_mark_are_committed_together_or_not_at_all(database, point, rows):
    fake = FakeSalesforce()
    fake.change("Account", sf_id("001", 1), Name="Acme")
    assert extract_and_die(database, point) == 137
    assert len(database.rows("SELECT id FROM staging.salesforce_accounts")) == rows
    assert len(database.rows("SELECT source FROM sync.watermarks")) == rows
    extract_salesforce(wiring(database, fake), run(), "accounts")
    assert len(database.rows("SELECT id FROM staging.salesforce_accounts")) == 1
