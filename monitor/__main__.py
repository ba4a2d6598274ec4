"""`python -m monitor` is `congvu`."""

from monitor.cli import main

main()
