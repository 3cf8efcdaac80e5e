"""Pushes: the recipients of a campaign are sent to where the mail is sent from, and what arrived is recorded."""
