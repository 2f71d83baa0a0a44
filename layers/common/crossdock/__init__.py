"""Crossdock: sales orders from DEAR Systems to the warehouse that ships them, and back."""
