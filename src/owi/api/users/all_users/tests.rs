//! Against the stand-ins of all three versions, and against small servers that fail, move and lie.

mod lies;
mod stand_ins;

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::http::{FailureKind, Http};
use crate::settings::Settings;

fn client(url: &str) -> OwiClient {
    OwiClient::new(Http::new(&Settings::from_environment(&[]), Duration::from_secs(60)).unwrap(), url)
}

/// A small server. What it answers to the query of a request, by the number of the request, from 0.
struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

/// Status, further headers, body. Status 0 hangs up.
type Reply = (u16, &'static str, String);

fn ok(body: &Value) -> Reply {
    (200, "Content-Type: application/json\r\n", body.to_string())
}

fn status(status: u16) -> Reply {
    (status, "", String::new())
}

fn person(number: usize) -> Value {
    json!({"id": format!("id-{number}"), "email": format!("{number:05}@x"), "name": "", "role": "user"})
}

/// A numbered page of those of these people.
fn numbered(query: &Query, people: &[usize]) -> Reply {
    let page = people.chunks(30).nth(query.number("page") - 1).unwrap_or_default();
    ok(&json!({"users": page.iter().map(|n| person(*n)).collect::<Vec<_>>(), "total": people.len()}))
}

/// A range of a bare list of these people.
fn list(query: &Query, people: &[usize]) -> Reply {
    let range = people.iter().skip(query.number("skip")).take(query.number("limit"));
    ok(&range.map(|n| person(*n)).collect())
}

struct Query(String);

impl Query {
    fn number(&self, name: &str) -> usize {
        let mut pairs = self.0.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map_or(1, |(_, value)| value.parse().unwrap())
    }
}

impl Server {
    async fn start(mut answer: impl FnMut(&Query, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { url, requests: Arc::default(), pauses: Arc::default() };
        let requests = Arc::clone(&server.requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { break };
                    head.push(byte);
                }
                if !head.ends_with(b"\r\n\r\n") {
                    // After an answer that is no HTTP, the client asks whether the port speaks TLS.
                    continue;
                }
                let head = String::from_utf8(head).unwrap();
                let query = head.split([' ', '?']).nth(2).unwrap_or_default().to_owned();
                let (status, headers, body) = answer(&Query(query), requests.fetch_add(1, SeqCst));
                if status > 0 {
                    let length = body.len();
                    let head = format!(
                        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
                    );
                    // Who has heard enough leaves.
                    let _ = stream.write_all((head + &body).as_bytes()).await;
                }
            }
        });
        server
    }

    async fn list(&self, jobs: usize) -> Result<AllUsers, UsersError> {
        self.watch(jobs, &mut |_, _| ()).await
    }

    async fn watch(&self, jobs: usize, progress: &mut dyn FnMut(usize, Option<usize>)) -> Result<AllUsers, UsersError> {
        let retries = RetryPolicy::noting(3, Arc::clone(&self.pauses));
        let pager = Pager::new(&client(&self.url), &Secret::from("token"), retries);
        list_all(&pager, jobs, progress).await
    }

    fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }

    fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }
}

fn everyone(count: usize) -> Vec<usize> {
    (0..count).collect()
}

mod retries {
    use super::*;

    #[tokio::test]
    async fn an_overloaded_server_is_asked_again() {
        for (code, headers) in [(429, ""), (502, ""), (503, "Retry-After: 2\r\n"), (504, ""), (0, "")] {
            let server = Server::start(move |query, at| match at {
                0 | 1 => (code, headers, String::new()),
                _ => list(query, &everyone(3)),
            })
            .await;
            assert_eq!(server.list(1).await.unwrap().people.len(), 3, "{code}");
            let pauses = server.pauses();
            assert_eq!((server.requests(), pauses.len()), (3, 2));
            let least = if headers.is_empty() { 250 } else { 2000 };
            assert!(pauses[0] >= Duration::from_millis(least), "{code}: {pauses:?}");
            assert!(pauses[1] >= Duration::from_millis(500), "{code}: {pauses:?}");
        }
    }

    #[tokio::test]
    async fn retries_end() {
        let server = Server::start(|_, _| status(503)).await;
        let error = server.list(4).await.unwrap_err().to_string();
        assert!(error.ends_with("answers 503 (asked 3 times)"), "{error}");
        assert_eq!(server.requests(), 3);

        let server = Server::start(|_, _| status(0)).await;
        let error = server.list(4).await.unwrap_err();
        let UsersError::NoAnswer { failure, tries: 3 } = &error else { panic!("{error}") };
        assert_eq!(failure.kind, FailureKind::Broken);
        assert!(error.to_string().ends_with("(asked 3 times)"), "{error}");
        assert_eq!(server.requests(), 3);
    }

    #[tokio::test]
    async fn a_refusal_and_a_web_page_are_final() {
        for code in [401, 403] {
            let server = Server::start(move |_, _| status(code)).await;
            let error = server.list(4).await.unwrap_err();
            assert!(matches!(error, UsersError::Refused(_)), "{error}");
            assert_eq!((server.requests(), server.pauses().len()), (1, 0));
        }
        let page = "<!doctype html><p>Welcome";
        let server = Server::start(|_, _| (200, "Content-Type: text/html\r\n", page.to_owned())).await;
        let error = server.list(4).await.unwrap_err().to_string();
        assert!(error.ends_with("answers 200, a web page (HTML)"), "{error}");
        assert_eq!(server.requests(), 1);
    }

    #[tokio::test]
    async fn a_500_that_passes_spoils_nothing() {
        let server = Server::start(|query, at| if at % 2 == 0 { status(500) } else { numbered(query, &everyone(95)) });
        let server = server.await;
        let listing = server.list(1).await.unwrap();
        assert_eq!((listing.people.len(), listing.unreadable_rows, server.requests()), (95, 0, 8));
    }

    #[tokio::test]
    async fn a_server_that_always_answers_500_has_no_users_to_count() {
        let server = Server::start(|_, _| status(500)).await;
        let error = server.list(4).await.unwrap_err().to_string();
        assert!(error.ends_with("answers 500, even for an empty page"), "{error}");
        assert_eq!(server.requests(), 4);
    }

    #[tokio::test]
    async fn a_server_that_breaks_down_meanwhile_is_an_error() {
        let server = Server::start(|query, at| if at > 3 { status(500) } else { list(query, &everyone(9_000)) }).await;
        let error = server.list(1).await.unwrap_err().to_string();
        assert!(error.contains("answers 500 for 65 users in a row"), "{error}");
        let server = Server::start(|query, at| if at > 3 { status(500) } else { numbered(query, &everyone(9_000)) });
        let server = server.await;
        let error = server.list(1).await.unwrap_err().to_string();
        assert!(error.ends_with("answers 500 for 21 of its pages"), "{error}");
        assert!(server.requests() < 60, "{}", server.requests());
    }

    /// As many as are wanted are asked at once, and no more: each waits for the three others.
    #[tokio::test]
    async fn jobs_is_the_number_of_requests_at_once() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (barrier, now, most) =
            (Arc::new(tokio::sync::Barrier::new(4)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let greatest = Arc::clone(&most);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (barrier, now, most) = (Arc::clone(&barrier), Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    let mut head = vec![0; 4096];
                    let length = stream.read(&mut head).await.unwrap();
                    let head = String::from_utf8_lossy(&head[..length]).into_owned();
                    let query = Query(head.split([' ', '?']).nth(2).unwrap().to_owned());
                    most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                    if query.number("page") > 1 {
                        barrier.wait().await;
                    }
                    now.fetch_sub(1, SeqCst);
                    let (_, headers, body) = numbered(&query, &everyone(30 * 9));
                    let length = body.len();
                    let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\n\r\n");
                    stream.write_all((head + &body).as_bytes()).await.unwrap();
                });
            }
        });
        let pager = Pager::new(&client(&url), &Secret::from("token"), RetryPolicy::noting(1, Arc::default()));
        let listing = list_all(&pager, 4, &mut |_, _| ()).await.unwrap();
        assert_eq!((listing.people.len(), greatest.load(SeqCst)), (270, 4));
    }
}

mod movement {
    use super::*;

    /// A user of the first page goes between the two requests, so another user is on neither page.
    #[tokio::test]
    async fn a_removed_user_restarts_the_listing() {
        for kind in [numbered, list] {
            let server = Server::start(move |query, at| {
                let mut people = everyone(700);
                if at > 0 {
                    people.remove(5);
                }
                kind(query, &people)
            })
            .await;
            let mut seen = Vec::new();
            let listing = server.watch(1, &mut |now, of| seen.push((now, of))).await.unwrap();
            assert_eq!(listing.people.len(), 699);
            let restart = seen.windows(2).filter(|pair| pair[1].0 < pair[0].0).count();
            assert_eq!(restart, 1, "{seen:?}");
        }
    }

    #[tokio::test]
    async fn a_list_that_never_rests_is_an_error() {
        for kind in [numbered, list] {
            let server = Server::start(move |query, at| kind(query, &everyone(700).split_off(at))).await;
            let error = server.list(1).await.unwrap_err();
            assert!(matches!(error, UsersError::Incomplete { .. }), "{error}");
        }
    }

    #[tokio::test]
    async fn new_users_do_not_restart_the_listing() {
        let server = Server::start(move |query, at| {
            let mut people = everyone(100);
            // At the very end of one order, at the beginning of the other.
            if at > 2 {
                people.push(100);
            }
            if query.0.contains("created_at") {
                people.reverse();
            }
            numbered(query, &people)
        })
        .await;
        assert_eq!(server.list(1).await.unwrap().people.len(), 101);
        assert_eq!(server.requests(), 4);
    }

    /// Sign-ups before the pages that are turned: they shift all users, and are searched for at the end.
    #[tokio::test]
    async fn newcomers_on_pages_that_were_turned_are_found() {
        let server = Server::start(move |query, at| {
            let mut people: Vec<_> = (1..=100).collect();
            if at > 2 {
                people.insert(0, 0);
            }
            numbered(query, &people)
        })
        .await;
        assert_eq!(server.list(1).await.unwrap().people.len(), 101);
        assert!(server.requests() <= 6);
    }
}

#[tokio::test]
async fn an_empty_server_has_no_users() {
    for body in [json!([]), json!({"users": [], "total": 0})] {
        let server = Server::start(move |_, _| ok(&body)).await;
        assert_eq!(server.list(4).await.unwrap(), AllUsers::default());
        assert_eq!(server.requests(), 1);
    }
}
