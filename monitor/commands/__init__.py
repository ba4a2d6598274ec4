"""What each subcommand does; `monitor/cli/` only declares them."""
