"""What changes conversations: one function for each command."""
