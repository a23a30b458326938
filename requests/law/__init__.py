"""What the law says: rules as data, the due dates they set, the grounds they know, the words they ask for."""
