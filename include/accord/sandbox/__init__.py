"""Salesforce and HubSpot in one process on loopback, for the demo and the tests. Knows nothing of Accord but ids."""
