"""The machine: wire, sockets, the one door, streams, audit, encryption. It holds no clinical word."""
