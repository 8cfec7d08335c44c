"""How somebody becomes a verified user: sign-up, proof of identity, review, profile, comparison with the register."""
