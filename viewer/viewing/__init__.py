"""What every viewport shows, as values; no Qt."""
