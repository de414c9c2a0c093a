"""What to do: the document, its schema, the checks, the estimates and the compiled plan."""
