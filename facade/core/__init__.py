"""Words everybody shares: errors, time, frames, colour, health. Standard library and numpy only."""
