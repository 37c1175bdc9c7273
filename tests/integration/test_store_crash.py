"""A process that dies around the commit of an extract leaves all of it behind, or nothing."""

import os

import pytest
from store_fakes import FakeSalesforce, run, sf_id, wiring

from accord.steps.extract import extract_salesforce

pytestmark = pytest.mark.postgres


def extract_and_die(database, fake, point: str) -> int:
    child = os.fork()
    if child == 0:
        os.environ["ACCORD_KILL"] = f"{point}:1"
        extract_salesforce(wiring(database, fake), run(), "accounts")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(("point", "rows"), [("K10", 0), ("K11", 1)])
def test_rows_and_mark_are_committed_together_or_not_at_all(database, point, rows):
    fake = FakeSalesforce()
    fake.change("Account", sf_id("001", 1), Name="Acme")
    assert extract_and_die(database, fake, point) == 137
    assert len(database.rows("SELECT id FROM staging.salesforce_accounts")) == rows
    assert len(database.rows("SELECT source FROM sync.watermarks")) == rows
    extract_salesforce(wiring(database, fake), run(), "accounts")
    assert len(database.rows("SELECT id FROM staging.salesforce_accounts")) == 1
