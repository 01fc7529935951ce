//! CPU colour conversion and scaling to the encoders' I420: the path without a GPU, and the oracle of the GPU tests.
