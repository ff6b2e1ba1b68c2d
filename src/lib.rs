//! The library behind the `lamb-auth` command: why can this LAMB user not sign in, and what mends it.

pub mod email;
pub mod lamb;
pub mod sandbox;
pub mod secret;
pub mod token;
