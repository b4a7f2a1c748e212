"""What a piece is: manifest, dialect, program."""
