"""Cues, playlists and the timeline: what is on at time t."""
