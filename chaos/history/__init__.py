"""What clients and watchers saw in one experiment, on one clock: the only thing the checker reads beside the final states."""
