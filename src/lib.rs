//! The library behind the `lamb-auth` command: why can this LAMB user not sign in, and what mends it.

pub mod email;
pub mod lamb;
pub mod sandbox;
pub mod secret;
pub mod token;
pub mod settings;
pub mod talk;
pub mod sqlite;
pub mod http;
pub mod owi;
pub mod findings;
pub mod clock;
pub mod diagnose;
pub mod mounts;
