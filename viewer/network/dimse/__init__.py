"""DIMSE: messages over associations (PS3.7, PS3.8), and the services of a user of it."""
