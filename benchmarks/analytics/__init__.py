"""What figures cost, however many check-ins of others there are."""
