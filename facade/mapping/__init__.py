"""Fixtures to pixels in metres, pixels to bytes on the wire."""
