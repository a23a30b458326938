"""The agency's office: roster, people, staff, policies and audit."""
