"""Pictures that come from files and devices: decoded to arrays, scaled to what a wall can show, never drawn here."""
