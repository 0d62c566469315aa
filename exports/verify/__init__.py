"""Proving an export against its own files and against the database, whatever has happened since."""
