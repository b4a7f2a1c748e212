"""Builds the object graph of each process and supervises."""
