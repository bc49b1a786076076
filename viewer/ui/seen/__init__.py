"""Nothing lost, nothing missed: what is drawn is kept at once, and what was not seen is said."""
