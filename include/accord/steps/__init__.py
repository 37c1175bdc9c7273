"""One function a task: gather from a CRM or Postgres, decide in `rules`, act. No Airflow here."""
