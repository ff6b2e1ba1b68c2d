//! LAMB's backend in the stack of the tests: the sandbox's stand-in at LAMB's own address, by LAMB's own environment.

use std::env::var;
use std::error::Error;
use std::net::{Ipv4Addr, ToSocketAddrs};
use std::path::PathBuf;

use lamb_auth::lamb::Edition;
use lamb_auth::sandbox::{LambAlone, RunningOwi};
use lamb_auth::secret::Secret;

fn main() -> Result<(), Box<dyn Error>> {
    let url = var("OWI_BASE_URL")?;
    let mut found = url.trim_start_matches("http://").to_socket_addrs()?;
    let address = found.next().ok_or("nobody has the name of OWI_BASE_URL")?;
    let owi =
        RunningOwi { address, folder: PathBuf::from(var("OWI_PATH")?), secret: Secret::new(var("WEBUI_SECRET_KEY")?) };
    // LAMB_DB_PATH is the folder `lamb` in it.
    let volume = PathBuf::from(var("LAMB_DB_PATH")?).join("..");
    let _serving = LambAlone::start(Edition::Delegated, owi, &volume, (Ipv4Addr::UNSPECIFIED, 9099).into())?;
    loop {
        std::thread::park();
    }
}
