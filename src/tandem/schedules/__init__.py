"""What is done by the calendar, and when is it due next?"""
