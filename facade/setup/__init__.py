"""What run_facade.py needs when the environment does not stand yet. Standard library only."""
