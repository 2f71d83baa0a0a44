"""Finding where DEAR's stock differs from the warehouse's: nothing here writes stock."""
