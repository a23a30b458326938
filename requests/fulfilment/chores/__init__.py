"""What a person at the office must do before a granted request is finished."""
