"""Who: people, organisations, rights, sessions, and the directory of health professionals."""
