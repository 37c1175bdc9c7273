"""Accord keeps Salesforce accounts and HubSpot companies in accord."""
