"""What is fetched and sent."""
