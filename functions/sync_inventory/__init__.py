"""The workflow step sync_inventory."""
