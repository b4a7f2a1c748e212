"""Documents as validated, frozen models; the loader that reports every problem at once."""
