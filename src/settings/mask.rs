//! URLs that may be shown.

/// Hides a user name and password inside a URL, also in one that is malformed or, as proxies may be given, has no
/// scheme; any other text is left as it is.
pub fn mask_url(text: &str) -> String {
    match reqwest::Url::parse(text) {
        Ok(mut url) if url.password().is_some() || !url.username().is_empty() => {
            let _ = url.set_username("****");
            let _ = url.set_password(None);
            // As it was written: a URL without a path gets a slash from the parser.
            let shown = url.to_string();
            if text.ends_with('/') { shown } else { shown.trim_end_matches('/').to_owned() }
        }
        Ok(url) if url.has_host() => text.to_owned(),
        _ => {
            let start = text.find("://").map_or(0, |at| at + 3);
            let user = text[start..].rfind('@').map(|at| &text[start..start + at]);
            // An e-mail has no colon; a path is no URL.
            match user.filter(|user| user.contains(':') && !text.starts_with(['/', '.'])) {
                Some(user) => format!("{}****{}", &text[..start], &text[start + user.len()..]),
                None => text.to_owned(),
            }
        }
    }
}
