"""People who are told something: notifiers as a team names them in its settings, and a mail server."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from typing import Any, ClassVar

from airflow.sdk import BaseNotifier


class Recorder(BaseNotifier):
    """Hears what its template makes of an alert."""

    template_fields = ("text",)
    heard: ClassVar[list[str]] = []

    def __init__(self, text="{{ alert.title }}", **more):
        super().__init__(**more)
        self.text = text

    def notify(self, context):
        self.heard.append(self.text)


class Deaf(BaseNotifier):
    """Cannot be reached while `is_away`."""

    is_away: ClassVar[bool] = True
    heard: ClassVar[list[str]] = []

    def notify(self, context):
        if self.is_away:
            raise OSError("connection refused")
        self.heard.append(context["alert"]["title"])


RECORDER = {"name": "recorder", "classpath": "told_people.Recorder", "kwargs": {}}
DEAF = {"name": "deaf", "classpath": "told_people.Deaf", "kwargs": {}}


@contextmanager
def settings_of(tmp_path, monkeypatch, dsn, notifiers=(RECORDER,), **settings):
    """Let callbacks find this warehouse and these notifiers, as they do in Airflow: by connection and file."""
    file = tmp_path / "accord.yaml"
    file.write_text(json.dumps({"sync_companies": True, **settings, "alerts": {"notifiers": list(notifiers)}}))
    monkeypatch.setenv("AIRFLOW_CONN_ACCORD_WAREHOUSE", dsn)
    monkeypatch.setenv("ACCORD_SETTINGS", str(file))
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.acme.test")
    Recorder.heard.clear()
    Deaf.heard.clear()
    Deaf.is_away = True
    yield file


class MailServer:
    """Takes mail on loopback, as far as SMTP goes for that."""

    def __init__(self):
        self.mails: list[str] = []
        mails = self.mails

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 here\r\n")
                while line := self.rfile.readline():
                    word = line[:4].upper().strip()
                    if word == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                    self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Any:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self):
        return self.server.server_address[1]
