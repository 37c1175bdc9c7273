import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from accord.local.errors import StackError
from accord.local.places import ServiceUser, runtime_directory, service_user
from accord.local.postgres import Postgres
from accord.local.processes import is_alive
from accord.local.wheels import tree_for

pytestmark = pytest.mark.postgres


@pytest.fixture
def server():
    with tempfile.TemporaryDirectory(prefix="accord-test-") as directory:
        Path(directory).chmod(0o711)
        postgres = Postgres(Path(directory) / "postgres", {"fsync": "off"})
        yield postgres
        postgres.stop()


def value(dsn, query):
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchone()[0]


def test_a_second_start_finds_the_running_server(server):
    port = server.start()
    pid = server.pid()
    assert Postgres(server.directory).start() == port
    assert server.pid() == pid


def test_committed_rows_survive_a_killed_server(server):
    server.start()
    dsn = server.create_database("kept")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE things AS SELECT 7 AS number")
    killed = server.pid()
    os.kill(killed, signal.SIGKILL)
    server.start()
    assert server.pid() != killed
    assert value(server.dsn("kept"), "SELECT number FROM things") == 7


def test_a_lock_file_of_a_stranger_does_not_stop_a_start(server):
    """After a reboot the noted process id may belong to any program."""
    server.start()
    server.stop()
    (server.directory / "data" / "postmaster.pid").write_text(f"{os.getpid()}\nx\n0\n5432\n\n127.0.0.1\n")
    assert server.port() is None
    server.start()
    assert value(server.dsn(), "SELECT 1") == 1


def test_nobody_gets_in_without_the_password(server):
    port = server.start()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres:wrong@127.0.0.1:{port}/postgres")
    assert (server.directory / "password").stat().st_mode & 0o077 == 0


def test_a_database_is_made_once_and_copied_with_its_tables(server):
    server.start()
    dsn = server.create_database("first")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE things (number int)")
    assert server.create_database("first") == dsn
    assert value(server.create_database("second", template="first"), "SELECT count(*) FROM things") == 0


def test_a_stopped_server_leaves_no_process_and_says_so(server):
    server.start()
    pid = server.pid()
    server.stop()
    server.stop()
    assert server.pid() is None
    assert not is_alive(pid)
    with pytest.raises(StackError, match="does not run"):
        server.dsn()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_root_hands_the_server_to_an_unprivileged_account(server):
    server.start()
    assert Path(f"/proc/{server.pid()}").stat().st_uid == service_user().uid != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_a_user_without_rights_starts_a_server_of_their_own():
    nobody = pwd.getpwnam("nobody")
    account = ServiceUser(nobody.pw_uid, nobody.pw_gid)
    with tempfile.TemporaryDirectory(prefix="accord-test-") as directory:
        account.own(Path(directory))
        program = (
            "import sys; from pathlib import Path; from accord.local.postgres import Postgres\n"
            "server = Postgres(Path(sys.argv[1])); server.start(); print(server.dsn()); server.stop()"
        )
        if not account.reaches(Path(sys.executable)):
            pytest.skip("the Python that runs the tests is closed to other users")
        done = subprocess.run(
            [sys.executable, "-c", program, f"{directory}/postgres"],
            env={"PYTHONPATH": str(Path(__file__).parents[3] / "include"), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
            **account.run_as(),
        )
    assert done.stdout.startswith("postgresql://postgres:")


@pytest.mark.skipif(os.geteuid() != 0, reason="only for root is a closed directory closed to Postgres alone")
def test_files_go_outside_a_project_that_postgres_cannot_enter(tmp_path):
    tmp_path.chmod(0o700)
    outside = runtime_directory(tmp_path)
    assert outside.parent == Path("/var/tmp/accord-0")
    assert service_user().reaches(outside)
    outside.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only for root is a closed directory closed to Postgres alone")
def test_programs_of_a_closed_environment_are_copied_whole_to_an_open_one(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").touch()
    (tmp_path / "tools" / "bin").mkdir()
    (tmp_path / "tools" / "bin" / "program").write_text("#!/bin/sh\n")
    (tmp_path / "tools.libs").mkdir()
    (tmp_path / "tools-1.dist-info").mkdir()
    (tmp_path / "tools-1.dist-info" / "METADATA").write_text("Name: tools\nVersion: 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    copy = tree_for(service_user(), "tools", ("tools/bin", "tools.libs"))
    assert service_user().reaches(copy / "tools" / "bin")
    assert (copy / "tools" / "bin" / "program").exists()
    assert (copy / "tools.libs").is_dir()
    assert tree_for(service_user(), "tools", ("tools/bin", "tools.libs")) == copy
    shutil.rmtree(copy)
