"""The composition over the kernel, and the program `relais`."""
