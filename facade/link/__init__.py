"""How the processes talk: frame slots and event datagrams."""
