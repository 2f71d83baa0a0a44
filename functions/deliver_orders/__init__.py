"""The workflow step deliver_orders."""
