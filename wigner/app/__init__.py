"""What the user meets: run files, the command line and its console. Imports nothing here, so that help answers at once."""
