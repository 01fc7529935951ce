//! The embedded signaling server and player page, on one port: a link to open is all a viewer needs.
//!
//! `hub` (all sessions as a state machine; pure) · `face` (each WebSocket protocol; pure) · `wire` (JSON; pure) · `room` ·
//! `gate` and `token` (who may come in) · `http`, `ws`, `page` (what is served; `/status` too) · `app` (what they share) · `listen`, `socket`
//! and `tls` (the port).

mod app;
mod face;
mod gate;
mod http;
mod hub;
mod listen;
mod page;
mod room;
mod socket;
mod tls;
mod token;
mod wire;
mod ws;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::config::ServerConfig;
use crate::signaling::{SignalCommand, SignalEvent};
use crate::stats::Counters;

use app::App;
pub use app::Figures;
use gate::Gate;
use listen::Listener;
pub use tls::TlsError;
use token::Token;

/// How often silent sessions are looked for.
const EXPIRE_EVERY: Duration = Duration::from_secs(1);
/// How long open requests may take to end when the server stops.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("server.address = {0:?} is not an IP address and port, like 127.0.0.1:8080")]
    Address(String),
    #[error(
        "port {port} on {ip} is used by another program: choose another one in server.address, or 0 for any free one"
    )]
    PortBusy { port: u16, ip: IpAddr },
    #[error("cannot listen on {address}: {source}")]
    Bind { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the system has no random numbers for a token: {0}")]
    Random(getrandom::Error),
}

/// A running server. Dropping it stops it at once; [`Running::stop`] lets open requests end.
pub struct Running {
    /// Where it listens, with the real port.
    pub address: SocketAddr,
    /// What a viewer opens; holds the token, so it is for the host's eyes only.
    pub link: String,
    app: Arc<App>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Tells whether somebody has signed in to the call protocol under a name, `/room/<name>/` included.
    pub fn users(&self) -> Arc<dyn Fn(&str) -> bool + Send + Sync> {
        let app = Arc::downgrade(&self.app);
        Arc::new(move |user: &str| app.upgrade().is_some_and(|app| app.hub(|hub, _| hub.has_user(user))))
    }

    /// Closes the port, tells WebSockets and long polls, and waits for them, 2 s at most.
    pub async fn stop(mut self) {
        self.app.stopping.send_replace(true);
        let tasks = std::mem::take(&mut self.tasks);
        let handles: Vec<_> = tasks.iter().map(JoinHandle::abort_handle).collect();
        let all = async {
            for task in tasks {
                let _ = task.await;
            }
            self.app.stopping.closed().await;
        };
        if timeout(STOP_LIMIT, all).await.is_err() {
            tracing::debug!("open requests were cut off");
            handles.iter().for_each(tokio::task::AbortHandle::abort);
        }
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.app.stopping.send_replace(true);
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Starts the server on the current tokio runtime. Browsers become `events`, in order and with `Ready` first; `commands`
/// go to the browsers they name. `figures` gives the statistics for `GET /metrics` and `GET /status.json` and must be quick.
///
/// Over TLS if the configuration has a certificate. A token is demanded if the configuration has one or the address is not a loopback one; in the second case it is made
/// here if need be, and is in [`Running::link`].
pub async fn serve(
    config: &ServerConfig,
    events: mpsc::Sender<SignalEvent>,
    commands: mpsc::Receiver<SignalCommand>,
    counters: Counters,
    figures: Figures,
) -> Result<Running, ServerError> {
    let address: SocketAddr = config.address.parse().map_err(|_| ServerError::Address(config.address.clone()))?;
    let token = match config.token.as_str() {
        "" if address.ip().is_loopback() => None,
        "" => Some(Token::generate().map_err(ServerError::Random)?),
        text => Some(Token::new(text)),
    };
    let acceptor = tls::acceptor(config)?;
    let secure = acceptor.is_some();
    let listener = Listener::bind(address, acceptor, config, counters.signaling_errors.clone()).await?;
    let address =
        axum::serve::Listener::local_addr(&listener).map_err(|source| ServerError::Bind { address, source })?;
    let link = listen::link(address, token.as_ref(), secure);
    let app = Arc::new(App::new(Gate::new(token, address.port(), secure), config.clone(), counters, figures));
    let description = format!("embedded server on {address}: Unity Render Streaming protocol 5d, relay, call");
    let _ = app.hub(|hub, _| hub.tell(SignalEvent::Ready { description }));

    let router = axum::Router::new().fallback(http::handle).with_state(app.clone());
    let service = router.into_make_service_with_connect_info::<listen::From>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stopped(app.clone()));
    let tasks = vec![
        tokio::spawn(async move {
            let _ = serving.await;
        }),
        tokio::spawn(pump_events(app.clone(), events)),
        tokio::spawn(pump_commands(app.clone(), commands)),
        tokio::spawn(expire(app.clone())),
    ];
    Ok(Running { address, link, app, tasks })
}

async fn stopped(app: Arc<App>) {
    app.stopped().await;
}

async fn pump_events(app: Arc<App>, events: mpsc::Sender<SignalEvent>) {
    let pump = async {
        // Room first: what is taken from the hub can no longer be merged or voided.
        while let Ok(room) = events.reserve().await {
            let event = loop {
                match app.hub(|hub, _| hub.poll_event()) {
                    Some(event) => break event,
                    None => app.events_ready.notified().await,
                }
            };
            room.send(event);
        }
    };
    tokio::select! {
        () = pump => {}
        () = app.stopped() => {}
    }
}

async fn pump_commands(app: Arc<App>, mut commands: mpsc::Receiver<SignalCommand>) {
    let pump = async {
        while let Some(command) = commands.recv().await {
            app.hub(|hub, now| hub.handle_command(command, now));
        }
    };
    tokio::select! {
        () = pump => {}
        () = app.stopped() => {}
    }
}

async fn expire(app: Arc<App>) {
    let mut tick = interval(EXPIRE_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stopped = app.stopped();
    tokio::pin!(stopped);
    loop {
        let wait = app.hub(|hub, now| hub.send_invites(now).map(|at| Duration::from_millis(at.saturating_sub(now))));
        tokio::select! {
            _ = tick.tick() => app.hub(|hub, now| hub.expire(now)),
            () = sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            () = app.invites_ready.notified() => {}
            () = &mut stopped => return,
        }
    }
}
