"""The wire: Salesforce and HubSpot through their real clients. Nothing here knows Airflow, Postgres or the rules."""
