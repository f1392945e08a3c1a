"""Names and shapes of the read model: the one thing the API, the worker and verify share."""
