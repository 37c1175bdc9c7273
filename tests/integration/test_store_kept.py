"""Connections that a page server keeps: used again, never in the middle of somebody's work, never dead."""

import pytest

from accord.model.errors import ServiceUnavailable
from accord.store import kept
from accord.store.kept import KeptDatabase

pytestmark = pytest.mark.postgres
ME = "SELECT pg_backend_pid() AS pid"


@pytest.fixture
def pages(database):
    found = KeptDatabase(database.dsn)
    yield found
    found.close()


def test_a_connection_is_used_again_and_what_failed_leaves_no_trace(pages):
    first = pages.rows(ME)
    with pytest.raises(ZeroDivisionError), pages.transaction() as connection:  # noqa: PT012 - the block is what fails
        connection.execute("INSERT INTO sync.stage_baseline (contact_id) VALUES ('1')")
        1 / 0  # noqa: B018
    assert pages.rows("SELECT count(*) AS n FROM sync.stage_baseline") == [{"n": 0}]
    with pages.transaction() as connection:
        connection.execute("INSERT INTO sync.stage_baseline (contact_id) VALUES ('1')")
    assert pages.rows("SELECT count(*) AS n FROM sync.stage_baseline") == [{"n": 1}]
    assert pages.rows(ME) == first


def test_two_at_once_have_a_connection_each(pages):
    with pages.transaction() as connection:
        mine = connection.execute(ME).fetchone()
        assert pages.rows(ME) != [mine]


def test_a_connection_that_died_is_replaced(pages, database, monkeypatch):
    monkeypatch.setattr(kept, "_TRUSTED_SECONDS", 0)
    [dead] = pages.rows(ME)
    database.rows("SELECT pg_terminate_backend(%(pid)s)", dead)
    assert pages.rows(ME) != [dead]


def test_a_server_that_is_away_is_said_without_the_password():
    with pytest.raises(ServiceUnavailable) as caught:
        KeptDatabase("postgresql://accord:secret@127.0.0.1:1/accord").rows("SELECT 1")
    assert "secret" not in str(caught.value)
