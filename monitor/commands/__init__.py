"""What each subcommand does; `cli.py` only declares them."""
