"""Activity of accounts, from the logs of mail systems."""
