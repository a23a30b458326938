"""The package on its way into the database: read, sealed, set beside what is there."""
