"""Content Credentials: a signed C2PA manifest in every rendition, saying what was done and what machines may do."""
