"""Who owns the data: agencies, their schools, calendars, policies and staff."""
