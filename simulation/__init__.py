"""Whole workflows in one process on a virtual clock, with faults, judged from outside (docs/reliability.md)."""
