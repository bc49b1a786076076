"""Films: playing stacks by the clock, and the bar that shows how."""
