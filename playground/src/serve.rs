//! The page, served to browsers on this machine.

use crate::site::Site;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// Nothing but what came with the page is loaded or asked, whatever the page says.
const POLICY: &str = "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval'; worker-src blob:; \
                      style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'";

/// Serves until the process is ended.
pub(crate) fn serve(site: &Site, port: u16) -> Result<(), String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        format!("cannot serve on port {port}: {error}\n  = help: `--port N` takes another one")
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("http://{address}/");
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            // Who does not ask is not waited for, and who hangs up is nobody's error.
            scope.spawn(move || drop(answer(site, stream)));
        }
    });
    Ok(())
}

fn answer(site: &Site, mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut request = String::new();
    let mut reader = BufReader::new(&stream).take(16_384);
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    stream.write_all(&response(site, &request))
}

/// The answer to the first line of a request.
fn response(site: &Site, request: &str) -> Vec<u8> {
    let mut words = request.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let name = path.strip_prefix('/').and_then(|path| path.split('?').next());
    let (status, content, kind) = match (method, name.and_then(|name| site.file(name))) {
        ("GET" | "HEAD", Some((content, kind))) => ("200 OK", content, kind),
        ("GET" | "HEAD", None) => ("404 Not Found", &b"there is no such file"[..], "text/plain"),
        _ => ("405 Method Not Allowed", &b"this server only answers GET"[..], "text/plain"),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: {POLICY}\r\n\r\n",
        content.len()
    );
    let mut response = head.into_bytes();
    if method != "HEAD" {
        response.extend_from_slice(content);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::response;
    use crate::site::Site;

    #[test]
    fn the_page_and_nothing_else_is_served() {
        let site = Site::of(b"").unwrap();
        let answer = |request: &str| String::from_utf8(response(&site, request)).unwrap();
        assert!(answer("GET / HTTP/1.1\r\n").contains("<!doctype html>"));
        assert!(answer("GET /page.css?now HTTP/1.1\r\n").starts_with("HTTP/1.1 200"));
        assert!(answer("HEAD / HTTP/1.1\r\n").ends_with("\r\n\r\n"));
        assert!(answer("GET /../Cargo.toml HTTP/1.1\r\n").starts_with("HTTP/1.1 404"));
        assert!(answer("POST / HTTP/1.1\r\n").starts_with("HTTP/1.1 405"));
        assert!(answer("\r\n").starts_with("HTTP/1.1 405"));
    }
}
