"""How the admin writes dates and times: see `en.formats`."""
