"""Migrations of the database, run by `gateway.adapters.database.Database.migrate`."""
