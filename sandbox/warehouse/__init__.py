"""A warehouse that speaks Crossdock's HTTP contract and remembers what it was told."""
