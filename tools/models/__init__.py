"""The build of the cloak's encoders: weights out of packages, as ONNX graphs that give features and gradients."""
