"""The workflow step reconcile."""
