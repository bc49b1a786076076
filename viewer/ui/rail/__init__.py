"""The list of patients, studies and series at the left."""
