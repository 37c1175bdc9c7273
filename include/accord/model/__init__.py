"""Words every room shares: ids, settings, policy, column contracts, errors. No Airflow, no SQL, no network here."""
