//! The `lamb-auth` command.

fn main() {}
