"""The workflow step download_orders."""
