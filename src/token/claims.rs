//! Which claims the servers' library refuses, and how it reads times. Both servers decode with PyJWT. Each rule here was
//! measured with 2.10.1 (Open WebUI 0.5.6 and 0.6.43), 2.13.0 (0.12.4) and 2.15.1 (LAMB, which does not pin it).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// A header or a claim that the library refuses, whatever secret signed the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Refusal {
    /// What is wrong with it, as a sentence about the token.
    pub why: String,
    /// True where only newer versions of the library refuse it.
    pub newer_only: bool,
}

/// The first part of the token that the library refuses.
pub(super) fn refusal(header: &Value, claims: &Map<String, Value>) -> Option<Refusal> {
    always(header, claims)
        .map(|why| Refusal { why, newer_only: false })
        .or_else(|| newer(header).map(|why| Refusal { why, newer_only: true }))
}

fn always(header: &Value, claims: &Map<String, Value>) -> Option<String> {
    if header.get("b64") == Some(&Value::Bool(false)) {
        return Some("its header says b64 false: the payload would have to be sent apart from it".to_owned());
    }
    if let Some(name) = ["exp", "nbf", "iat"].into_iter().find(|name| claims.get(*name) == Some(&Value::Null)) {
        return Some(format!("its claim {name} is null, where the library wants a time or no such claim"));
    }
    // Neither server names itself as an audience, so every audience names another server.
    if let Some(aud) = claims.get("aud").filter(|aud| is_true(aud)) {
        return Some(format!("its claim aud names another program: {aud}"));
    }
    let not_text = |name: &&str| claims.get(*name).is_some_and(|value| !value.is_string());
    ["sub", "jti"].into_iter().find(not_text).map(|name| format!("its claim {name} is not text"))
}

fn newer(header: &Value) -> Option<String> {
    if header.get("kid").is_some_and(|kid| !kid.is_string()) {
        return Some("its header's kid is not text".to_owned());
    }
    let crit = header.get("crit")?;
    let knows_b64 = *crit == Value::from(vec!["b64"]) && header.get("b64").is_some();
    (!knows_b64).then(|| format!("its header demands extensions that the library does not have (crit {crit})"))
}

/// What Python calls true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// A claim of a time in whole seconds, as Python's `int()` reads it; where it cannot, what is wrong with the token.
pub(super) fn seconds(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, String> {
    let read = match claims.get(name) {
        None | Some(Value::Null) => return Ok(None),
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and so does a clock")]
        Some(Value::Number(n)) => n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)),
        Some(Value::String(text)) => int(text),
        // The number 1: as an end it lies in 1970, which says nothing about when the token was to end.
        Some(Value::Bool(value)) if name != "exp" => Some(i64::from(*value)),
        Some(_) => None,
    };
    read.map(Some).ok_or_else(|| format!("its claim {name} is not a time"))
}

/// Python's `int()` of a text: blanks around it, a sign, and single underscores between digits are fine.
fn int(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut value: i64 = 0;
    let groups = || digits.split('_');
    if groups().any(|group| group.is_empty() || !group.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    // Python converts no text of more digits.
    if groups().map(str::len).sum::<usize>() > 4300 {
        return None;
    }
    for digit in groups().flat_map(str::bytes) {
        value = value.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_claims_that_the_library_refuses_are_named() {
        let refused = |header: Value, value: Value| {
            refusal(&header, &claims(value)).map(|refusal| (refusal.why, refusal.newer_only))
        };
        let of = |value: Value| refused(json!({"alg": "HS256"}), value);
        for fine in [
            json!({}),
            json!({"aud": null}),
            json!({"aud": ""}),
            json!({"aud": []}),
            json!({"aud": {}}),
            json!({"aud": 0}),
            json!({"sub": "", "jti": ""}),
            json!({"iss": 5}),
        ] {
            assert_eq!(of(fine.clone()), None, "{fine}");
        }
        for (bad, word) in [
            (json!({"aud": "x"}), "aud"),
            (json!({"aud": ["x"]}), "aud"),
            (json!({"aud": 5}), "aud"),
            (json!({"sub": null}), "sub"),
            (json!({"sub": 2}), "sub"),
            (json!({"jti": ["x"]}), "jti"),
            (json!({"exp": null}), "exp"),
            (json!({"nbf": null}), "nbf"),
        ] {
            let (why, newer_only) = of(bad.clone()).unwrap();
            assert!(why.contains(word) && !newer_only, "{bad}: {why}");
        }
        for (header, newer_only) in [
            (json!({"b64": false}), Some(false)),
            (json!({"b64": true}), None),
            (json!({"b64": 0}), None),
            (json!({"crit": ["x"]}), Some(true)),
            (json!({"crit": ["b64"]}), Some(true)),
            (json!({"crit": []}), Some(true)),
            (json!({"crit": ["b64"], "b64": true}), None),
            (json!({"kid": 5}), Some(true)),
            (json!({"kid": "x"}), None),
            (json!({"typ": 5}), None),
        ] {
            assert_eq!(refused(header.clone(), json!({})).map(|found| found.1), newer_only, "{header}");
        }
    }

    #[test]
    fn times_are_read_as_python_reads_numbers() {
        let time = |value: Value| seconds(&claims(json!({"iat": value})), "iat");
        for (value, read) in [
            (json!(5), 5),
            (json!(-5), -5),
            (json!(5.9), 5),
            (json!(-5.9), -5),
            (json!("5"), 5),
            (json!(" +5\n"), 5),
            (json!("-5"), -5),
            (json!("1_000"), 1000),
            (json!(true), 1),
            (json!(1e300), i64::MAX),
            (json!("9".repeat(30)), i64::MAX),
        ] {
            assert_eq!(time(value.clone()), Ok(Some(read)), "{value}");
        }
        for value in
            [json!("5.5"), json!("abc"), json!(""), json!("1__0"), json!("_1"), json!([]), json!({}), json!("1e9")]
        {
            assert_eq!(time(value.clone()), Err("its claim iat is not a time".to_owned()), "{value}");
        }
        assert!(time(json!("9".repeat(5000))).is_err());
        assert!(seconds(&claims(json!({"exp": true})), "exp").is_err());
    }
}
