"""Sends metrics through Airflow's own Stats: to StatsD or OpenTelemetry, whichever it is told to use, or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.observability import stats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord.steps.metrics import Metric


def send(metrics: Iterable[Metric], dag_id: str) -> None:
    """Send metrics; the DAG goes along as a tag, for whoever receives tags."""
    tags = {"dag_id": dag_id}
    for metric in metrics:
        if metric.kind == "count":
            stats.incr(metric.name, int(metric.value), tags=tags)
        else:
            stats.gauge(metric.name, metric.value, tags=tags)
