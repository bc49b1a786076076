"""What a reader can ask for: the rows of all actions, and where they are shown."""
