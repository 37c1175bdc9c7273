"""One machine as a whole installation: Postgres, Redis and Airflow started from wheels, on loopback, without root."""
