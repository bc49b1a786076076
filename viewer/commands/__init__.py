"""The subcommands that need no window: thin callers of the packages below, proof that they stand alone."""
