"""One mortal process and one warehouse for all tests of a module: a small world must cost little."""

from __future__ import annotations

import pytest

from machine.mortal import mortal
from machine.stage import small_batches


@pytest.fixture(scope="module")
def process():
    """The one process there is; its batches are small, so that a small world has a first, a middle and a last one."""
    with mortal() as alive, small_batches():
        yield alive


@pytest.fixture(scope="module")
def warehouse(postgres_server, migrated_template, request):
    """A database that every stage empties first."""
    from accord.store.database import Database

    name = f"machine_{request.module.__name__.rpartition('_')[2]}"
    yield Database(postgres_server.create_database(name, template=migrated_template))
    postgres_server.drop_database(name)
