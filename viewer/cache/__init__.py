"""The study cache: what was opened or fetched is found again, and nothing of it is lost."""
