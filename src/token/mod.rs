//! What a token says by itself, and test tokens.

mod base64url;
pub mod claims;
pub mod inspect;
pub mod mint;
pub mod presented;
