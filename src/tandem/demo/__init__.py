"""`tandem demo`: a lifelike org, and a tour of a task's way there and back."""
