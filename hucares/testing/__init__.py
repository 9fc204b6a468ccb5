"""What the tests need beside the project itself: private servers and the pytest plugin that starts them."""
