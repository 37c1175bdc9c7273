"""The database is brought to the tables of the code, once, and never to older ones."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

import accord.store.tables_staging  # noqa: F401 - puts its tables into the metadata
from accord.model import ids
from accord.model.errors import BadSettings
from accord.store.schema import migrate
from accord.store.tables import STAGING, metadata

pytestmark = pytest.mark.postgres


def test_migrated_database_has_the_tables_of_the_code(database):
    engine = create_engine(database.dsn.replace("postgresql://", "postgresql+psycopg://"))
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == STAGING,
        "include_object": lambda item, name, kind, *_: kind != "table" or item.schema == STAGING,
    }
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_migrating_twice_and_at_once_changes_nothing(database):
    before = migrate(database)
    threads = [threading.Thread(target=migrate, args=(database,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert migrate(database) == before


def test_database_of_a_newer_accord_is_refused(database):
    with database.transaction() as connection:
        connection.execute("UPDATE sync.schema_version SET version_num = '9999'")
    with pytest.raises(BadSettings, match=r"9999.*a newer Accord"):
        migrate(database)


@pytest.mark.rule("R22")
@pytest.mark.parametrize("record_id", ["001000000000001AAA", "001000000000001", "a" * 18])
def test_postgres_computes_the_salesforce_key_of_python(database, record_id):
    found = database.rows("SELECT staging.salesforce_key(%s) AS key", [record_id])
    assert found[0]["key"] == ids.salesforce_key(record_id)


@pytest.mark.rule("R85")
@pytest.mark.parametrize(
    ("call", "value", "text"),
    [
        ("staging.email", "  Ann@Example.COM\n", "ann@example.com"),
        ("staging.host", "https://www.Acme.com/about?x=1", "acme.com"),
        ("staging.host", "http://user:pw@acme.com:8080", "acme.com"),
        ("staging.host", "acme.co.uk", "acme.co.uk"),
        ("staging.folded", " Acme \n  GmbH ", "acme gmbh"),
    ],
)
def test_texts_are_folded_before_they_become_keys(database, call, value, text):
    assert database.rows(f"SELECT {call}(%s) AS text", [value])[0]["text"] == text


@pytest.mark.parametrize("blank", [None, ""])
def test_nobody_has_the_key_minus_one(database, blank):
    row = database.rows("SELECT staging.salesforce_key(%s::text) AS a, staging.text_key(%s::text) AS b", [blank, blank])
    assert row == [{"a": -1, "b": -1}]
