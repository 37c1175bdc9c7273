"""Who asks for a page, as Airflow's login knows them, and what they may do to a DAG. Airflow's own users and rights."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Literal

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import get_user
from airflow.configuration import conf
from airflow.models.dag import DagModel

signed_in = get_user
"""The dependency that answers 401 to whoever has not logged in, else returns Airflow's user."""


def may(user: Any, dag_id: str, method: Literal["GET", "PUT"]) -> bool:
    """Return whether a user may see (GET) or change (PUT) a DAG."""
    team = DagModel.get_team_name(dag_id) if conf.getboolean("core", "multi_team", fallback=False) else None
    details = DagDetails(id=dag_id, team_name=team) if team else DagDetails(id=dag_id)
    return bool(get_auth_manager().is_authorized_dag(method=method, details=details, user=user))


def name_of(user: Any) -> str:
    """Return the name that is recorded beside what a user did."""
    return str(user.get_name() or user.get_id() or "unknown")


def form_token(user: Any) -> str:
    """Return what a form of this user's page has to bring back: nobody else's page can know it."""
    secret = conf.get_mandatory_value("api", "secret_key")
    return hmac.new(secret.encode(), f"accord|{user.get_id()}".encode(), hashlib.sha256).hexdigest()
