"""What the user can set: the dialog, its pages, and who keeps it."""
