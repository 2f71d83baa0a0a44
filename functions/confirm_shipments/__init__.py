"""The workflow step confirm_shipments."""
