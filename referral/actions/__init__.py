"""What can be changed about agendas, patients, bookings and referrals: one function for each command."""
