"""The bench: calls, seconds, memory and ratios against their floors, measured in one run and never asserted on."""
