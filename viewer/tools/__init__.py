"""What the mouse and the keys do to a viewport: one generator or function each."""
