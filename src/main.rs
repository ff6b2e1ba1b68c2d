//! The `lamb-auth` command.

fn main() -> std::process::ExitCode {
    lamb_auth::cli::main()
}
