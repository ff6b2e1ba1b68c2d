//! Host names: asked of the C library, as LAMB asks it; a static program has none, and asks by itself.

#[cfg(any(test, target_feature = "crt-static"))]
mod own;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpStream;

/// The detail of a failure where no name server answered in time.
pub(super) const NO_ANSWER: &str = "no name server answers within the time allowed (--timeout)";

/// The resolver of the client. It gives up before the connection would, so that the two can be told apart.
#[derive(Clone, Debug)]
pub(super) struct Names {
    limit: Duration,
}

impl Names {
    pub(super) fn new(patience: Duration) -> Self {
        Self { limit: patience }
    }

    async fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        #[cfg(target_feature = "crt-static")]
        let found = own::look_up(host);
        #[cfg(not(target_feature = "crt-static"))]
        let found = async { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) };
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, NO_ANSWER);
        tokio::time::timeout(self.limit, found).await.map_err(late)?
    }

    /// A bare connection to a host.
    ///
    /// # Errors
    /// Where the name cannot be resolved, or the host cannot be reached.
    pub(super) async fn connect(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        let found: Vec<SocketAddr> = self.look_up(host).await?.into_iter().map(|ip| (ip, port).into()).collect();
        TcpStream::connect(found.as_slice()).await
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            // reqwest puts the port of the URL in the place of 0.
            let found = names.look_up(name.as_str()).await?.into_iter().map(|ip| SocketAddr::new(ip, 0));
            let found: Addrs = Box::new(found);
            Ok(found)
        })
    }
}
