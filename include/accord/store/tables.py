"""The one MetaData of Accord's two schemas, and the types its tables share. No query here."""

from __future__ import annotations

from sqlalchemy import MetaData

STAGING = "staging"
"""Mirror of both CRMs; can be thrown away and read again."""
SYNC = "sync"
"""Accord's own memory: runs, pairs, plans, ledger, watermarks."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
