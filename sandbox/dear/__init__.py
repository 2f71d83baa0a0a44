"""A stateful DEAR Systems account, API v2, with a control plane beside it."""
