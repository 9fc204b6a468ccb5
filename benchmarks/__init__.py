"""What is measured, beside somebody else's way of doing the same. See README.md."""
