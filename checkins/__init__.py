"""Check-ins: four numbers once a period, and who may see them."""
