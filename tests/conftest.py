"""Fixtures of all tests: Airflow's environment, and Postgres databases that are migrated once and copied per test."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from traceability.rulebook import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.local.postgres import Postgres
    from accord.store.database import Database

pytest.register_assert_rewrite("tiny_worlds")

_PROJECT = Path(__file__).parent.parent
_SCRATCH = Path(tempfile.mkdtemp(prefix="accord-test-"))
# The account that Postgres runs as when root runs the tests must be able to pass through.
_SCRATCH.chmod(0o711)

# Airflow reads its environment when it is first imported, so this stands before any test module.
os.environ.update(
    {
        "AIRFLOW_HOME": str(_SCRATCH / "airflow"),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(_PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(_PROJECT / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{_SCRATCH / 'airflow.db'}",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        # Tables are as wide wherever the tests run; a console looks when it is made.
        "COLUMNS": "220",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let `-k R98` find what a mark or a docstring says, as it finds what an id says."""
    for item in items:
        item.extra_keyword_matches.update(*(mark.args for mark in item.iter_markers("rule")))
        item.extra_keyword_matches.update(numbers_in(getattr(item.function, "__doc__", "") or "", with_ranges=False))


def pytest_unconfigure() -> None:
    shutil.rmtree(_SCRATCH, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A running server without durability, one for each test process."""
    from accord.local.postgres import Postgres

    # Two connections of one test that wait for each other would wait for ever.
    options = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB", "lock_timeout": "60s"}
    server = Postgres(_SCRATCH / "postgres", options)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Postgres) -> str:
    """The name of a database with the tables of `staging` and `sync` and no rows."""
    from accord.store.database import Database
    from accord.store.schema import migrate

    migrate(Database(postgres_server.create_database("migrated")))
    return "migrated"


@pytest.fixture
def database(postgres_server: Postgres, migrated_template: str) -> Iterator[Database]:
    """A migrated database of the test's own, gone after it; its connections are kept, logins are half of a small run."""
    from accord.store.kept import KeptDatabase

    name = f"test_{uuid.uuid4().hex[:12]}"
    found = KeptDatabase(postgres_server.create_database(name, template=migrated_template))
    yield found
    found.close()
    postgres_server.drop_database(name)


@pytest.fixture
def empty_database(postgres_server: Postgres) -> Iterator[Database]:
    """A database without any table of ours, for the tests of the migrations themselves."""
    from accord.store.database import Database

    name = f"empty_{uuid.uuid4().hex[:12]}"
    yield Database(postgres_server.create_database(name))
    postgres_server.drop_database(name)
