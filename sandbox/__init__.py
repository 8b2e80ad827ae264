"""A local stand-in for every site that the sources read, with invented projects: for the demo, the tests and work
without a network.

`python -m sandbox` serves it; `with sandbox.server.start(...) as running:` does so inside a test. Its addresses are
`http://127.0.0.1:PORT/<the real host>/<the real path>`. A module in `sandbox/hosts/` stands in for one host; nothing
lists them.
"""
