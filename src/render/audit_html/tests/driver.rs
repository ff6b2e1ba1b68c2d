//! A browser that a test drives: Chromium, by the WebDriver protocol of its chromedriver.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// How WebDriver calls an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub(super) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// A browser without a window, that can resolve no name.
    pub(super) fn start() -> Self {
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut driver = started.unwrap_or_else(|error| panic!("chromedriver: {error}; Debian: chromium-driver"));
        let said = "started successfully on port ";
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once(said)?;
            port.trim_end_matches('.').parse().ok()
        });
        let mut browser = Self { driver, port: port.unwrap(), session: String::new() };
        let mut args = vec![
            "--headless=new",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
        ];
        if rustix::process::geteuid().is_root() {
            args.push("--no-sandbox");
        }
        let wanted = json!({"goog:chromeOptions": {"args": args}, "goog:loggingPrefs": {"performance": "ALL"}});
        let session = browser.post("/session", &json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        browser
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        // It keeps the connection open, whatever it is asked.
        let mut answer = BufReader::new(stream);
        let (mut line, mut length) = (String::new(), 0);
        while answer.read_line(&mut line)? > 2 {
            if let Some((_, number)) = line.to_ascii_lowercase().split_once("content-length:") {
                length = number.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body)?;
        Ok(serde_json::from_slice::<Value>(&body)?["value"].take())
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let value = self.ask("POST", path, &body.to_string()).unwrap();
        assert!(value["error"].is_null(), "{path} {body}: {value:#}");
        value
    }

    /// Loads a file.
    pub(super) fn open(&self, file: &Path) {
        self.post(&format!("{}/url", self.session), &json!({"url": format!("file://{}", file.display())}));
    }

    /// Runs a script, and what it returns.
    pub(super) fn run(&self, script: &str) -> Value {
        self.post(&format!("{}/execute/sync", self.session), &json!({"script": script, "args": []}))
    }

    /// A command of the browser's own.
    pub(super) fn command(&self, name: &str, parameters: &Value) -> Value {
        self.post(&format!("{}/goog/cdp/execute", self.session), &json!({"cmd": name, "params": parameters}))
    }

    fn element(&self, css: &str) -> String {
        let found = self.post(&format!("{}/element", self.session), &json!({"using": "css selector", "value": css}));
        format!("{}/element/{}", self.session, found[ELEMENT].as_str().unwrap())
    }

    /// Clicks, as with a mouse.
    pub(super) fn click(&self, css: &str) {
        self.post(&format!("{}/click", self.element(css)), &json!({}));
    }

    /// Types, as on a keyboard, with the element in focus.
    pub(super) fn type_into(&self, css: &str, keys: &str) {
        self.post(&format!("{}/value", self.element(css)), &json!({"text": keys}));
    }

    /// The addresses that the pages since the last call asked for.
    pub(super) fn requests(&self) -> Vec<String> {
        let log = self.post(&format!("{}/se/log", self.session), &json!({"type": "performance"}));
        let entries =
            log.as_array().unwrap().iter().map(|entry| {
                serde_json::from_str::<Value>(entry["message"].as_str().unwrap()).unwrap()["message"].take()
            });
        let sent = entries.filter(|entry| entry["method"] == "Network.requestWillBeSent");
        sent.map(|entry| entry["params"]["request"]["url"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; killing the driver alone would leave it running.
        let _ = self.ask("DELETE", &self.session, "");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
