"""The compose file cannot be started where these tests run, so its promises are read from it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[3]
COMPOSE = PROJECT / "docker-compose.yaml"
AIRFLOW_COMPONENTS = [
    "airflow-apiserver",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
    "airflow-worker",
]
SECRETS = {
    name: "x"
    for name in re.findall(r"^(\w+)=$", (PROJECT / ".env.example").read_text(), re.MULTILINE)
    if not name.startswith("AIRFLOW_CONN_")
}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE.read_text())["services"]


@pytest.fixture(scope="module")
def airflow_services(services):
    return {name: service for name, service in services.items() if name not in {"postgres", "redis"}}


def test_every_component_of_airflow_runs_and_tells_its_health(services):
    for name in [*AIRFLOW_COMPONENTS, "postgres", "redis"]:
        assert services[name]["healthcheck"]["test"], name
        assert services[name]["restart"] == "always", name


def test_components_start_after_the_migrations_and_healthy_servers(services):
    for name in AIRFLOW_COMPONENTS:
        assert services[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "airflow-init": {"condition": "service_completed_successfully"},
        }
    init = services["airflow-init"]
    assert list(init["depends_on"]) == ["postgres"]
    assert "airflow db migrate" in init["command"][0]
    assert "accord migrate" in init["command"][0]


def test_all_airflow_services_share_keys_broker_and_databases(airflow_services):
    """One differing JWT secret and every task of that component is refused."""
    shared = [
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "AIRFLOW__CELERY__BROKER_URL",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW_CONN_ACCORD_WAREHOUSE",
        "AIRFLOW_CONN_SALESFORCE_DEFAULT",
        "AIRFLOW_CONN_HUBSPOT_DEFAULT",
    ]
    values = {tuple(service["environment"][name] for name in shared) for service in airflow_services.values()}
    assert len(values) == 1


def test_secrets_come_from_the_environment_and_a_missing_one_stops_the_start(services):
    for name, service in services.items():
        for variable, value in service["environment"].items():
            if re.search(r"PASSWORD$|SECRET|FERNET|AUTH$", variable):
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), f"{name}: {variable}"
            if "://" in value and "@" in value:
                assert re.search(r":\$\{\w+:\?[^}]+\}@", value), f"{name}: {variable}"


def test_the_example_environment_names_every_secret_and_holds_none():
    asked_for = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text()))
    assert asked_for == set(SECRETS)


def test_all_airflow_services_run_our_image_without_root(airflow_services):
    for name, service in airflow_services.items():
        assert service["image"] == "${ACCORD_IMAGE:-accord:latest}", name
        assert service["user"] == "${AIRFLOW_UID:-50000}:0", name


def test_the_image_is_made_from_the_hashed_lock_by_the_installer_of_the_makefile():
    dockerfile = (PROJECT / "Dockerfile").read_text()
    installer = re.search(r"UV_VERSION := (\S+)", (PROJECT / "Makefile").read_text())[1]
    assert "--require-hashes -r /tmp/requirements.txt" in dockerfile
    assert set(re.findall(r"uv==(\S+)", dockerfile)) == {installer}
    assert re.search(r"^USER \d+$", dockerfile, re.MULTILINE)


def test_nothing_listens_beyond_this_machine(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def compose(environment):
    return subprocess.run(
        ["docker-compose", "-f", str(COMPOSE), "config"],
        env={"PATH": os.environ["PATH"], **environment},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_compose_accepts_the_file():
    done = compose(SECRETS)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_compose_names_the_secret_that_is_missing(missing):
    done = compose({name: value for name, value in SECRETS.items() if name != missing})
    assert done.returncode != 0
    assert f"set {missing}" in done.stderr
