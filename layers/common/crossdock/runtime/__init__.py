"""The Lambda side: environment, secrets, logs, metrics and the deadline. Used by app.py only."""
