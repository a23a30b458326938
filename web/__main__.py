"""Starts the command line: ``python -m rightsdesk.web``."""

from rightsdesk.web.cli import main

if __name__ == "__main__":
    main()
