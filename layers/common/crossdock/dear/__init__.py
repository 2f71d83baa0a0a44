"""DEAR Systems: the client, its transport, and what its wire shapes mean."""
