"""Query plans of the queries the API really sends, in both databases, and checks of what is promised about them."""
