"""From an input event to a value of a parameter, without I/O."""
