"""Measurements of this machine, each with its limit beside it. Nothing here decides anything for a show."""
