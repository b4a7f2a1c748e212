"""A device that turns the same packets back into a lit building."""
