"""`make run`: the whole product on this machine, shown at work and checked against the sandbox's own books."""
