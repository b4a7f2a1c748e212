"""One frame of GPU work."""
