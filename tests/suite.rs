//! All integration tests, as one binary.

#[cfg(test)]
mod cli;
#[cfg(test)]
mod compose;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod release;
#[cfg(test)]
mod rooms;
