//! The library behind the `lamb-auth` command: why can this LAMB user not sign in, and what mends it.

pub mod audit;
pub mod bundle;
pub mod change;
pub mod checks;
pub mod cli;
pub mod clock;
pub mod diagnose;
pub mod email;
pub mod files;
pub mod findings;
pub mod http;
pub mod interrupt;
pub mod lamb;
pub mod messages;
pub mod owi;
pub mod refresh;
pub mod render;
pub mod repair;
pub mod sandbox;
pub mod secret;
pub mod settings;
pub mod sqlite;
pub mod sync;
pub mod token;
pub mod verify;
pub mod version;
