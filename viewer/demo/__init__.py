"""The demonstration studies: made or bundled on this machine, nothing to download."""
