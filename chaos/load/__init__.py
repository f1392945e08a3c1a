"""Clients of the API that write down everything they are told, and watchers that write down what can be read."""
