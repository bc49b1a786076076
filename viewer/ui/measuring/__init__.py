"""What is drawn by hand and by keys: editing, words on the picture, the menu of a measurement."""
