"""The workflow step collect_shipments."""
