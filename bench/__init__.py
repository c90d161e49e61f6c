"""What a scan costs, side by side with other scanners; `make bench` runs it and writes docs/performance.md."""
