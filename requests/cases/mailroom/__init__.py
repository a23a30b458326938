"""Notices that need a hand: letters to be printed, texts whose end nobody knows."""
