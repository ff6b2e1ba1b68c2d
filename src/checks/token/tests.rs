use serde_json::json;

use super::*;
use crate::findings::{
    CLAIMS_REFUSED, EMAIL_MISSING, EXPIRED, MALFORMED, NOT_YET_VALID, OWI_USER_GONE, SHARED_SECRET_TRAP, WRONG_KIND,
    WRONG_SECRET,
};
use crate::owi::api::answers::SessionAnswer;
use crate::settings::NamedSecret;
use crate::token::inspect::Inspection;
use crate::token::mint;
use crate::token::presented::Presented;

const NOW: i64 = 1_800_000_000;

fn inspection_of(text: &str) -> Inspection {
    let secrets = [NamedSecret { name: "WEBUI_SECRET_KEY".into(), secret: "right".into() }];
    Inspection::of(&Presented::read(text), &secrets, None, NOW)
}

fn inspection(claims: &serde_json::Value, secret: &str) -> Inspection {
    inspection_of(mint::sign(claims, &secret.into()).unwrap().expose())
}

#[test]
fn form_is_judged_by_the_recipient() {
    let lamb = json!({"sub": "1", "email": "a@b"});
    let verdict = |text: &str, recipient| by_form(&inspection_of(text), recipient).map(|j| j.verdict);
    let token = mint::sign(&lamb, &"right".into()).unwrap();
    let (native, delegated) = (Recipient::Lamb(Edition::Native), Recipient::Lamb(Edition::Delegated));
    let table = [
        (token.expose().to_owned(), None, Some(Verdict::Refused(&WRONG_KIND)), Some(Verdict::Refused(&WRONG_KIND))),
        (
            "null".to_owned(),
            Some(Verdict::Refused(&WRONG_KIND)),
            Some(Verdict::Refused(&WRONG_KIND)),
            Some(Verdict::Refused(&WRONG_KIND)),
        ),
        (
            "sk-1".to_owned(),
            Some(Verdict::Refused(&WRONG_KIND)),
            Some(Verdict::Refused(&WRONG_KIND)),
            Some(Verdict::Refused(&WRONG_KIND)),
        ),
        (
            "a.b.c".to_owned(),
            Some(Verdict::Refused(&MALFORMED)),
            Some(Verdict::Refused(&MALFORMED)),
            Some(Verdict::Refused(&MALFORMED)),
        ),
        (
            "Basic abc".to_owned(),
            Some(Verdict::Refused(&WRONG_KIND)),
            Some(Verdict::Refused(&WRONG_KIND)),
            Some(Verdict::Refused(&WRONG_KIND)),
        ),
    ];
    for (text, in_native, in_delegated, in_owi) in table {
        let found = (verdict(&text, native), verdict(&text, delegated), verdict(&text, Recipient::OpenWebUi));
        assert_eq!(found, (in_native, in_delegated, in_owi), "{text}");
    }
    let owi = mint::sign(&json!({"id": "u"}), &"right".into()).unwrap();
    let (lower, doubled) = (format!("bearer {}", owi.expose()), format!("Bearer Bearer {}", owi.expose()));
    assert_eq!((verdict(&lower, native), verdict(&lower, delegated)), (None, Some(Verdict::Refused(&MALFORMED))));
    assert_eq!((verdict(&doubled, native), verdict(&doubled, delegated)), (Some(Verdict::Refused(&MALFORMED)), None));
}

#[test]
fn the_same_answer_means_expired_or_wrong_secret() {
    let verdict = |claims, secret, clock_ahead| {
        let answer = SessionAnswer::BadToken { clock_ahead };
        by_open_webui(&inspection(&claims, secret), &answer, &RowEvidence::Gone).verdict
    };
    assert_eq!(verdict(json!({"id": "u", "exp": NOW - 1}), "right", 0), Verdict::Refused(&EXPIRED));
    assert_eq!(verdict(json!({"id": "u", "exp": NOW + 1}), "other", 0), Verdict::Refused(&WRONG_SECRET));
    assert_eq!(verdict(json!({"id": "u"}), "right", 0), Verdict::Refused(&WRONG_SECRET));
    assert_eq!(verdict(json!({"id": "u", "nbf": NOW + 9}), "right", 0), Verdict::Refused(&NOT_YET_VALID));
    // The server's clock judges, not ours.
    assert_eq!(verdict(json!({"id": "u", "exp": NOW + 60}), "right", 90), Verdict::Refused(&EXPIRED));
    assert_eq!(verdict(json!({"id": "u", "iat": NOW - 60}), "right", -90), Verdict::Refused(&NOT_YET_VALID));
    assert_eq!(verdict(json!({"id": "u", "iat": NOW}), "other", -1), Verdict::Refused(&WRONG_SECRET));
}

#[test]
fn session_expired_means_that_the_row_could_not_be_had() {
    let token = inspection(&json!({"id": "u"}), "right");
    let verdict = |row| by_open_webui(&token, &SessionAnswer::RowNotHad, &row).verdict;
    assert_eq!(verdict(RowEvidence::Gone), Verdict::Refused(&OWI_USER_GONE));
    assert_eq!(verdict(RowEvidence::NotAtHand("no file".into())), Verdict::Refused(&OWI_USER_GONE));
}

#[test]
fn a_native_lamb_decodes_its_own_token_without_open_webui() {
    let verdict = |claims| by_native_lamb(&inspection(&claims, "right"), 0).verdict;
    assert_eq!(verdict(json!({"sub": "1", "email": "a@b"})), Verdict::Valid);
    assert_eq!(verdict(json!({"sub": "1", "email": "a@b", "exp": NOW - 5})), Verdict::Refused(&EXPIRED));
    assert_eq!(verdict(json!({"id": "u"})), Verdict::Refused(&SHARED_SECRET_TRAP));
    assert_eq!(verdict(json!({"sub": "1", "email": ""})), Verdict::Refused(&EMAIL_MISSING));
}

/// The library of both servers checks the signature first: only where a secret at hand fits are the claims to blame.
#[test]
fn claims_that_the_library_refuses_are_no_wrong_secret() {
    let refused = SessionAnswer::BadToken { clock_ahead: 0 };
    let verdict = |claims, secret| by_open_webui(&inspection(&claims, secret), &refused, &RowEvidence::Gone).verdict;
    for claims in [
        json!({"id": "u", "aud": "other"}),
        json!({"id": "u", "sub": 5}),
        json!({"id": "u", "jti": 5}),
        json!({"id": "u", "exp": null}),
    ] {
        assert_eq!(verdict(claims.clone(), "right"), Verdict::Refused(&CLAIMS_REFUSED), "{claims}");
        let native = json!({"sub": "1", "email": "a@b"});
        let mut native = native.as_object().unwrap().clone();
        native.extend(claims.as_object().unwrap().clone());
        let verdict = by_native_lamb(&inspection(&native.into(), "right"), 0).verdict;
        assert_eq!(verdict, Verdict::Refused(&CLAIMS_REFUSED), "{claims}");
    }
    assert_eq!(verdict(json!({"id": "u", "iss": 5, "aud": ""}), "right"), Verdict::Refused(&WRONG_SECRET));
}

#[test]
fn an_id_that_is_no_text_names_no_user() {
    for id in [json!(null), json!(5), json!(["u"])] {
        let verdict = by_form(&inspection(&json!({"id": id}), "right"), Recipient::OpenWebUi).unwrap();
        assert_eq!(verdict.verdict, Verdict::Refused(&WRONG_KIND));
        assert!(verdict.reason.contains("its claim id"), "{}", verdict.reason);
    }
}

/// Measured: Open WebUI reads damaged base64 that a LAMB with a newer library refuses.
#[test]
fn damaged_base64_is_judged_by_the_recipient() {
    let damaged = |claims: serde_json::Value| {
        let token = mint::sign(&claims, &"right".into()).unwrap();
        inspection_of(&format!("Bearer {}é", token.expose()))
    };
    let (owi, lamb) = (damaged(json!({"id": "u"})), damaged(json!({"sub": "1", "email": "a@b"})));
    assert!(by_form(&owi, Recipient::Lamb(Edition::Delegated)).is_none());
    let native = by_form(&lamb, Recipient::Lamb(Edition::Native)).unwrap();
    assert_eq!(native.verdict, Verdict::Refused(&MALFORMED));
    let refused = SessionAnswer::BadToken { clock_ahead: 0 };
    assert_eq!(by_open_webui(&owi, &refused, &RowEvidence::Gone).verdict, Verdict::Refused(&MALFORMED));
}

/// A native LAMB judges by its own clock.
#[test]
fn times_are_judged_by_the_clock_of_the_server() {
    let verdict = |claims, ahead| by_native_lamb(&inspection(&claims, "right"), ahead).verdict;
    let token = json!({"sub": "1", "email": "a@b", "iat": NOW + 3600, "exp": NOW + 7200});
    assert_eq!(verdict(token.clone(), 0), Verdict::Refused(&NOT_YET_VALID));
    assert_eq!(verdict(token.clone(), 3600), Verdict::Valid);
    // The Date header of a server whose clock is exactly an hour ahead tells up to two seconds less (measured): a token
    // that this server has just made is no token of the future.
    assert_eq!(verdict(token.clone(), 3598), Verdict::Valid);
    assert_eq!(verdict(token.clone(), 3590), Verdict::Refused(&NOT_YET_VALID));
    assert_eq!(verdict(token, 7200), Verdict::Refused(&EXPIRED));
}
