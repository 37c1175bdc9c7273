"""The only room that knows Airflow: connections, assets, retry policy, the task group that the DAGs share."""
