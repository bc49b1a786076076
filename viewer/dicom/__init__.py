"""What the standard says: files and datasets in, small frozen records out (PS3.3, PS3.5, PS3.10)."""
