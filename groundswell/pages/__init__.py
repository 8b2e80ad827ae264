"""The pages: each module here says what one kind of page shows, in words and signs that are ready to be set.

Templates do no arithmetic: whatever is compared, ranked, rounded or left out is decided here.
"""
