"""The workflow step create_invoices."""
