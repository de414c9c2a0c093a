"""What every picture and page shares."""
