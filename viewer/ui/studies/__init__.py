"""The list of studies: of this computer and of peers, and what is done from it."""
