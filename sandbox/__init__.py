"""Stateful stand-ins of DEAR Systems and of a warehouse, to run Crossdock against."""
