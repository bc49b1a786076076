"""Windows with images on further monitors."""
