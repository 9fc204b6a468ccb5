"""What the admin's pages cost, however many people there are."""
