"""What is kept so that it need not be read twice."""
