"""The pages: each one HTML file, filled in from templates with what `present` has made; nothing is computed here.

May import `present` and what is above it.
"""
