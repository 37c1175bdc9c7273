"""`accord settings ...`: what is in force and what it means, who changed it when, and what is wrong with a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from accord.cli.options import AsJson, SettingsFile, out, told
from accord.cli.reach import settings_file, warehouse
from accord.cli.shown import plain

if TYPE_CHECKING:
    from accord.model.settings import Settings
    from accord.model.settings_table import Setting

app = typer.Typer(invoke_without_command=True, help="The settings: shown with their meaning, their history, a check.")

Limit = Annotated[int, typer.Option("--limit", help="How many changes.", min=1)]


@app.callback()
def show(
    context: typer.Context,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="A settings file with all of them, commented.")] = False,
) -> None:
    """Show every setting in force: value, default, meaning and the rule it drives."""
    if context.invoked_subcommand:
        return
    from accord.model.settings import load_settings
    from accord.model.settings_table import list_settings, settings_yaml

    path = settings_file(settings)
    in_file = load_settings(path)
    if as_yaml:
        print(settings_yaml(in_file), end="")  # noqa: T201 - standard output is the product
        return
    found, switch = _switched(in_file)
    if as_json:
        for setting in list_settings(found):
            _print_json(_as_json(setting))
    else:
        _show_table(list_settings(found), path)
    told.print(switch, markup=False)


@app.command()
def history(as_json: AsJson = False, limit: Limit = 20) -> None:
    """Show when the settings in force changed, who changed them and what, newest first."""
    from accord.model.settings_changes import change_words
    from accord.store.history import settings_history

    changes = settings_history(warehouse(), limit)
    if as_json:
        for change in changes:
            words = change_words(change.difference)
            _print_json(
                {"at": change.at.isoformat(), "by": change.by, "is_first": change.is_first}
                | {"changes": words, "difference": change.difference}
            )
        return
    if not changes:
        told.print("No run has seen any settings yet: they are recorded by the first run.")
        return
    table = Table("when (UTC)", "who", "what changed")
    for change in changes:
        words = change_words(change.difference)
        lines = [*(["installed, with the defaults" + (" but for:" if words else "")] * change.is_first), *words]
        table.add_row(f"{change.at:%Y-%m-%d %H:%M:%S}", plain(change.by), Text("\n").join(map(plain, lines)))
    out.print(table)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A settings file (YAML).", exists=True, dir_okay=False)]) -> None:
    """Load a settings file and say everything that is wrong with it; fails while something is."""
    from accord.model.settings import problems_of

    problems = problems_of(file)
    for problem in problems:
        out.print(plain(problem), soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    told.print(f"{file}: fine", markup=False)


def _switched(in_file: Settings) -> tuple[Settings, str]:
    """Return the settings with the console's switch as it stands, and which of both holds, the file or the console."""
    from accord.model.errors import AccordError
    from accord.store import switch

    file = f"the file says {_on(in_file.sync_companies)}"
    try:
        turned = switch.switched(warehouse())
    except AccordError as problem:
        return in_file, f"Switch: {file}; whether somebody turned it in the console is not known: {problem}"
    found = switch.with_switch(turned, in_file)
    if turned is None:
        return found, f"Switch: {file}, and nobody turned it in the console."
    when = f"{turned['by']} turned it {_on(turned['is_on'])} in the console, {turned['at']:%Y-%m-%d %H:%M} UTC"
    if switch.is_overtaken(turned, in_file):
        return found, f"Switch: {file}, and that holds: it was changed after {when}."
    return found, f"Switch: {_on(turned['is_on'])}, for {when}; {file}, and holds again once it is changed."


def _on(is_on: bool) -> str:
    """Return how the switch stands."""
    return "on" if is_on else "off"


def _show_table(settings: list[Setting], path: Path) -> None:
    """Show the settings as a table, the changed ones marked, and the field map below."""
    from accord.model.settings_changes import say, say_mapping

    table = Table(Column("setting", no_wrap=True), title=escape(str(path)))
    for name, width in (("in force", 30), ("default", 24), ("meaning", None), ("rule", None)):
        table.add_column(name, max_width=width)
    for setting in (one for one in settings if one.name != "fields"):
        style = "bold yellow" if setting.is_changed else ""
        mark = "* " if setting.is_changed else ""
        cells = (f"{mark}{setting.name}", say(setting.value), say(setting.default), setting.meaning, setting.rules)
        table.add_row(*map(plain, cells), style=style)
    out.print(table)
    [fields] = [one for one in settings if one.name == "fields"]
    mapped = Table("field map", title=f"{fields.meaning} ({fields.rules})")
    for rule in fields.value:
        is_changed = rule not in fields.default
        mapped.add_row(plain(f"{'* ' * is_changed}{say_mapping(rule)}"), style="bold yellow" if is_changed else "")
    for rule in fields.default:
        if rule["salesforce"] not in {its["salesforce"] for its in fields.value}:
            mapped.add_row(plain(f"* {say_mapping(rule)} is a default that is left out"), style="dim")
    out.print(mapped)
    if any(setting.is_changed for setting in settings):
        told.print("* not the default")


def _as_json(setting: Setting) -> dict[str, Any]:
    """Return a setting for a program."""
    return {
        "name": setting.name,
        "value": setting.value,
        "default": setting.default,
        "is_changed": setting.is_changed,
        "meaning": setting.meaning,
        "rules": setting.rules,
    }


def _print_json(row: dict[str, Any]) -> None:
    """Print one object on a line."""
    print(json.dumps(row, ensure_ascii=False, default=str))  # noqa: T201 - standard output is the product
