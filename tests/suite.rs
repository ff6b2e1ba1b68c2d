//! All integration tests, as one binary.

#[cfg(test)]
mod cli;
#[cfg(test)]
mod contract;
