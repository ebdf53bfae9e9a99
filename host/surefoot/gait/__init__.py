"""Contacts, toe-offs and strides of running, and the path of the shin over each."""
