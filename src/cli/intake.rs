//! `waterlog intake`: what messages say, one a line; and what became of one.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::trace;
use crate::error::{Error, Result, invalid};
use crate::intake::names;
use crate::intake::text::{Gazetteer, Parser, Reading, Sent};

/// No message is longer.
const LONGEST_LINE_BYTES: u64 = 1 << 20;

/// Reads what people write.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Parse(Args),
    Trace(trace::Args),
}

/// Reads one message a line and prints one JSON object a line: its matters, the words and the confidence of each value,
/// and what to ask back. A line is a message as it is, or {"text", "sent_at", "zone"}.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Messages [default: standard input].
    file: Option<PathBuf>,
    /// Places with id, name and perhaps aliases (| between them): CSV, or points of GeoJSON.
    #[arg(long)]
    places: Option<PathBuf>,
    /// When messages were sent that do not say it: RFC 3339 with offset. Without it "10 minutes ago" stays empty.
    #[arg(long, value_name = "TIME")]
    sent_at: Option<String>,
    /// The writers' zone, such as Asia/Shanghai [default: the offset of sent_at].
    #[arg(long)]
    zone: Option<String>,
}

/// What stands where a line cannot be read.
#[derive(Serialize)]
struct Unread {
    #[serde(flatten)]
    nothing: Reading,
    error: String,
}

pub fn run(data: &Path, command: &Command) -> Result<()> {
    let args = match command {
        Command::Parse(args) => args,
        Command::Trace(args) => return trace::run(data, args),
    };
    let sent = Sent::new(args.sent_at.as_deref(), args.zone.as_deref())?;
    let gazetteer = args.places.as_deref().map_or_else(|| Ok(Gazetteer::default()), names::read)?;
    let parser = Parser::new(gazetteer);
    let Some(path) = &args.file else { return parse(&parser, &sent, "standard input", io::stdin().lock()) };
    let name = path.display().to_string();
    let file = File::open(path).map_err(|e| invalid("file", &name, format!("cannot be opened: {e}")))?;
    parse(&parser, &sent, &name, BufReader::new(file))
}

fn parse(parser: &Parser, sent: &Sent, file: &str, mut input: impl BufRead) -> Result<()> {
    let failed = |e: io::Error| Error::Store(format!("{file}: {e}"));
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut line, mut unread, mut text) = (0, 0, Vec::new());
    loop {
        text.clear();
        if input.by_ref().take(LONGEST_LINE_BYTES).read_until(b'\n', &mut text).map_err(failed)? == 0 {
            break;
        }
        line += 1;
        let reading = if text.len() as u64 == LONGEST_LINE_BYTES && text.last() != Some(&b'\n') {
            input.skip_until(b'\n').map_err(failed)?;
            Err(invalid("text", "", format!("longer than {LONGEST_LINE_BYTES} bytes")).at(file, line, 0))
        } else {
            parser.read_line(&text, sent, file, line)
        };
        let json = match reading {
            Ok(reading) => serde_json::to_string(&reading),
            Err(error) => {
                unread += 1;
                let error = error.to_string();
                eprintln!("{error}");
                serde_json::to_string(&Unread { nothing: Reading::default(), error })
            }
        };
        let json = json.map_err(|e| Error::Store(e.to_string()))?;
        match writeln!(out, "{json}") {
            // Who reads it has left.
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(failed)?,
        }
    }
    match out.flush() {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => return Err(failed(e)),
        _ => {}
    }
    if unread == 0 { Ok(()) } else { Err(invalid("file", file, format!("{unread} of {line} lines could not be read"))) }
}
