//! `waterlog serve`: the layers over HTTP, reports in, until told to stop.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::{info, warn};

use super::clock::{self, Times};
use super::{Rule, criteria, text};
use crate::config::{Clock, OUTBOX_DAYS};
use crate::error::{Error, Result, invalid};
use crate::hazard::analysis::USUAL_CATEGORY;
use crate::hazard::category::Category;
use crate::hazard::settings::Settings;
use crate::hazard::time;
use crate::http::{self, App, Base, Provider, SenderLimits, app};
use crate::live::Live;

/// Requests that are under way when told to stop have this long.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Serves the layers and takes reports.
#[derive(Debug, clap::Args)]
#[command(after_long_help = Settings::manual())]
pub struct Args {
    /// Address and port; port 0 takes a free one.
    #[arg(long, env = "WATERLOG_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Start the clock here instead of now, for data of the past; RFC 3339. What an odd start will do to the map is said
    /// in the log.
    #[arg(long, value_name = "RFC3339", env = "WATERLOG_CLOCK")]
    pub clock: Option<String>,
    /// The address callers reach it at, where a proxy stands before it; else links go to the host that was asked.
    #[arg(long, value_name = "URL", env = "WATERLOG_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// What is drawn under the map: a GeoJSON feature collection, such as the city's districts. What lies in none of its
    /// polygons is water.
    #[arg(long, value_name = "FILE", env = "WATERLOG_BASE")]
    pub base: Option<PathBuf>,
    /// A folder of further definitions of a flooding spot (*.toml), which hotspots can be judged by.
    #[arg(long, value_name = "DIR", env = "WATERLOG_CRITERIA")]
    pub criteria: Option<PathBuf>,
    /// Take whoever asks for whom the headers Actor-Role, Actor-Unit and Actor-Person say: for trials, and behind a proxy
    /// that has checked and sets them itself. Without it people have accounts (waterlog user), and the first start makes
    /// one administrator and says how to log in.
    #[arg(long, env = "WATERLOG_TRUST_ACTORS")]
    pub trust_actors: bool,
    /// The jurisdiction_id that Open311 is served for, such as city.example; another is then not found. Without it any
    /// is taken, for there is only one.
    #[arg(long, value_name = "ID", env = "WATERLOG_JURISDICTION")]
    pub jurisdiction: Option<String>,
    /// How developers of Open311 programs reach whoever runs the service, in words.
    #[arg(long, value_name = "TEXT", env = "WATERLOG_CONTACT")]
    pub contact: Option<String>,
    /// How much one sender may send before he is told to wait, instead of our own limits: a file like data/senders.toml.
    #[arg(long, value_name = "FILE", env = "WATERLOG_SENDERS")]
    pub senders: Option<PathBuf>,
    /// Days for which the outbox keeps a message to a reporter, sent or not; older ones are deleted, at the start and every
    /// hour. What was done with a case stays in its history.
    #[arg(long, value_name = "DAYS", env = "WATERLOG_OUTBOX_DAYS", default_value_t = OUTBOX_DAYS,
        value_parser = clap::value_parser!(u16).range(1..=3_660))]
    pub outbox_days: u16,
    #[command(flatten)]
    pub rule: Rule,
}

pub fn run(data: &Path, args: &Args) -> Result<()> {
    let settings = args.rule.settings()?;
    let clock = match &args.clock {
        Some(text) => Clock::starting_at(time::rfc3339(text).map_err(|reason| invalid("--clock", text, reason))?),
        None => Clock::system(),
    };
    let public_url = args.public_url.as_deref().map(str::parse).transpose()?;
    let base = args.base.as_deref().map_or_else(|| Ok(Base::none()), Base::open)?;
    let criteria = criteria::known(args.criteria.as_deref())?;
    let state = App::new(clock, &settings, base).reached_at(public_url).judging_by(criteria);
    let provider = Provider { jurisdiction: args.jurisdiction.clone(), contact: args.contact.clone() };
    let senders = args.senders.as_deref().map(|path| SenderLimits::read(&path.display().to_string(), &text(path)?));
    let state = state.trusting_actors(args.trust_actors).provided_by(provider);
    let state = state.limiting_senders(senders.transpose()?.unwrap_or_default());
    let state = state.keeping_messages_days(args.outbox_days);
    let (ending, trusts) = (settings.limits.calendar.ending(clock.now()), args.trust_actors);
    let is_https = args.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    run_with(data, &args.listen, state, settings, |live, address| {
        ending.iter().for_each(|ending| warn!("{ending}"));
        if trusts {
            warn!("whoever asks is taken for whom he says he is: only a proxy that checks may reach this service");
        } else {
            first_administrator(live);
        }
        if !address.ip().is_loopback() && !is_https {
            warn!(
                "passwords would travel in the clear: put a proxy with https before it, and say --public-url https://…"
            );
        }
    })
}

/// Where nobody has an account yet, there is one from now on; how to log in is told once, on the terminal and not in the
/// log.
fn first_administrator(live: &Live) {
    match live.people().first_administrator(Clock::system().now()) {
        Ok(None) => {}
        Ok(Some((login, password))) => eprintln!(
            "nobody had an account: log in as {login} with the password {password}\n\
             it is not shown again; change it: waterlog user password {login}"
        ),
        Err(error) => warn!("nobody has an account, and none could be made: {error}"),
    }
}

/// Serves, and calls `begun` once the map can be seen at an address.
pub(super) fn run_with(
    data: &Path,
    listen: &str,
    state: App,
    settings: Settings,
    begun: impl FnOnce(&Live, SocketAddr),
) -> Result<()> {
    logs();
    as_many_files_as_may_be();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Error::Store(format!("the service cannot be started: {e}")))?;
    let outcome = runtime.block_on(serve(data.to_owned(), listen, state, settings, begun));
    // Whatever still writes an answer nobody waits for is left behind.
    runtime.shutdown_background();
    outcome
}

/// Every connection is a file of the process, and systems give a program a thousand of them unless it asks for more.
fn as_many_files_as_may_be() {
    let limit = getrlimit(Resource::Nofile);
    // Where that is refused, there are fewer connections at once.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

fn logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("WATERLOG_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // A second start in one process, as in tests, keeps the first one's logs.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_writer(std::io::stderr).try_init();
}

async fn serve(
    data: PathBuf,
    listen: &str,
    state: App,
    settings: Settings,
    begun: impl FnOnce(&Live, SocketAddr),
) -> Result<()> {
    // The address first: whoever waits for it can be told that the log is still being read.
    let listener = bind(listen).await?;
    let stop = stop_signal()?;
    let address = listener.local_addr().map_err(|e| Error::Store(format!("{listen}: {e}")))?;
    eprintln!("waterlog listens on http://{address}");
    let opening = tokio::task::spawn_blocking(move || Live::open(&data, settings));
    let until = stopped(stop.clone());
    let server = tokio::spawn(http::serve(listener, app(state.clone()), until));
    let live = tokio::select! {
        opened = opening => opened.map_err(|e| Error::Store(format!("the log could not be read: {e}")))??,
        () = stopped(stop.clone()) => return Ok(()),
    };
    state.ready(live.clone());
    info!("ready: the map stands at log position {}", *live.watch().borrow());
    for remark in clock_remarks(&state, &live) {
        warn!("{remark}");
    }
    begun(&live, address);
    tokio::spawn(http::forget_messages(state.clone()));
    stopped(stop.clone()).await;
    state.stop();
    info!("stopping: requests under way are finished, new ones are refused");
    match tokio::time::timeout(STOP_WITHIN, server).await {
        Ok(_) => {}
        Err(_) => warn!("some connections did not end within {} s and are cut", STOP_WITHIN.as_secs()),
    }
    let closed = tokio::task::spawn_blocking(move || live.close()).await;
    closed.map_err(|e| Error::Store(format!("the queue could not be drained: {e}")))?;
    info!("stopped: every report that was acknowledged is on disk");
    Ok(())
}

/// What the clock will do to the log that it meets; an empty one takes any.
fn clock_remarks(state: &App, live: &Live) -> Vec<String> {
    let usual = Category::named(USUAL_CATEGORY).ok();
    let known = live.read(|map| Some((map.since()?, map.as_of(), map.rule(usual?).window_s)));
    let Some((_, newest, window_s)) = known else { return Vec::new() };
    clock::remarks(Times { clock: state.now(), machine: Clock::system().now(), newest, window_s })
}

async fn bind(listen: &str) -> Result<TcpListener> {
    TcpListener::bind(listen).await.map_err(|e| {
        let reason = match e.kind() {
            ErrorKind::AddrInUse => "another program listens there already; stop it or take another port".to_owned(),
            ErrorKind::InvalidInput => "not an address and port like 127.0.0.1:8080".to_owned(),
            _ => format!("cannot listen there: {e}"),
        };
        invalid("--listen", listen, reason)
    })
}

/// Turns true at the first SIGTERM or SIGINT.
pub(super) fn stop_signal() -> Result<watch::Receiver<bool>> {
    let on = |kind| signal(kind).map_err(|e| Error::Store(format!("signals cannot be heard: {e}")));
    let (mut terminate, mut interrupt) = (on(SignalKind::terminate())?, on(SignalKind::interrupt())?);
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tell.send_replace(true);
    });
    Ok(told)
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A sender that is gone has said its word.
    let _ = stop.wait_for(|told| *told).await;
}
