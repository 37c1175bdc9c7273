"""Metrics on the wire: Airflow's own Stats, told to use StatsD or OpenTelemetry by Airflow's own configuration."""

import atexit
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from accord.orchestration import metrics
from accord.steps.metrics import Metric

pytestmark = pytest.mark.airflow
SENT = [Metric("accord.writes.hubspot", "count", 4), Metric("accord.lag.hubspot", "gauge", 12.5)]


@pytest.fixture
def told(monkeypatch):
    """Let Airflow read its configuration anew, as each of its processes does at its start."""
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

    def tell(**options):
        for name, value in options.items():
            monkeypatch.setenv(f"AIRFLOW__METRICS__{name.upper()}", str(value))
        stats.initialize(factory=get_stats_factory(), export_legacy_names=False)

    yield tell
    monkeypatch.undo()
    stats.initialize(factory=get_stats_factory(), export_legacy_names=False)


def test_statsd_gets_a_line_for_each_metric(told):
    pytest.importorskip("statsd", reason="the package statsd is not installed: pip install statsd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        told(statsd_on=True, statsd_host="127.0.0.1", statsd_port=server.getsockname()[1])
        metrics.send(SENT, "sync_accounts")
        lines = [server.recv(1000).decode() for _ in SENT]
    assert lines == ["airflow.accord.writes.hubspot:4|c", "airflow.accord.lag.hubspot:12.5|g"]


def test_opentelemetry_gets_the_values_with_their_dag(told, monkeypatch):
    from airflow.sdk._shared.observability.metrics import otel_logger
    from opentelemetry import metrics as otel
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    bodies = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    told(otel_on=True)
    metrics.send(SENT, "sync_accounts")
    otel_logger.flush_otel_metrics()
    otel.get_meter_provider().shutdown()
    atexit.unregister(otel_logger.flush_otel_metrics)
    server.shutdown()
    server.server_close()
    found = {}
    for request in map(ExportMetricsServiceRequest.FromString, bodies):
        for metric in request.resource_metrics[0].scope_metrics[0].metrics:
            points = metric.sum.data_points or metric.gauge.data_points
            tags = {it.key: it.value.string_value for it in points[0].attributes}
            found[metric.name] = (points[0].as_double or points[0].as_int, tags)
    tags = {"dag_id": "sync_accounts"}
    assert found["airflow.accord.writes.hubspot"] == (4, tags)
    assert found["airflow.accord.lag.hubspot"] == (12.5, tags)


def test_nothing_is_sent_and_nothing_fails_when_neither_is_on(told):
    told(statsd_on=False, otel_on=False)
    metrics.send(SENT, "sync_accounts")
