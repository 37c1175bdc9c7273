import asyncio
import subprocess
import sys
import threading

from accord.console import app as console_app
from accord.console.lazy import LazyConsole


def test_a_task_that_imports_the_plugin_does_not_pay_for_the_pages():
    """Every task process imports plugin files."""
    heavy = ("fastapi", "jinja2", "pandas", "psycopg", "airflow")
    code = f"import sys, accord.console.lazy as it; it.LazyConsole(); print([n for n in {heavy} if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_the_server_answers_others_while_the_console_is_built(monkeypatch):
    """The import takes seconds, many on a busy machine, and every task of a run talks to the same server."""
    others_answered, answered = threading.Event(), []

    async def console(scope, receive, send):
        answered.append(scope["path"])

    def built():
        assert others_answered.wait(10), "nobody else was served meanwhile"
        return console

    async def visit():
        lazy = LazyConsole()
        visits = [asyncio.create_task(lazy({"type": "http", "path": it}, None, None)) for it in ("/runs", "/plan")]
        await asyncio.sleep(0.05)
        others_answered.set()
        await asyncio.gather(*visits)

    monkeypatch.setattr(console_app, "served_console", built)
    asyncio.run(visit())
    assert sorted(answered) == ["/plan", "/runs"]
