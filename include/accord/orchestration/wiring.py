"""Airflow connections and the settings file -> what the steps are given. Tokens are registered with Airflow's masker."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.providers.salesforce.hooks.salesforce import SalesforceHook
from airflow.sdk import Connection
from airflow.sdk.log import mask_secret

from accord.crm.connect import (
    SalesforceLogin,
    connect_hubspot,
    instance_of,
    login_hosts,
    session_for,
    wrap_salesforce,
)
from accord.model.clock import SystemClock
from accord.model.settings import Settings, load_settings
from accord.orchestration.hubspot_hook import HubSpotHook
from accord.steps.wiring import Wiring
from accord.store.database import Database
from accord.store.limiter import PostgresLimiter
from accord.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    import simple_salesforce

WAREHOUSE = "accord_warehouse"
SALESFORCE = "salesforce_default"
HUBSPOT = "hubspot_default"
