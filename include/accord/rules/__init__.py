"""The pure core: frames in, frames out. No Airflow, no SQL, no HTTP, no clock, no environment here."""

from accord.rules.plan import decide

__all__ = ["decide"]
