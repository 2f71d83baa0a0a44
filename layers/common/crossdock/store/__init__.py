"""DynamoDB: orders, shipments, the ledger, checkpoints, leases and the call budget."""
