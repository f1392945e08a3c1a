"""The HTTP API: writes go to PostgreSQL, reads come from MongoDB."""
