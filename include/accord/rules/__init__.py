"""The pure core: frames in, frames out. No Airflow, no SQL, no HTTP, no clock, no environment here."""
