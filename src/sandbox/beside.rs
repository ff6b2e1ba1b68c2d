//! LAMB's side alone, at a fixed place: for a stack with one container for each server.

use std::net::SocketAddr;
use std::path::Path;

use super::http::{Reserved, Servers};
use super::setup::{self, Places, Secrets};
use super::{Error, Options, RunningOwi, Settings};
use crate::lamb::Edition;

/// The stand-in of LAMB's backend beside an Open WebUI that runs elsewhere. Dropping it stops the server, and leaves
/// the files.
pub struct LambAlone {
    _server: Servers,
}

impl LambAlone {
    /// Serves at `address`, over `folder/lamb/lamb_v4.db`, which is written if it is not there, as LAMB itself does.
    ///
    /// # Errors
    /// [`Error`] where the folder, the address or the database could not be had.
    pub fn start(edition: Edition, owi: RunningOwi, folder: &Path, address: SocketAddr) -> Result<Self, Error> {
        let asked = owi.address;
        let options = Options { edition, owi: Some(owi), ..Options::default() };
        let places = Places::make(folder, &options)?;
        if !places.lamb_db.exists() {
            setup::write_databases(&options, &places)?;
        }
        let (owi, own) = (format!("http://{asked}"), format!("http://{address}"));
        let env = setup::environment(&options, &places, &Secrets::of(&options), &owi, &own);
        let site = setup::lamb_backend(&options, &Settings::default().lamb_env(&env), 0);
        let port = (Reserved::at(address)?, setup::backend_port(options.trouble, site));
        Ok(Self { _server: Servers::start(vec![port])? })
    }
}

impl std::fmt::Debug for LambAlone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LambAlone").finish_non_exhaustive()
    }
}
