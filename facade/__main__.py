"""``python -m facade``."""

import sys

from facade.cli import main

if __name__ == "__main__":
    sys.exit(main())
