"""Entry point of `python -m sendspec`, the same as the command `sendspec`."""

from sendspec.cli import main

if __name__ == "__main__":
    main()
