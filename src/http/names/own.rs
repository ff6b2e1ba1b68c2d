//! Host names in a static program, which has no C library to ask: `/etc/hosts`, then the servers of `/etc/resolv.conf`,
//! as the C library of a container goes without plug-ins.
//!
//! glibc's own `getaddrinfo` would load whatever `/etc/nsswitch.conf` names from the container's glibc into this
//! program's, and where the two differ, crash. reqwest's use of the same resolver asks Google where there is no
//! `/etc/resolv.conf`: the names of a deployment are not sent to other servers.

use std::net::IpAddr;
use std::time::Duration;
use std::{fs, io};

use hickory_resolver::config::{LookupIpStrategy, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::parse_resolv_conf;
use hickory_resolver::{Hosts, Resolver};

const HOSTS: &str = "/etc/hosts";
const RESOLV_CONF: &str = "/etc/resolv.conf";

/// The addresses of a host. Nothing is kept from one look-up to the next: in a stack, a service that was made anew has
/// another address, and another service may have its old one.
///
/// # Errors
/// If it is not a name, no name server knows it, or none answers in the time that `/etc/resolv.conf` gives.
pub(super) async fn look_up(host: &str) -> io::Result<Vec<IpAddr>> {
    // Not as Unicode, which has no `_`: containers are called `lamb_openwebui_1`.
    let name = Name::from_ascii(host).map_err(io::Error::other)?;
    let written = in_hosts(&fs::read(HOSTS).unwrap_or_default(), &name);
    if !written.is_empty() {
        return Ok(written);
    }
    let (config, options) = configuration(&fs::read(RESOLV_CONF).unwrap_or_default()).map_err(io::Error::other)?;
    asked(&name, &config, &options).await.map_err(|why| {
        let unknown = || io::Error::new(io::ErrorKind::NotFound, "the name servers know no such name");
        if why.is_no_records_found() { unknown() } else { io::Error::other(why) }
    })
}

/// What `/etc/hosts` says. A name in it is not looked up elsewhere, not even for an address of the other kind: the
/// entry was meant to replace that.
fn in_hosts(hosts: &[u8], name: &Name) -> Vec<IpAddr> {
    let mut known = Hosts::default();
    // By its text with what is not UTF-8 replaced: that is in comments, and the rest of the file still counts.
    let _ = known.read_hosts_conf(String::from_utf8_lossy(hosts).as_bytes());
    let of_kind = |kind| known.lookup_static_host(&Query::query(name.to_lowercase(), kind));
    let found = [RecordType::AAAA, RecordType::A].into_iter().filter_map(of_kind);
    found
        .flat_map(|found| found.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>())
        .collect()
}

/// Asks one name server after the other, and believes the first that answers, also where it says no. The resolver by itself
/// asks two at once and takes the quicker: where only the first knows the names inside, that is the wrong one.
async fn asked(name: &Name, config: &ResolverConfig, options: &ResolverOpts) -> Result<Vec<IpAddr>, NetError> {
    let mut last = NetError::Timeout;
    for _ in 0..options.attempts.max(1) {
        for server in config.name_servers() {
            let (domain, search) = (config.domain().cloned(), config.search().to_vec());
            let alone = ResolverConfig::from_parts(domain, search, vec![server.clone()]);
            let mut builder = Resolver::builder_with_config(alone, TokioRuntimeProvider::default());
            *builder.options_mut() = options.clone();
            builder.options_mut().attempts = 0;
            let resolver = builder.build()?;
            match tokio::time::timeout(wait_limit(options), resolver.lookup_ip(name.clone())).await {
                Ok(Ok(found)) => return Ok(found.iter().collect()),
                Ok(Err(why)) if why.is_no_records_found() => return Err(why),
                Ok(Err(why)) => last = why,
                Err(_) => last = NetError::Timeout,
            }
        }
    }
    Err(last)
}

/// How long one server is waited for. A little more than one question may take, so that the half of an answer that came is
/// not lost; not as long as one for each search domain, so that the next server is asked in time.
fn wait_limit(options: &ResolverOpts) -> Duration {
    options.timeout + options.timeout / 5
}

fn configuration(resolv_conf: &[u8]) -> Result<(ResolverConfig, ResolverOpts), NetError> {
    // Where no server is named, "only the name server on the local machine will be queried": resolv.conf(5).
    let (config, mut options) = parse_resolv_conf(resolv_conf)
        .or_else(|_| parse_resolv_conf([resolv_conf, b"\nnameserver 127.0.0.1\n"].concat()))?;
    // Both kinds, so that the address that answers is taken.
    options.ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
    options.use_hosts_file = ResolveHosts::Never;
    Ok((config, options))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use hickory_resolver::config::{ConnectionConfig, NameServerConfig};
    use hickory_resolver::proto::op::{Message, ResponseCode};
    use hickory_resolver::proto::rr::{RData, Record};
    use tokio::net::UdpSocket;

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

    #[test]
    fn a_name_in_the_file_of_hosts_is_not_asked_for() {
        let hosts =
            b"# M\xe4rz\r\n127.0.0.1\tlocalhost\r\n10.0.0.5 \tOpenWebUI lamb_openwebui_1 # other\r\nfd00::5 both\n\
                      10.0.0.6 both";
        for (name, addresses) in [
            ("openwebui", &["10.0.0.5"][..]),
            ("LAMB_openwebui_1", &["10.0.0.5"]),
            ("both", &["fd00::5", "10.0.0.6"]),
            ("other", &[]),
            ("openwebui.lan", &[]),
        ] {
            let found = in_hosts(hosts, &Name::from_ascii(name).unwrap());
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), addresses, "{name}");
        }
    }

    #[tokio::test]
    async fn the_first_server_that_answers_is_believed() {
        let inside = Ipv4Addr::new(10, 0, 0, 5);
        let (knows, knows_not) = (Ok(inside), Err(ResponseCode::NXDomain));
        let broken = Err(ResponseCode::ServFail);
        for (servers, expected, asked_of) in [
            ([knows, knows_not], Some(inside), [true, false]),
            ([knows_not, knows], None, [true, false]),
            ([broken, knows], Some(inside), [true, true]),
        ] {
            let (first, second) = (Server::start(servers[0]).await, Server::start(servers[1]).await);
            let both = vec![first.config.clone(), second.config.clone()];
            let config = ResolverConfig::from_parts(None, Vec::new(), both);
            let (_, options) = configuration(b"").unwrap();
            let found = asked(&Name::from_ascii("openwebui").unwrap(), &config, &options).await;
            assert_eq!(found.ok(), expected.map(|address| vec![IpAddr::V4(address)]), "{servers:?}");
            assert_eq!([first.was_asked(), second.was_asked()], asked_of, "{servers:?}");
        }
    }

    /// A name server that says the same of each name; of IPv6 addresses it has none.
    struct Server {
        config: NameServerConfig,
        asked: Arc<AtomicBool>,
    }

    impl Server {
        async fn start(answer: Result<Ipv4Addr, ResponseCode>) -> Self {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let mut udp = ConnectionConfig::udp();
            udp.port = socket.local_addr().unwrap().port();
            let config = NameServerConfig::new(Ipv4Addr::LOCALHOST.into(), true, vec![udp]);
            let asked = Arc::new(AtomicBool::new(false));
            let noted = Arc::clone(&asked);
            tokio::spawn(async move {
                let mut bytes = [0; 512];
                loop {
                    let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
                    noted.store(true, Ordering::SeqCst);
                    let question = Message::from_vec(&bytes[..length]).unwrap();
                    let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
                    let query = question.queries[0].clone();
                    match answer {
                        Ok(address) if query.query_type() == RecordType::A => {
                            reply.add_answer(Record::from_rdata(query.name().clone(), 600, RData::A(address.into())));
                        }
                        Ok(_) => (),
                        Err(code) => reply.metadata.response_code = code,
                    }
                    reply.add_query(query);
                    socket.send_to(&reply.to_vec().unwrap(), from).await.unwrap();
                }
            });
            Self { config, asked }
        }

        fn was_asked(&self) -> bool {
            self.asked.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn this_machine_needs_no_server() {
        let found = look_up("localhost").await.unwrap();
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback), "{found:?}");
    }

    #[tokio::test]
    async fn what_is_no_name_is_not_asked_for() {
        for odd in ["a..b", &"x".repeat(64), "häuser.example"] {
            assert!(look_up(odd).await.is_err(), "{odd:?}");
        }
    }
}
