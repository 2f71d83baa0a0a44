"""Warehouse systems: a registry and one module each."""
