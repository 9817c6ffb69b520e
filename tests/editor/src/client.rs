//! rust-analyzer, spoken to over its protocol.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A crate has to be loaded, and its macros built.
const LOADING: Duration = Duration::from_secs(280);
const ANSWER: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    server: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
}

impl Client {
    /// Starts it in a folder, and waits until it knows the crate there.
    pub(crate) fn start(folder: &str) -> Result<Client, String> {
        let mut server = Command::new("rust-analyzer")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("rust-analyzer cannot be run: {error}"))?;
        let (Some(input), Some(output)) = (server.stdin.take(), server.stdout.take()) else {
            return Err("rust-analyzer has no input and output".to_owned());
        };
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut client = Client { server, input, messages, last: 0 };
        let root = format!("file://{folder}");
        client.ask(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": root,
                "workspaceFolders": [{"uri": root, "name": "crate"}],
                "capabilities": {
                    "experimental": {"serverStatusNotification": true},
                    "textDocument": {
                        "hover": {"contentFormat": ["markdown"]},
                        "completion": {"completionItem": {"snippetSupport": false}},
                    },
                },
                "initializationOptions": {
                    "checkOnSave": false,
                    "cargo": {"buildScripts": {"enable": true}},
                    "procMacro": {"enable": true, "attributes": {"enable": true}},
                },
            }),
        )?;
        client.tell("initialized", &json!({}))?;
        client.wait_until_quiet()?;
        Ok(client)
    }

    fn send(&mut self, message: &Value) -> Result<(), String> {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush())
            .map_err(|error| format!("rust-analyzer does not listen: {error}"))
    }

    pub(crate) fn tell(&mut self, method: &str, params: &Value) -> Result<(), String> {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    /// The answer to a question. What the server asks meanwhile has no answer that matters.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        self.last += 1;
        let id = self.last;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        let end = Instant::now() + ANSWER;
        loop {
            let message = self.next(end, method)?;
            if message["id"] == id && message.get("method").is_none() {
                return match message.get("error") {
                    Some(error) => Err(format!("{method}: {error}")),
                    None => Ok(message["result"].clone()),
                };
            }
        }
    }

    fn next(&mut self, end: Instant, what: &str) -> Result<Value, String> {
        let message = match self.messages.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return Err(format!("{what}: no answer in time")),
            Err(RecvTimeoutError::Disconnected) => return Err(format!("{what}: rust-analyzer has ended")),
        };
        if let (Some(_), Some(id)) = (message.get("method"), message.get("id")) {
            let answer = json!({"jsonrpc": "2.0", "id": id, "result": null});
            self.send(&answer)?;
        }
        Ok(message)
    }

    fn wait_until_quiet(&mut self) -> Result<(), String> {
        let end = Instant::now() + LOADING;
        loop {
            let message = self.next(end, "loading the crate")?;
            if message["method"] == "experimental/serverStatus" && message["params"]["quiescent"] == true {
                if message["params"]["health"] == "error" {
                    return Err(format!("the crate is not loaded: {}", message["params"]["message"]));
                }
                return Ok(());
            }
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.ask("shutdown", &Value::Null));
        drop(self.tell("exit", &Value::Null));
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// The next message: lines with its length, and it.
fn read(output: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(number) = line.strip_prefix("Content-Length:") {
            length = number.trim().parse().ok()?;
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
