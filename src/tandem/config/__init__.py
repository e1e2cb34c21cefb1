"""How the parts are put together: settings, addresses, and the wiring of ports to adapters."""
