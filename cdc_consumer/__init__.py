"""The stream processor: Debezium records in Kafka become documents in MongoDB."""
