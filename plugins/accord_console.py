"""Shows Accord's console in the Airflow UI: in the navigation, and the plan as a tab of each run. Nothing else."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from accord.console.lazy import PREFIX, LazyConsole


class AccordConsole(AirflowPlugin):
    """Registers the console."""

    name = "accord_console"
    fastapi_apps = [  # noqa: RUF012 - the attribute that Airflow reads
        {"app": LazyConsole(), "url_prefix": PREFIX, "name": "Accord"},
    ]
    external_views = [  # noqa: RUF012
        {
            "name": "Accord",
            "href": f"{PREFIX}/",
            "destination": "nav",
            "url_route": "accord",
            "nav_top_level": True,
            "icon": f"{PREFIX}/static/accord.svg",
        },
        {
            "name": "Accord plan",
            "href": f"{PREFIX}/plan?dag={{DAG_ID}}&run_id={{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "accord-plan",
        },
    ]
