"""The fields of one person's record, read, corrected and erased one by one."""
