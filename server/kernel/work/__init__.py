"""What waits for somebody: rows that the rooms write and settle in their transactions, and one query over them all."""
