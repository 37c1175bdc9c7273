"""The console: pages on what Accord decided and did, and the buttons of whoever may act. Mounted into Airflow."""
