//! Host names in a static program, which has no C library to ask: `/etc/hosts`, then the servers of `/etc/resolv.conf`,
//! as the C library of a container goes without plug-ins.
//!
//! glibc's own `getaddrinfo` would load whatever `/etc/nsswitch.conf` names from the container's glibc into this
//! program's, and where the two differ, crash. reqwest's use of the same resolver asks Google where there is no
//! `/etc/resolv.conf`: names of a deployment are nobody else's business.

use std::fs;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use hickory_resolver::config::{LookupIpStrategy, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::system_conf::parse_resolv_conf;
use hickory_resolver::{Resolver, TokioResolver};

const RESOLV_CONF: &str = "/etc/resolv.conf";

/// A resolver, which reads its files when the first name is asked for: most runs ask for none.
#[derive(Clone, Debug, Default)]
pub(super) struct Own(Arc<OnceLock<TokioResolver>>);

impl Own {
    /// The addresses of a host.
    ///
    /// # Errors
    /// Where the name is none, nobody knows it, or no name server answers in the time that `/etc/resolv.conf` gives.
    pub(super) async fn look_up(&self, host: &str) -> Result<Vec<IpAddr>, NetError> {
        let resolver = match self.0.get() {
            Some(resolver) => resolver,
            None => {
                let resolver = resolver()?;
                self.0.get_or_init(|| resolver)
            }
        };
        // Not as Unicode, which has no `_`: containers are called `lamb_openwebui_1`.
        let found = resolver.lookup_ip(Name::from_ascii(host)?).await?;
        Ok(found.iter().collect())
    }
}

fn resolver() -> Result<TokioResolver, NetError> {
    let (config, options) = configuration(&fs::read(RESOLV_CONF).unwrap_or_default())?;
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options;
    builder.build()
}

fn configuration(resolv_conf: &[u8]) -> Result<(ResolverConfig, ResolverOpts), NetError> {
    // Where no server is named, "only the name server on the local machine will be queried": resolv.conf(5).
    let (config, mut options) = parse_resolv_conf(resolv_conf)
        .or_else(|_| parse_resolv_conf([resolv_conf, b"\nnameserver 127.0.0.1\n"].concat()))?;
    // Both kinds, so that the address that answers is taken.
    options.ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
    Ok((config, options))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_file_of_a_container_is_followed() {
        let docker = "search uni.example lan\nnameserver 127.0.0.11\noptions edns0 ndots:0 timeout:2 attempts:3\n";
        let (config, options) = configuration(docker.as_bytes()).unwrap();
        let servers: Vec<_> = config.name_servers().iter().map(|server| server.ip.to_string()).collect();
        let search: Vec<_> = config.search().iter().map(ToString::to_string).collect();
        assert_eq!(
            (servers, search),
            (vec!["127.0.0.11".to_owned()], vec!["uni.example".to_owned(), "lan".to_owned()])
        );
        assert_eq!((options.ndots, options.timeout, options.attempts), (0, Duration::from_secs(2), 3));
    }

    #[test]
    fn without_a_server_only_this_machine_is_asked() {
        for empty in ["", "search lan\n", "# nothing\n\u{0}\n", "nameserver nonsense\n"] {
            let (config, _) = configuration(empty.as_bytes()).unwrap();
            let servers: Vec<_> = config.name_servers().iter().map(|server| server.ip.to_string()).collect();
            assert_eq!(servers, ["127.0.0.1"], "{empty:?}");
        }
    }

    #[tokio::test]
    async fn this_machine_needs_no_server() {
        let found = Own::default().look_up("localhost").await.unwrap();
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback), "{found:?}");
    }

    #[tokio::test]
    async fn what_is_no_name_is_not_asked_for() {
        for odd in ["a..b", &"x".repeat(64), "häuser.example"] {
            assert!(Own::default().look_up(odd).await.is_err(), "{odd:?}");
        }
    }
}
