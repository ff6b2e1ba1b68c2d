//! Which program this is: its version, and the commit that it was built from. `build.rs` finds that out.

/// The version, as in `Cargo.toml`.
pub const SHORT: &str = env!("CARGO_PKG_VERSION");

/// The version, and the commit where the build knew it: `0.1.0 (0123456789 2026-11-23)`.
pub const LONG: &str = env!("LAMB_AUTH_LONG_VERSION");

/// The commit where the build knew it, with its date where that was known: `0123456789 2026-11-23`. `-dirty` follows the
/// commit where the sources were not as they are in it.
pub fn built_from() -> Option<&'static str> {
    Some(env!("LAMB_AUTH_BUILT_FROM")).filter(|commit| !commit.is_empty())
}
