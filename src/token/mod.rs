//! What a token says without asking anyone, and tokens made for a probe.

mod crypto;
pub mod mint;
