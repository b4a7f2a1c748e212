"""Bytes to frozen messages and back. No sockets, no clocks."""
