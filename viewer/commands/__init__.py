"""The subcommands that need no window: thin callers of the packages below, and the proof that they stand alone."""
