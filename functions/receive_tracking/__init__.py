"""receive_tracking: shipments that the warehouse pushes, and its questions about an order."""
