"""How large a pixel of a monitor is: measuring it, and pictures at true size."""
