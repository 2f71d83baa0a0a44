"""The pure part: what an order is, how it may move, and what a sale becomes. No input, no output."""
