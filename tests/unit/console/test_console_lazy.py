import subprocess
import sys


def test_a_task_that_imports_the_plugin_does_not_pay_for_the_pages():
    """Every task process imports plugin files."""
    heavy = ("fastapi", "jinja2", "pandas", "psycopg", "airflow")
    code = f"import sys, accord.console.lazy as it; it.LazyConsole(); print([n for n in {heavy} if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
