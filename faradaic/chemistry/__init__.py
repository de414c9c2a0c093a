"""What is known about matter, each fact once and with its source."""
