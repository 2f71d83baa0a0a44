"""The benchmark: what Crossdock costs, counted with the real steps, store and DEAR client over the sandbox."""
