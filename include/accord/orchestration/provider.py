"""What Airflow is told about Accord as a provider: the HubSpot connection type, a notifier, our assets.

Found through the entry point `apache_airflow_provider` of the installed package.
"""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """Return the provider description that Airflow's provider manager reads at start."""
    return {
        "package-name": "accord",
        "name": "Accord",
        "description": "HubSpot connection type of the account and company sync.",
        "notifications": ["accord.orchestration.notifiers.LogNotifier"],
        "asset-uris": [
            {
                "schemes": ["accord"],
                # Named, though there is nothing to make uniform: without the key Airflow passes the whole entry over.
                "handler": None,
                "to_openlineage_converter": "accord.orchestration.lineage.to_openlineage",
            }
        ],
        "connection-types": [
            {
                "connection-type": "hubspot",
                "hook-class-name": "accord.orchestration.hubspot_hook.HubSpotHook",
                "hook-name": "HubSpot",
                "ui-field-behaviour": {
                    "hidden-fields": ["schema", "login", "port"],
                    "relabeling": {"host": "API base URL", "password": "Service key or private app token"},
                    "placeholders": {
                        "host": "https://api.hubapi.com (leave empty)",
                        "password": "pat-...",
                    },
                },
                "conn-fields": {
                    "portal_id": {
                        "label": "Portal id",
                        "description": "Empty: asked of the portal. Given: a token of another portal is refused.",
                        "schema": {"type": ["string", "null"]},
                    },
                },
            }
        ],
    }
