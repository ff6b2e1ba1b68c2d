//! Servers that answer what no real server does.

use super::*;

async fn refused(server: Server, most: usize) -> UsersError {
    let error = server.list(4).await.unwrap_err();
    assert!(server.requests() <= most, "{}: {error}", server.requests());
    error
}

#[tokio::test]
async fn a_wrong_total_is_an_error() {
    let first = (0..30).map(person).collect::<Vec<_>>();
    for (total, told) in [
        (json!(u64::MAX), "more than 4000000 are not listed"),
        (json!(-1), "answers users without a total that is a count"),
        (json!("30"), "answers users without a total that is a count"),
        (Value::Null, "answers users without a total that is a count"),
        (json!(7), "says it has 7 users and shows 30 of them"),
    ] {
        let body = json!({"users": first, "total": total});
        let error = refused(Server::start(move |_, _| ok(&body)).await, 1).await.to_string();
        assert!(error.ends_with(told), "{total}: {error}");
    }
    let one = json!({"users": [person(1)], "total": MAX_USERS});
    let error = refused(Server::start(move |_, _| ok(&one)).await, 1).await.to_string();
    assert!(error.ends_with("shows 4000000 users 1 at a time: too few"), "{error}");
}

#[tokio::test]
async fn the_same_page_again_and_again_is_an_error() {
    let page = json!({"users": (0..30).map(person).collect::<Vec<_>>(), "total": 3_000_000});
    let error = refused(Server::start(move |_, _| ok(&page)).await, 30).await;
    assert!(matches!(error, UsersError::Incomplete { seen: 30, total: 3_000_000, .. }), "{error}");
    assert!(error.to_string().contains("shows 30 of 3000000 users"), "{error}");
    let list: Value = (0..200).map(person).collect();
    let error = refused(Server::start(move |_, _| ok(&list)).await, 30).await;
    assert!(matches!(error, UsersError::Incomplete { seen: 200, .. }), "{error}");
}

#[tokio::test]
async fn empty_pages_with_a_large_total_are_an_error() {
    let error = refused(Server::start(|_, _| ok(&json!({"users": [], "total": 2_000_000}))).await, 30).await;
    assert!(matches!(error, UsersError::Incomplete { seen: 0, total: 2_000_000, .. }), "{error}");
}

#[tokio::test]
async fn a_list_that_knows_no_limit() {
    let list: Value = (0..201).map(person).collect();
    let error = refused(Server::start(move |_, _| ok(&list)).await, 1).await.to_string();
    assert!(error.ends_with("answers more users than were asked for"), "{error}");
}

#[tokio::test]
async fn another_shape_each_time() {
    for flip in [false, true] {
        let server = Server::start(move |query, at| {
            if (at == 0) == flip { list(query, &everyone(500)) } else { numbered(query, &everyone(500)) }
        });
        let error = refused(server.await, 6).await.to_string();
        assert!(error.ends_with(if flip { "a list once and pages once" } else { "pages once and a list once" }));
    }
}

#[tokio::test]
async fn users_without_id_or_email_are_unreadable() {
    let odd = [
        person(1),
        json!({"id": "a", "email": ""}),
        json!({"id": "b", "email": null}),
        json!({"id": 7, "email": "seven@x"}),
        json!({"email": "stranger@x"}),
        json!("text"),
    ];
    for body in [json!(odd), json!({"users": odd, "total": odd.len()})] {
        let server = Server::start(move |_, _| ok(&body)).await;
        let listing = server.list(2).await.unwrap();
        assert_eq!((listing.people.len(), listing.unreadable_rows), (1, 5));
        assert_eq!(&*listing.people[0].role, "user");
    }
}

/// Each request may still be in time: the whole list has its own time limit.
#[tokio::test]
async fn a_server_that_is_slow_for_ever_is_given_up() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let query = Query(head.split([' ', '?']).nth(2).unwrap().to_owned());
            if query.number("page") == 1 {
                let (_, headers, body) = numbered(&query, &everyone(90));
                let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).await.unwrap();
            } else {
                held.push(stream);
            }
        }
    });
    let bound = Duration::from_millis(500);
    let (options, token) = (ListOptions { jobs: 2, tries: 3, bound }, Secret::from("token"));
    let error = all(&client(&url), &token, &options, &mut |_, _| ()).await.unwrap_err();
    assert!(matches!(error, UsersError::TooSlow { seen: 30, of: Some(90), .. }), "{error}");
    assert!(error.to_string().contains("showed 30 users of 90 within 0.5 s"), "{error}");
}

/// The search for the neighbors of an unreadable row ends, and they count as unreadable.
#[tokio::test]
async fn a_server_that_refuses_every_search_is_not_searched_for_ever() {
    let server = Server::start(|query, _| {
        let refuses = query.0.contains("query=") || query.number("page") == 2;
        if refuses { status(500) } else { numbered(query, &everyone(60)) }
    })
    .await;
    let listing = server.list(4).await.unwrap();
    assert_eq!((listing.people.len(), listing.unreadable_rows), (30, 30));
    assert!(server.requests() < 40, "{}", server.requests());
}

/// A picture of many megabytes in one row: the others come in smaller pieces.
#[tokio::test]
async fn a_row_that_is_too_long_hides_no_other_user() {
    let picture = "x".repeat(crate::http::MAX_BODY);
    let server = Server::start(move |query, _| {
        let (skip, end) = (query.number("skip"), query.number("skip") + query.number("limit"));
        let fat = if (skip..end).contains(&7) { picture.as_str() } else { "" };
        let users: Vec<_> = (skip..end.min(20)).map(person).collect();
        let body = json!(users).to_string();
        (200, "Content-Type: application/json\r\n", format!("{body}{}", " ".repeat(fat.len())))
    })
    .await;
    let listing = server.list(1).await.unwrap();
    assert_eq!((listing.people.len(), listing.unreadable_rows), (19, 1));
}
