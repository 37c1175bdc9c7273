"""When somebody is told, and how: the section `alerts` of the settings."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from accord.model.strict import Strict


class Notifier(Strict):
    """One way to tell people, built anew for each alert."""

    name: str = Field(min_length=1)
    """What the log and the warehouse call it."""
    classpath: str
    """Import path of an Airflow notifier."""
    kwargs: dict[str, Any] = Field(default_factory=dict)
    """Its arguments; texts are templates that know `alert`."""

    @field_validator("classpath")
    @classmethod
    def _importable(cls, path: str) -> str:
        """Refuse what can be no import path; whether it leads anywhere is seen where Airflow's packages are."""
        module, _, name = path.rpartition(".")
        if not (module and name.isidentifier() and all(part.isidentifier() for part in module.split("."))):
            raise ValueError(f"{path} is no import path: write package.module.Class")
        return path


LOG = Notifier(name="log", classpath="accord.orchestration.notifiers.LogNotifier")


class Alerts(Strict):
    """What is worth telling people, once when it begins and once when it is over."""

    notifiers: tuple[Notifier, ...] = (LOG,)
    """Airflow notifiers: name, classpath and kwargs; no secrets here, name a connection."""
    deadline_minutes: int = Field(60, ge=1)
    """Minutes from queued to done; a run of sync_accounts that takes longer is late."""
    lag_minutes: int = Field(60, ge=1)
    """Minutes that a CRM may stay unread."""
    calls_left_share: float = Field(0.2, ge=0, lt=1)
    """Share of the day's calls; fewer left is a low budget."""
    unusual_times: float = Field(5.0, ge=1)
    """Times the highest count of the last 30 runs; more is unusual."""
    unusual_at_least: int = Field(100, ge=1)
    """Records; a smaller count is never unusual."""

    @field_validator("notifiers")
    @classmethod
    def _named_once(cls, notifiers: tuple[Notifier, ...]) -> tuple[Notifier, ...]:
        """Refuse two notifiers of one name: who was told is remembered by it."""
        names = [it.name for it in notifiers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands there twice; give each notifier a name of its own")
        return notifiers
