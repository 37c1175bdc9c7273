import os
import socket
import sys

import psutil
import pytest

from accord.local.errors import StackError
from accord.local.processes import is_alive, wait_until
from accord.local.redis import redis_service
from accord.local.services import Service, Services


@pytest.fixture
def services(tmp_path):
    running = Services(tmp_path)
    yield running
    running.stop()


def said(port, line):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"{line}\r\nQUIT\r\n".encode())
        return connection.makefile("rb").read().decode()


def test_redis_answers_only_with_its_password_and_stops(services, tmp_path):
    service, url = redis_service(tmp_path)
    running = services.start(service, dict(os.environ))
    services.wait_ready(service, running, seconds=20)
    assert url.endswith(f"@127.0.0.1:{service.port}/0")
    assert "NOAUTH" in said(service.port, "PING")
    assert services.stop() == 1
    with pytest.raises(OSError, match="refused"):
        said(service.port, "PING")


def test_the_password_of_redis_is_in_no_process_list_and_no_readable_file(tmp_path):
    service, url = redis_service(tmp_path)
    password = url.split(":")[2].partition("@")[0]
    assert password not in " ".join(service.command)
    assert (tmp_path / "redis.conf").stat().st_mode & 0o077 == 0


def test_a_service_that_ends_at_once_is_reported_with_its_last_words(services):
    broken = Service("broken", ("sh", "-c", "echo the port is taken; exit 1"), is_ready=lambda: False)
    running = services.start(broken, dict(os.environ))
    with pytest.raises(StackError, match=r"broken ended, see .*broken\.log: the port is taken"):
        services.wait_ready(broken, running, seconds=20)


def test_stopping_reaches_children_that_left_the_group(services):
    """Airflow's tasks lead sessions of their own and would outlive their scheduler."""
    command = "import subprocess, time; subprocess.Popen(['sleep', '300'], start_new_session=True); time.sleep(300)"

    running = services.start(Service("parent", (sys.executable, "-c", command)), dict(os.environ))
    wait_until(lambda: psutil.Process(running.pid).children() != [], 20, "the child runs")
    children = psutil.Process(running.pid).children()
    services.stop()
    assert [child.pid for child in children if is_alive(child.pid)] == []


def test_a_stranger_with_a_noted_process_id_is_left_alone(services, tmp_path):
    stranger = services.start(Service("stranger", ("sleep", "300")), dict(os.environ))
    noted = (tmp_path / "stack.json").read_text()
    (tmp_path / "stack.json").write_text(noted.replace(f"{stranger.born}", f"{stranger.born - 1000}"))
    assert services.alive() == []
    (tmp_path / "stack.json").write_text(noted)
    assert [service.pid for service in services.alive()] == [stranger.pid]
