//! The page in a real browser. Ignored where all tests are run, since not every machine has one; `.ci/run` sees to it.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::driver::Browser;
use crate::audit::report::Audit;
use crate::audit::sample;
use crate::render::audit_html;

const ENTER: &str = "\u{e007}";

fn page(folder: &tempfile::TempDir, audit: &Audit) -> PathBuf {
    let file = folder.path().join("audit.html");
    std::fs::write(&file, audit_html(audit)).unwrap();
    file
}

/// The texts of a column of the groups, from the top.
fn column(browser: &Browser, number: usize) -> Vec<String> {
    let cells = browser.run(&format!(
        "return [...document.querySelectorAll('#groups > tbody > tr:first-child > :nth-child({number})')].map(e => e.dataset.key)"
    ));
    serde_json::from_value(cells).unwrap()
}

fn assert_sorted(browser: &Browser, number: usize, order: &str) {
    let header = browser.run(&format!(
        "return [...document.querySelectorAll('#groups > thead th')].map(e => e.ariaSort)[{}]",
        number - 1
    ));
    assert_eq!(header, order);
    let shown = column(browser, number);
    let mut counts: Vec<usize> = shown.iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(counts.len(), sample::audit().groups.len());
    if order == "descending" {
        counts.reverse();
    }
    assert!(counts.is_sorted(), "{shown:?}");
}

#[test]
#[ignore = "needs chromedriver"]
fn sorts_by_mouse_and_by_keyboard() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start();
    browser.open(&page(&folder, &sample::audit()));
    assert_sorted(&browser, 1, "descending");
    let people = "#groups > thead th:nth-child(4) button";
    browser.click(people);
    assert_sorted(&browser, 4, "descending");
    browser.type_into(people, ENTER);
    assert_sorted(&browser, 4, "ascending");
    assert_eq!(browser.run("return document.querySelectorAll('[aria-sort]').length"), 1);
    browser.click("#groups > thead th:nth-child(2) button");
    let titles = column(&browser, 2);
    assert!(titles.is_sorted_by_key(|title| title.to_lowercase()), "{titles:?}");
    // What is folded away goes with its group.
    let together = browser.run(
        "return [...document.querySelectorAll('#groups > tbody')].every(e => e.textContent.includes(e.id.slice(8) + '-0@'))",
    );
    assert_eq!(together, true);
}

#[test]
#[ignore = "needs chromedriver"]
fn asks_for_nothing_and_runs_nothing_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start();
    let elements = "return document.querySelectorAll('*').length";
    let harmless = page(&folder, &sample::hostile("x"));
    browser.open(&harmless);
    let expected = browser.run(elements);
    for text in [
        "\"><script>alert(1)</script>",
        "'><img src=http://uni.example/x onerror=alert(1)>",
        "</style></script><svg/onload=alert(1)>",
        "<!--",
        "&lt;script&gt;\u{202e}\u{1b}[31m",
    ] {
        let file = page(&folder, &sample::hostile(text));
        browser.open(&file);
        assert_eq!(browser.run(elements), expected, "{text}");
        let shown = browser.run("return document.querySelector('.mail').textContent");
        assert_eq!(shown, crate::render::clean(text));
    }
    let url = format!("file://{}", harmless.display());
    assert_eq!(browser.requests(), vec![url; 6]);
    // Were there a way in, the policy would still stop it.
    let got_in = browser.run(
        "const script = document.createElement('script'); script.textContent = 'window.gotIn = true';
         document.body.append(script);
         document.body.insertAdjacentHTML('beforeend', '<p onclick=\"window.gotIn = true\" style=\"color: red\">x</p>');
         document.body.lastChild.click();
         return [window.gotIn ?? null, getComputedStyle(document.body.lastChild).color === 'rgb(255, 0, 0)']",
    );
    assert_eq!(got_in, json!([null, false]));
}

#[test]
#[ignore = "needs chromedriver"]
fn reads_without_javascript() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start();
    browser.command("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.open(&page(&folder, &sample::audit()));
    let tree = browser.command("Accessibility.getFullAXTree", &json!({}));
    let names: Vec<_> = tree["nodes"].as_array().unwrap().iter().map(|node| &node["name"]["value"]).collect();
    let says = |text: &str| names.iter().any(|name| name.as_str().is_some_and(|name| name.contains(text)));
    assert!(
        says("482 of 4377 people") && says("The user exists in Open WebUI") && says("ada@uni.example"),
        "{names:?}"
    );
    assert!(!says("Open all"), "JavaScript was on");
    // What is folded away opens.
    assert!(!says("lamb-auth sync --apply"));
    let document = browser.command("DOM.getDocument", &json!({}));
    let summary = json!({"nodeId": document["root"]["nodeId"], "selector": "#groups summary"});
    let summary = browser.command("DOM.querySelector", &summary);
    browser.command("DOM.focus", &json!({"nodeId": summary["nodeId"]}));
    for kind in ["keyDown", "keyUp"] {
        let key = json!({"type": kind, "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13});
        browser.command("Input.dispatchKeyEvent", &key);
    }
    let tree = browser.command("Accessibility.getFullAXTree", &json!({}));
    assert!(tree.to_string().contains("lamb-auth sync --apply"));
}

/// Texts that do not stand out enough from what is behind them: WCAG 2.2 asks for 4.5 to 1.
const FAINT: &str = "
    document.querySelectorAll('details').forEach(e => { e.open = true; });
    const numbers = color => color.match(/[\\d.]+/g).map(Number);
    const light = color => {
      const [r, g, b] = numbers(color).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = e => {
      for (; e; e = e.parentElement) {
        const color = getComputedStyle(e).backgroundColor;
        if (numbers(color)[3] !== 0) return color;
      }
      return 'rgb(255, 255, 255)';
    };
    const faint = [];
    let looked = 0;
    for (const e of document.body.querySelectorAll('*')) {
      if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
      looked += 1;
      const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((a, b) => b - a);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) faint.push([e.outerHTML.slice(0, 80), ratio]);
    }
    return {faint, looked, paper: getComputedStyle(document.body).backgroundColor};";

#[test]
#[ignore = "needs chromedriver"]
fn stands_out_in_the_light_in_the_dark_and_on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start();
    browser.open(&page(&folder, &sample::audit()));
    let mut papers = Vec::new();
    for (media, scheme) in [("screen", "light"), ("screen", "dark"), ("print", "light"), ("print", "dark")] {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        browser.command("Emulation.setEmulatedMedia", &json!({"media": media, "features": features}));
        let looked = browser.run(FAINT);
        assert_eq!(looked["faint"], json!([]), "{media} {scheme}");
        assert!(looked["looked"].as_u64().unwrap() > 200, "{looked}");
        papers.push(looked["paper"].clone());
    }
    let white = Value::from("rgb(255, 255, 255)");
    assert_eq!([&papers[0], &papers[2], &papers[3]], [&white; 3]);
    assert_ne!(papers[1], white);
}

#[test]
#[ignore = "needs chromedriver"]
fn everything_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start();
    browser.open(&page(&folder, &sample::audit()));
    // What is seen is known once it is painted.
    let seen = "const mails = [...document.querySelectorAll('#groups > tbody .mail')];
        const painted = () => new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)));
        return painted().then(() => mails.length > 0 && mails.every(e => e.checkVisibility()))";
    assert_eq!(browser.run(seen), false);
    // Without the script's doing, and with it.
    browser.command("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    assert_eq!(browser.run(seen), true);
    browser.command("Emulation.setEmulatedMedia", &json!({"media": "screen"}));
    browser.run("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(browser.run(seen), true);
    browser.run("dispatchEvent(new Event('afterprint'))");
    assert_eq!(browser.run(seen), false);
}

#[test]
#[ignore = "needs chromedriver"]
fn fits_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start();
    for audit in [sample::audit(), sample::hostile(&"long".repeat(100))] {
        browser.open(&page(&folder, &audit));
        for width in [320, 390, 768, 1920] {
            let metrics = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700});
            browser.command("Emulation.setDeviceMetricsOverride", &metrics);
            let beyond = browser.run(
                "document.querySelectorAll('details').forEach(e => { e.open = true; });
                 return document.documentElement.scrollWidth - document.documentElement.clientWidth",
            );
            assert_eq!(beyond, 0, "{width}");
        }
    }
}
