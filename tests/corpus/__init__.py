"""Pictures for tests: sound, unusual and hostile ones, all made by code."""
