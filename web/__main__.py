"""Starts the command line: ``rightsdesk``, and ``python -m rightsdesk.web``."""

import gc


def main() -> None:
    """Load the commands and run the one that is asked for."""
    # What a start loads, it keeps. Looking again and again for what could go took a sixth of its time.
    gc.disable()
    from rightsdesk.web.cli import main as run  # noqa: PLC0415 - see above

    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
