"""Capture: the Debezium connector's configuration, and the commands that put it into Kafka Connect."""
