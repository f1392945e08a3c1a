"""One module for each way of breaking things. See `base`."""
