//! What a token says without asking anyone, and tokens made for a probe.

pub mod autopsy;
mod crypto;
pub mod mint;
pub mod presented;
