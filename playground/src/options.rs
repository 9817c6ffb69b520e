//! The command line.

use lexopt::prelude::*;
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Builds the compiler for the browser and serves the playground on this machine: type a function, watch its gradient being
made and used.

Usage: cargo run -p playground -- [OPTIONS]

Options:
  --out DIR   write the page into DIR instead: static files for any web server, or for a double click
  --port N    serve on this port [default: 8017]
  -h, --help  print this";

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) out: Option<PathBuf>,
    pub(crate) port: u16,
    pub(crate) help: bool,
}

impl Options {
    pub(crate) fn parse(mut args: lexopt::Parser) -> Result<Options, lexopt::Error> {
        let mut options = Options { out: None, port: 8017, help: false };
        while let Some(arg) = args.next()? {
            match arg {
                Long("out") => options.out = Some(args.value()?.into()),
                Long("port") => options.port = args.value()?.parse()?,
                Long("help") | Short('h') => options.help = true,
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn the_command_line_is_read() {
        let parse = |args: &[&str]| Options::parse(lexopt::Parser::from_args(args));
        let options = parse(&["--out", "there", "--port=9"]).unwrap();
        assert_eq!(options, Options { out: Some("there".into()), port: 9, help: false });
        assert!(parse(&["--port", "70000"]).is_err());
        assert!(parse(&["there"]).is_err());
    }
}
