//! All integration tests, as one binary.

#[cfg(test)]
mod contract;
