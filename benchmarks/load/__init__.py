"""How fast the API answers when friends come by, and what each statement takes."""
