//! Nothing: what counts is which features the manifest turns on, and why.
