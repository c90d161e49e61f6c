"""TLS and endpoint compliance scanner.

The library's face: `scanner.inventory.load_inventory`, `scanner.scan.scan` (an asynchronous iterator of Attempts),
`scanner.journal.StoredRun`, `scanner.assess.assess` and the `render` function of each module in `scanner.render`. The
command line is a thin layer over them.
"""

__version__ = "0.1.0"
