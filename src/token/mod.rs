//! What a token says by itself, and test tokens.

mod crypto;
pub mod inspect;
pub mod mint;
pub mod presented;
