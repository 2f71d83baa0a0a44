"""What `crossdock preview` is made of: the sample, the judging, what is missing, and how it looks."""
