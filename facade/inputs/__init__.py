"""One file a medium: OSC, MIDI, serial."""
