"""What is measured beside the clients: the slot, Kafka's backlog, processes, alerts."""
