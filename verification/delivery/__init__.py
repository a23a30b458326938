"""What became of the messages the carrier took: its reports, and the words STOP and START."""
