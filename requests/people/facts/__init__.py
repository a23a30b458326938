"""What the record knows of somebody who asks about a student."""
