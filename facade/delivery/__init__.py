"""One frame of light leaving."""
