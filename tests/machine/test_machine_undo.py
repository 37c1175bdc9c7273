"""The demo's import at a small size, undone: both CRMs are as they were but for what people changed."""

from __future__ import annotations

import pytest

from machine.undo_import import undone_import

pytestmark = pytest.mark.postgres


@pytest.mark.rule("R104")
def test_f70_an_import_is_undone_but_for_what_people_changed_since(database):
    found = undone_import(database, accounts=60, months=2)
    assert found.created > 3
    assert {rid for _, rid in found.differs} == found.touched
    assert found.unexplained == {}
