"""One file a medium: UDP, the virtual network."""
