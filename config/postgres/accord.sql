-- Run by the Postgres image when its volume is new: Accord's tables live beside Airflow's, in a database of their own.
CREATE DATABASE accord;
