"""The group event log and the sockets. Nothing imports this app; it hears by signals."""
