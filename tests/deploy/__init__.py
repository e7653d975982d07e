"""What goes into an AWS account: built and tried as Lambda would lay it out."""
